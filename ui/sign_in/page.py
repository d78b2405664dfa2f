"""Who is at the till: a name, a PIN."""

import math
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont, QKeyEvent, QRegularExpressionValidator
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from pos_app.app import App
from pos_app.errors import PosError, Refused
from pos_app.services.right import Operator
from pos_app.services.sign_in import Person, list_people, sign_in
from ui.actions import shortcut
from ui.errors import kind_of, sentence
from ui.format import Formatter
from ui.style.theme import font
from ui.tasks import Tasks
from ui.widgets.basic import Message, label, panel
from ui.widgets.key_button import KeyButton

CARD_WIDTH, CARD_HEIGHT, BRAND_WIDTH = 760, 520, 340
NAME_HEIGHT, MOST_ROWS = 50, 3
DIGITS = 9


class SignInPage(QWidget):
    """The mock-up's two halves: the shop and the time, the people and the keys."""

    def __init__(
        self, app: App, fmt: Formatter, on_done: Callable[[Operator], None], on_error: Callable[[BaseException], None]
    ) -> None:
        """Take what is to be called once somebody is in."""
        super().__init__()
        self._app, self._fmt, self._on_done, self._on_error = app, fmt, on_done, on_error
        self.tasks = Tasks(self.tell)
        self._people: dict[str, KeyButton] = {}
        self._name = ""
        self._wait_s = 0
        # The last scan that came while nobody was signed in, in words: the seconds counted down do not hide it.
        self._unsold = ""
        outer = QVBoxLayout(self)
        outer.setAlignment(Qt.AlignmentFlag.AlignCenter)
        card = panel("card")
        card.setMinimumSize(CARD_WIDTH, CARD_HEIGHT)
        card.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        halves = QHBoxLayout(card)
        halves.setContentsMargins(1, 1, 1, 1)
        halves.setSpacing(0)
        halves.addWidget(self._brand())
        halves.addWidget(self._form(), 1)
        outer.addWidget(card)
        for place in range(DIGITS):
            shortcut(self, f"Alt+{place + 1}", partial(self._choose_at, place), within=False)
        self._second = QTimer(self)
        self._second.timeout.connect(self._tick)
        self._second.start(1000)
        self._tick()

    def _brand(self) -> QWidget:
        brand = panel("brand")
        brand.setFixedWidth(BRAND_WIDTH)
        layout = QVBoxLayout(brand)
        layout.setContentsMargins(32, 32, 32, 28)
        title = label("Bookstore POS")
        title.setFont(font(22, QFont.Weight.Bold))
        layout.addWidget(title)
        shop_label = label(self._fmt.settings.shop_name)
        shop_label.setWordWrap(True)
        layout.addWidget(shop_label)
        layout.addStretch()
        self._clock = label()
        self._clock.setFont(font(42, QFont.Weight.Bold))
        self._day = label()
        self._day.setWordWrap(True)
        layout.addWidget(self._clock)
        layout.addWidget(self._day)
        return brand

    def _form(self) -> QWidget:
        form = QWidget()
        layout = QVBoxLayout(form)
        layout.setContentsMargins(32, 28, 32, 20)
        layout.setSpacing(12)
        layout.addWidget(label("Who is at the till?", "heading"))
        names = QWidget()
        self._names = QGridLayout(names)
        self._names.setContentsMargins(0, 0, 0, 0)
        self._names.setSpacing(8)
        self._scroll = QScrollArea()
        self._scroll.setWidget(names)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout.addWidget(self._scroll)
        self._pin = QLineEdit()
        self._pin.setProperty("role", "pin")
        self._pin.setAccessibleName("PIN")
        self._pin.setPlaceholderText("PIN")
        self._pin.setEchoMode(QLineEdit.EchoMode.Password)
        self._pin.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pin.setMaxLength(12)
        self._pin.setValidator(QRegularExpressionValidator(r"\d{0,12}", self._pin))
        self._pin.returnPressed.connect(self._submit)
        layout.addWidget(self._pin)
        layout.addLayout(self._keys())
        self.message = Message()
        layout.addWidget(self.message)
        layout.addStretch()
        return form

    def _keys(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(8)
        for place, digit in enumerate("123456789"):
            grid.addWidget(self._digit(digit), place // 3, place % 3)
        back = KeyButton("", icon="delete", size="key", name="Backspace")
        back.clicked.connect(self._pin.backspace)
        enter = KeyButton("", icon="corner-down-left", size="key", name="Enter")
        enter.clicked.connect(self._submit)
        for column, button in enumerate((back, self._digit("0"), enter)):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            grid.addWidget(button, 3, column)
        return grid

    def _digit(self, digit: str) -> KeyButton:
        button = KeyButton(digit, size="key")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: self._pin.insert(digit))
        return button

    def activated(self) -> None:
        """Read who may sign in, and wait for a PIN."""
        self._pin.clear()
        self.message.say("")
        self.tasks.start(self._read_people(), key="people")
        self._pin.setFocus()

    async def settled(self) -> None:
        """Wait until the names are shown."""
        await self.tasks.settled()

    async def close_page(self) -> None:
        """End this page's work."""
        self._second.stop()
        await self.tasks.close()

    async def _read_people(self) -> None:
        self._show_people(await list_people(self._app))

    def _show_people(self, people: list[Person]) -> None:
        for button in self._people.values():
            button.deleteLater()
        self._people = {}
        # Two columns as long as they fit, then three; more than three rows are scrolled.
        columns = 2 if len(people) <= 4 else 3  # noqa: PLR2004 - as the mock-up has it
        rows = min(max(math.ceil(len(people) / columns), 1), MOST_ROWS)
        self._scroll.setFixedHeight(rows * NAME_HEIGHT + (rows - 1) * 8)
        for place, person in enumerate(people):
            # Digits alone are the PIN's.
            key = f"Alt {place + 1}" if place < DIGITS else ""
            button = KeyButton(person.name, key, role="chip", size="name", name=person.name)
            button.setMinimumWidth(80)
            button.setToolTip(person.name)
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, name=person.name: self.choose(name))
            self._names.addWidget(button, place // columns, place % columns)
            self._people[person.name] = button
        if self._name not in self._people and people:
            self._name = people[0].name
        self.choose(self._name)

    def choose(self, name: str) -> None:
        """Choose who is at the till."""
        self._name = name
        for person, button in self._people.items():
            button.setChecked(person == name)
            if person == name:
                self._scroll.ensureWidgetVisible(button)
        # Who is there may be read after somebody has signed in: the focus is theirs then.
        if self.isVisible():
            self._pin.setFocus()

    def _choose_at(self, place: int) -> None:
        """Choose by the place in the list."""
        if place < len(self._people):
            self.choose(list(self._people)[place])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose the next or the last person; digits and Enter are the PIN's, wherever the focus is."""
        key, names = Qt.Key(event.key()), list(self._people)
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(key)
        if names and step:
            self.choose(names[(names.index(self._name) + step) % len(names)])
        elif event.text().isdecimal() and self._pin.isEnabled():
            self._pin.setFocus()
            self._pin.insert(event.text())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._submit()
        else:
            super().keyPressEvent(event)

    def _submit(self) -> None:
        pin = self._pin.text()
        if pin and self._wait_s:
            # What is typed during the wait is not kept for after it: the next PIN would be added to it.
            self._pin.clear()
            said = sentence(Refused("sign_in.blocked", wait_s=self._wait_s))
            self.message.say(f"That PIN was not tried. {said}", "warn")
        elif pin and self._name:
            self._pin.clear()
            self._pin.setEnabled(False)
            self.tasks.start(self.sign_in(self._name, pin))

    async def sign_in(self, name: str, pin: str) -> None:
        """Sign in and tell the window."""
        try:
            operator = await sign_in(self._app, name, pin)
        finally:
            self._pin.setEnabled(True)
            self._pin.setFocus()
        self._unsold = ""
        self._on_done(operator)

    def refuse_scan(self, code: str) -> None:
        """Say of a scan that it was not sold."""
        self._unsold = f"{code} was not sold: nobody is signed in."
        what = (
            sentence(Refused("sign_in.blocked", wait_s=self._wait_s)) if self._wait_s else "Type your PIN, then scan."
        )
        self.message.say(f"{self._unsold} {what}", "warn")

    def tell(self, error: BaseException) -> None:
        """Say why nobody signed in; a fault of ours goes to the window."""
        if not isinstance(error, PosError):
            self._on_error(error)
            return
        self.message.say(sentence(error), kind_of(error))
        if isinstance(error, Refused) and error.code == "sign_in.blocked":
            self._wait_s = int(error.params["wait_s"])

    def _tick(self) -> None:
        now = self._app.clock.now()
        self._clock.setText(self._fmt.time(now))
        self._day.setText(f"{self._fmt.long_day(now)} · Till {self._app.config.till}")
        if self._wait_s:
            self._wait_s -= 1
            if self._wait_s:
                again = sentence(Refused("sign_in.blocked", wait_s=self._wait_s))
                self.message.say(f"{self._unsold} {again}".strip(), "warn", aloud=False)
            else:
                self.message.say(f"{self._unsold} You can try again now.".strip(), "none")
