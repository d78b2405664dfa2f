"""Leaving a till that fills its screen: who lets it end, and their PIN."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from pos_app.app import App
from pos_app.errors import PosError
from pos_app.services.kiosk import let_end
from pos_app.services.sign_in import Person
from ui.approval import pin_field, pin_pad
from ui.errors import kind_of, sentence
from ui.tasks import Tasks
from ui.widgets.basic import label
from ui.widgets.sheet import Choices, Sheet


class EndDialog(Sheet):
    """Ctrl+Q, or closing the window, on a kiosk."""

    def __init__(
        self, app: App, people: Sequence[Person], parent: QWidget, on_error: Callable[[BaseException], None]
    ) -> None:
        """Take the people who may."""
        super().__init__("Close the program?", parent, go="Close the program")
        self._app, self._on_error = app, on_error
        self.tasks = Tasks(self._tell)
        said = label("This till is kept open. A manager's PIN closes it; the basket waits.", "muted")
        said.setWordWrap(True)
        self.body.addWidget(said)
        names = [person.name for person in people]
        self._people = Choices(names, chosen=names[0] if names else None)
        self.body.addWidget(self._people)
        self._pin = pin_field()
        self._people.changed.connect(lambda _: self._pin.setFocus())
        self.body.addWidget(self._pin)
        self.body.addLayout(pin_pad(self._pin))
        self._pin.setFocus()

    def submit(self) -> None:
        """Check the PIN once."""
        pin = self._pin.text()
        if pin and self._people.chosen and self.tasks.idle:
            self._pin.clear()
            self.tasks.start(self._let_end(pin))

    async def _let_end(self, pin: str) -> None:
        await let_end(self._app, self._people.chosen, pin)
        self.accept()

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, PosError):
            self.message.say(sentence(error), kind_of(error))
            self._pin.setFocus()
        else:
            self._on_error(error)


class NoEndDialog(Sheet):
    """Ctrl+Q on a kiosk where no PIN can be looked at: it takes what is typed, and shows none of it."""

    def __init__(self, said: str, parent: QWidget) -> None:
        """Take why not."""
        super().__init__("Close the program?", parent)
        self.go.hide()
        words = label(said)
        words.setWordWrap(True)
        self.body.addWidget(words)
        self.back.setFocus()
