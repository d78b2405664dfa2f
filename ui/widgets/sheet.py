"""The frame of a question: title, body, and a row of buttons; Esc leaves, Enter acts."""

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from pos_app.errors import PosError
from ui.actions import plain, shortcut
from ui.context import Context
from ui.errors import kind_of, sentence
from ui.style.theme import fit
from ui.tasks import Tasks
from ui.widgets.basic import Message, caption, label, separator
from ui.widgets.key_button import KeyButton

EDGE = 24
# What is left of the window above and below a question.
AROUND = 20
# What of its window's height a sheet with a list takes, in per cent.
HEIGHT_SHARE = 92
NO_REASON = "Choose a reason: its first letter, or Alt and its number."
Act = Callable[[], Coroutine[Any, Any, None]]


class Sheet(QDialog):
    """A dialog of the house; `body` is to be filled, `submit` is what Enter does."""

    def __init__(
        self, title: str, parent: QWidget | None, *, go: str = "OK", width: int = 460, tells_below: bool = True
    ) -> None:
        """Take the title and what the way forward is called; without `tells_below` the body places the message."""
        super().__init__(parent)
        self.setWindowTitle(f"{title} – Bookstore POS")
        self.setMinimumWidth(fit(width))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.head = QHBoxLayout()
        self.head.setContentsMargins(EDGE, 16, EDGE, 16)
        self.head.addWidget(label(title, "heading"))
        self.head.addStretch(1)
        outer.addLayout(self.head)
        outer.addWidget(separator())
        self.body = QVBoxLayout()
        self.body.setContentsMargins(EDGE, 16, EDGE, 16)
        self.body.setSpacing(12)
        outer.addLayout(self.body, 1)
        self.message = Message()
        if tells_below:
            told = QHBoxLayout()
            told.setContentsMargins(EDGE, 0, EDGE, 8)
            told.addWidget(self.message)
            outer.addLayout(told)
        # Apart from the message, which may be the only word on how to answer.
        self._scans = Message()
        self._scans.hide()
        waits = QHBoxLayout()
        waits.setContentsMargins(EDGE, 0, EDGE, 0)
        waits.addWidget(self._scans)
        outer.addLayout(waits)
        outer.addWidget(separator())
        self.foot = QHBoxLayout()
        self.foot.setContentsMargins(EDGE, 16, EDGE, 16)
        self.foot.setSpacing(10)
        self.back = KeyButton("Back", "Esc", size="big")
        self.back.clicked.connect(self.reject)
        self.foot.addWidget(self.back)
        self.foot.addStretch(1)
        self.go = KeyButton(go, "Enter", role="primary", size="big")
        self.go.clicked.connect(self.submit)
        self.foot.addWidget(self.go)
        outer.addLayout(self.foot)
        self._letters: dict[str, Callable[[], object]] = {}
        for key in ("F1", "Shift+F1"):
            shortcut(self, key, self.ask_help, within=False)

    def ask_help(self) -> None:
        """Open the guide at what it says of this question, where the window has one."""
        if (show := getattr(self._window_beneath(), "show_guide", None)) is not None:
            show(self)

    def event(self, event: QEvent) -> bool:
        """Grow with what is asked and said."""
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
            self._grow()
        return done

    def most_height(self) -> int:
        """How high it may be within the window that it stands over, be it over another question."""
        return self._window_beneath().height() - 2 * AROUND

    def _window_beneath(self) -> QWidget:
        window: QWidget = self
        while (parent := window.parentWidget()) is not None:
            window = parent.window()
        return window

    def _grow(self) -> None:
        """Take the height that nothing is cut at, within the window: Qt asks for none where words are wrapped."""
        layout, window = self.layout(), self._window_beneath()
        if layout is None or window is self:
            return
        height = min(layout.totalMinimumHeightForWidth(self.width()), self.most_height())
        if height <= self.height():
            return
        self.resize(self.width(), height)
        lowest = window.geometry().bottom() - AROUND - height
        if self.isVisible() and self.y() > lowest:
            self.move(self.x(), max(lowest, window.y()))

    def fill(self, parent: QWidget) -> None:
        """Take most of the window's height: a list in it gets what room there is."""
        self.resize(self.minimumWidth(), parent.window().height() * HEIGHT_SHARE // 100)

    def take_letter(self, letter: str, act: Callable[[], object]) -> None:
        """Carry an act out by a letter, digit or sign typed where no field takes it; that of a scan is none."""
        self._letters[letter] = act

    def scans_wait(self, count: int) -> None:
        """Say that scans wait until this is answered: none is lost."""
        scans = "1 scan waits" if count == 1 else f"{count} scans wait"
        self._scans.say(f"{scans} until this is answered.", "warn")
        self._scans.show()

    def submit(self) -> None:
        """Do what the way forward says."""
        self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter acts, once a press, wherever the focus is but on another button of the foot: that one is pressed."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            button = self.focusWidget()
            if event.isAutoRepeat():
                return
            if isinstance(button, KeyButton) and button is not self.go and self._presses(button):
                button.click()
            elif self.go.isEnabled():
                self.submit()
            return
        if event.key() == Qt.Key.Key_Escape and event.isAutoRepeat():
            # Held down, it leaves the one question that was asked, not those beneath it too.
            return
        act = self._letters.get(event.text().upper()) if plain(event) else None
        if act is not None:
            act()
            return
        super().keyPressEvent(event)

    def _presses(self, button: KeyButton) -> bool:
        """Whether Enter presses a button that has the focus: one that does something else than the way forward."""
        return self.foot.indexOf(button) >= 0 or button.property("role") == "quiet"

    def add_field(self, name: str, text: str = "", *, placeholder: str = "") -> QLineEdit:
        """Add a captioned field."""
        self.body.addWidget(caption(name))
        field = QLineEdit(text)
        field.setAccessibleName(name)
        field.setPlaceholderText(placeholder)
        field.setMaxLength(200)
        self.body.addWidget(field)
        return field

    def add_reasons(self, name: str, options: Sequence[str], *, columns: int = 3, first: int = 1) -> "Choices":
        """Add captioned reasons to choose of; that one is missing is said until it is chosen."""
        self.body.addWidget(caption(name))
        reasons = Choices(options, columns=columns, first=first)
        reasons.changed.connect(lambda _: self._has_reason())
        self.body.addWidget(reasons)
        return reasons

    def _has_reason(self) -> None:
        if self.message.text() == NO_REASON:
            self.message.say("")


class Sure(Sheet):
    """Asks once about what can't be taken back: Enter and Esc leave it, a letter or a click does it."""

    def __init__(self, title: str, said: Sequence[str], parent: QWidget, *, go: str, key: str) -> None:
        """Take what is said, the first of it louder, and the letter that goes on."""
        super().__init__(title, parent, go=go, width=520)
        for place, text in enumerate(said):
            line = label(text, "muted" if place else "sum")
            line.setWordWrap(True)
            self.body.addWidget(line)
        self.go.show_key(key)
        self.take_letter(key, self.submit)
        self.back.setFocus()


class WorkSheet(Sheet):
    """A dialog that works while it is open; its `tasks` are to be closed after it."""

    def __init__(
        self,
        context: Context,
        title: str,
        parent: QWidget | None,
        *,
        go: str = "OK",
        width: int = 460,
        tells_below: bool = True,
    ) -> None:
        """Take what to work with."""
        super().__init__(title, parent, go=go, width=width, tells_below=tells_below)
        self.context = context
        self.tasks = Tasks(self.tell)

    def tell(self, error: BaseException) -> None:
        """Tell the person of an error; a fault of ours goes to the window."""
        if isinstance(error, PosError):
            self.message.say(sentence(error), kind_of(error))
        else:
            self.context.on_error(error)


class Choices(QWidget):
    """A few things to choose one of: touched, by Alt and a number, or by a first letter where `take_letters` says so.

    `first` is the number of the first, so that several rows in one question keep their keys apart.
    """

    changed = Signal(str)

    def __init__(self, options: Sequence[str], *, columns: int = 3, chosen: str | None = None, first: int = 1) -> None:
        """Take what may be chosen."""
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        self._buttons: dict[str, KeyButton] = {}
        for place, option in enumerate(options):
            digit = place + first
            key = f"Alt {digit % 10}" if digit <= 10 else ""  # noqa: PLR2004 - the digits
            button = KeyButton(option, key, role="chip")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, option=option: self.choose(option))
            if key:
                shortcut(self, f"Alt+{digit % 10}", partial(self.choose, option), within=False)
            grid.addWidget(button, place // columns, place % columns)
            self._buttons[option] = button
        self.chosen = ""
        if chosen is not None:
            self.choose(chosen)

    def take_letters(self, widget: QWidget) -> None:
        """Let a letter typed into a widget that takes none itself, a field of an amount say, choose by first letter."""
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Choose the next one that begins with the letter."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            letter = event.text().lower()
            if plain(event) and len(letter) == 1 and letter.isalpha():
                found = [name for name in self._buttons if name.lower().startswith(letter)]
                if found:
                    place = found.index(self.chosen) + 1 if self.chosen in found else 0
                    self.choose(found[place % len(found)])
                return True
        return super().eventFilter(watched, event)

    @property
    def chosen_button(self) -> KeyButton:
        """The button of the one chosen."""
        return self._buttons[self.chosen]

    def say(self, option: str, text: str) -> None:
        """Show an option in other words."""
        self._buttons[option].show_text(text)

    def choose(self, option: str) -> None:
        """Choose one."""
        self.chosen = option
        for name, button in self._buttons.items():
            button.setChecked(name == option)
        self.changed.emit(option)


class Menu(Sheet):
    """A list of acts, each with a letter or digit that carries it out."""

    def __init__(
        self, title: str, acts: Sequence[tuple[str, str, Act]], parent: QWidget, *, columns: int = 2, note: str = ""
    ) -> None:
        """Take (key, name, act); the act is started once the menu is away. With a note to be read, Enter leaves."""
        super().__init__(title, parent, width=620)
        self.chosen: Act | None = None
        self.go.hide()
        self.message.hide()
        if note:
            words = label(note)
            words.setWordWrap(True)
            self.body.addWidget(words)
        grid = QGridLayout()
        grid.setSpacing(8)
        rows = -(-len(acts) // columns)
        for place, (key, name, act) in enumerate(acts):
            button = KeyButton(name, key, size="quick")
            button.clicked.connect(lambda _=False, act=act: self._choose(act))
            self.take_letter(key, partial(self._choose, act))
            grid.addWidget(button, place % rows, place // rows)
        self.body.addLayout(grid)
        first = grid.itemAtPosition(0, 0)
        if note:
            self.back.setFocus()
        elif first is not None and (widget := first.widget()) is not None:
            widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            button = self.focusWidget()
            if isinstance(button, KeyButton):
                button.click()
            return
        super().keyPressEvent(event)

    def _choose(self, act: Act) -> None:
        self.chosen = act
        self.accept()
