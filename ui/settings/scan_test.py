"""What a scanner really sends: its characters, how fast, and the key it ends with."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QShowEvent, QWindow
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from pos_app.domain.isbn import CodeKind, parse_code
from pos_app.domain.scan import MEAN_GAP_MS, MIN_LENGTH
from pos_app.errors import Refused
from ui.errors import sentence
from ui.widgets.basic import caption, label
from ui.widgets.sheet import Sheet

ENDS = {Qt.Key.Key_Return: "Enter", Qt.Key.Key_Enter: "Enter (keypad)", Qt.Key.Key_Tab: "Tab"}
PAUSE_MS = 400
MOST_KEYS = 200
KINDS = {
    CodeKind.ISBN: "a book number",
    CodeKind.EAN: "an article's barcode",
    CodeKind.OTHER: "a code of the shop's own",
}


@dataclass(frozen=True, slots=True)
class Burst:
    """Keys that came one after another: characters, times in milliseconds, and the key that ended them."""

    text: str
    times_ms: tuple[int, ...]
    end: str

    @property
    def pace_ms(self) -> int:
        """Milliseconds from key to key, on average."""
        steps = len(self.times_ms) - 1
        return round((self.times_ms[-1] - self.times_ms[0]) / steps) if steps > 0 else 0

    @property
    def said(self) -> str:
        """All of it in a few words."""
        return f"{len(self.text)} characters, {self.pace_ms} ms a key, ends with {self.end or 'no key'}"


class ScanTest(Sheet):
    """Listens to the keys themselves, on their way to whoever takes scans. A card's number is not shown."""

    def __init__(self, parent: QWidget) -> None:
        """Wait for a scan."""
        super().__init__("Scanner", parent, go="Done", width=520)
        self.last: Burst | None = None
        self._text = ""
        self._times: list[int] = []
        self.body.addWidget(label("Scan any barcode. Nothing is sold.", "muted"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(1, 1)
        self._shown = {}
        for row, name in enumerate(("It sent", "Characters", "From key to key", "Ends with", "Read as")):
            grid.addWidget(caption(name), row, 0)
            self._shown[name] = label("–", name=f"{name}: nothing yet")
            self._shown[name].setWordWrap(True)
            grid.addWidget(self._shown[name], row, 1)
        self.body.addLayout(grid)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(lambda: self._over(""))
        self._ending = QTimer(self)
        self._ending.setSingleShot(True)
        self.go.setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """Listen from now on, before the scans' own filter."""
        super().showEvent(event)
        if (app := QApplication.instance()) is not None:
            app.installEventFilter(self)

    def done(self, result: int) -> None:
        """Listen no longer."""
        if (app := QApplication.instance()) is not None:
            app.removeEventFilter(self)
        self._timer.stop()
        self._ending.stop()
        super().done(result)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note a key on its way into a window; it goes on as if nobody had looked."""
        if event.type() == QEvent.Type.KeyPress and isinstance(watched, QWindow) and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if key in ENDS and self._text:
                self._over(ENDS[key])
            elif event.text() and key not in ENDS and key != Qt.Key.Key_Escape and len(self._text) < MOST_KEYS:
                self._text += event.text()
                self._times.append(event.timestamp())
                self._timer.start(PAUSE_MS)
        return False

    def scanned(self, _code: str) -> None:
        """Say that it came through."""
        self.message.say("The till takes this as a scan.", "ok")

    def submit(self) -> None:
        """Leave, but not by the key a slow scanner ends with."""
        if not self._ending.isActive() and not self._timer.isActive():
            self.accept()

    def _over(self, end: str) -> None:
        self._timer.stop()
        burst = Burst(self._text, tuple(self._times), end)
        self._text, self._times = "", []
        if len(burst.text) < MIN_LENGTH:
            return
        self._ending.start(PAUSE_MS)
        read, secret = _read(burst.text)
        self.last = None if secret else burst
        plain = "".join(one if one.isprintable() else f"<{ord(one):02X}>" for one in burst.text)
        self._show("It sent", "hidden" if secret else plain)
        self._show("Characters", str(len(burst.text)))
        self._show("From key to key", f"{burst.pace_ms} ms")
        self._show("Ends with", burst.end or "no key")
        self._show("Read as", read)
        if not end:
            self.message.say("No key ends it: set the scanner to send Enter after each code.", "warn")
        elif burst.pace_ms > MEAN_GAP_MS:
            self.message.say(
                f"Slower than {MEAN_GAP_MS} ms a key is taken for typing: set the scanner to send without a pause.",
                "warn",
            )

    def _show(self, name: str, text: str) -> None:
        self._shown[name].setText(text)
        self._shown[name].setAccessibleName(f"{name}: {text}")


def _read(text: str) -> tuple[str, bool]:
    """What the till makes of a code, and whether it must not be shown."""
    try:
        code = parse_code(text)
    except Refused as refused:
        return sentence(refused), refused.code == "code.card_number"
    return f"{KINDS[code.kind]}, {code.value}", False
