"""Chooses how a device is reached: one that was found, or by its address."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QListWidget, QWidget

from pos_app.devices.find import Found
from pos_app.devices.receipt_printer import check_setting
from pos_app.errors import Refused
from ui.style.theme import px
from ui.widgets.basic import caption, label
from ui.widgets.fields import Choice
from ui.widgets.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Way:
    """A way to reach a device: how its setting starts, what it is called, and what has to be typed, if anything."""

    start: str
    name: str
    asks: str = ""
    example: str = ""


PRINTER_KINDS = (
    Way("none", "No printer: receipts are kept as files"),
    Way("simulated", "Simulated: drawn on the screen"),
    Way("tcp:", "On the network", "Address and port", "192.0.2.21:9100"),
    Way("usb:", "On USB", "Vendor and product", "04b8:0e15"),
    Way("serial:", "On a serial line", "Line", "/dev/ttyS0 or COM3"),
    Way("system:", "In the system's print queue", "Name of the queue", "Receipts"),
    Way("file:", "A device file", "Path", "/dev/usb/lp0"),
)
CARD_KINDS = (
    Way("none", "Stands apart: the cashier keys the amount in"),
    Way("simulated", "Simulated: takes no real money"),
    Way("tcp:", "On the network", "Address and port", "192.0.2.31:4000"),
)
SCREEN_KINDS = (
    Way("none", "None"),
    Way("screen", "The second screen, while one is plugged in"),
    Way("window", "A window of its own on this screen"),
)
LINE_KINDS = (
    Way("none", "None"),
    Way("serial:", "On a serial line", "Line", "/dev/ttyS0 or COM3"),
    Way("usb:", "On USB", "Vendor and product", "04b8:0202"),
    Way("tcp:", "On the network", "Address and port", "192.0.2.41:9100"),
    Way("file:", "A device file", "Path", "/dev/usb/lp1"),
)


def named(setting: str, ways: Sequence[Way]) -> str:
    """A device's setting in the words of its choices: “On the network, 192.0.2.21:9100”."""
    for way in ways:
        if way.asks and setting.startswith(way.start):
            return f"{way.name}, {setting.removeprefix(way.start)}"
        if setting == way.start:
            return way.name
    return setting


class DeviceDialog(Sheet):
    """A device's setting, put together from a way and an address."""

    def __init__(
        self, title: str, ways: Sequence[Way], setting: str, found: Sequence[Found], parent: QWidget | None
    ) -> None:
        """Start with the setting as it is."""
        super().__init__(title, parent, go="Use it", width=520)
        self._ways = ways
        # What was chosen, as a setting; it outlives the fields.
        self.setting = setting
        if found:
            self.body.addWidget(caption("Found at this machine"))
            self._list = QListWidget()
            self._list.setAccessibleName("Found at this machine")
            self._list.setMaximumHeight(px(150))
            self._list.addItems([f"{one.name} · {one.setting}" for one in found])
            self._list.currentRowChanged.connect(lambda row: self._show(found[row].setting))
            self.body.addWidget(self._list)
        elif ways is PRINTER_KINDS:
            self.body.addWidget(label("No printer was found at this machine. Network printers are typed in.", "muted"))
        self.body.addWidget(caption("How it is connected"))
        self._way = Choice()
        self._way.setAccessibleName("How it is connected")
        for way in ways:
            self._way.addItem(way.name)
        self.body.addWidget(self._way)
        self._address = self.add_field("Address")
        self._way.currentIndexChanged.connect(self._ask)
        self._show(setting)
        self._way.setFocus()

    def _show(self, setting: str) -> None:
        for place, way in enumerate(self._ways):
            if setting == way.start or (way.asks and setting.startswith(way.start)):
                self._way.setCurrentIndex(place)
                self._ask(place)
                self._address.setText(setting.removeprefix(way.start) if way.asks else "")

    def _ask(self, place: int) -> None:
        way = self._ways[place]
        self._address.setEnabled(bool(way.asks))
        self._address.setPlaceholderText(f"{way.asks}, such as {way.example}" if way.asks else "Nothing to type")
        if not way.asks:
            self._address.clear()

    def submit(self) -> None:
        """Give the setting back; whether something answers there is found out beside the work."""
        way, address = self._ways[self._way.currentIndex()], self._address.text().strip()
        if way.asks and not address:
            self.message.say(f"Type it first: {self._address.placeholderText()}.", "warn")
            self._address.setFocus()
            return
        setting = f"{way.start}{address}" if way.asks else way.start
        if way.asks:
            # Looked at while what was typed can still be corrected; a card terminal is reached as a printer is.
            try:
                check_setting(setting)
            except Refused:
                self.message.say(f"“{address[:60]}” is no {way.asks.lower()}. Type it like {way.example}.", "warn")
                self._address.setFocus()
                self._address.selectAll()
                return
        self.setting = setting
        self.accept()
