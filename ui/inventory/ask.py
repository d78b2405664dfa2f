"""A few fields asked for at once; what was typed stays where it cannot be, with what is wrong beside its field."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QWidget

from pos_app.errors import Refused
from ui import dialogs
from ui.context import Context
from ui.errors import sentence
from ui.widgets.basic import caption, label, restyle
from ui.widgets.fields import Choice
from ui.widgets.sheet import WorkSheet

Act = Callable[["AskSheet"], Awaitable[Any]]


class AskSheet(WorkSheet):
    """`answers` holds what was typed, `chosen` what was chosen, `made` what was made of it.

    `blame` says which field a refusal is about, by what its code starts with.
    """

    def __init__(
        self,
        context: Context,
        title: str,
        fields: Mapping[str, str],
        parent: QWidget,
        *,
        go: str,
        act: Act | None = None,
        blame: Mapping[str, str] | None = None,
        note: str = "",
        options: Mapping[str, Any] | None = None,
        choose: str = "Choose",
        width: int = 460,
    ) -> None:
        """Take the fields with what stands in them, what may be chosen, and what is done before it closes."""
        super().__init__(context, title, parent, go=go, width=width)
        self._act, self._blame = act, blame or {}
        if note:
            words = label(note, "small")
            words.setWordWrap(True)
            self.body.addWidget(words)
        self._choice = Choice()
        if options:
            self.body.addWidget(caption(choose))
            self._choice.setAccessibleName(choose)
            for text, value in options.items():
                self._choice.addItem(text, value)
            self.body.addWidget(self._choice)
        self._fields: dict[str, QLineEdit] = {}
        self._faults: dict[str, QLabel] = {}
        for name, text in fields.items():
            field = self._fields[name] = self.add_field(name, text)
            fault = self._faults[name] = label("", "error")
            fault.setWordWrap(True)
            fault.hide()
            self.body.addWidget(fault)
            field.textEdited.connect(lambda _, name=name: self._say_beside(name, ""))
        self.answers: list[str] = []
        self.chosen: Any = None
        self.made: Any = None
        first = next(iter(self._fields.values()), None)
        (first or self._choice).setFocus()
        if first is not None:
            first.selectAll()
        # Tab and Enter after the last field keep what was typed; Back would drop it.
        last: QWidget = next(reversed(self._fields.values()), None) or self._choice
        self.setTabOrder(last, self.go)
        self.setTabOrder(self.go, self.back)

    def submit(self) -> None:
        """Keep what was typed, or do what is to be done with it."""
        if not self.tasks.idle:
            return
        self.answers = [field.text().strip() for field in self._fields.values()]
        self.chosen = self._choice.currentData()
        if self._act is None:
            self.accept()
        else:
            self.message.say("")
            self.tasks.start(self._carry_out(self._act))

    async def _carry_out(self, act: Act) -> None:
        self.made = await act(self)
        self.accept()

    def reject(self) -> None:
        """Leave; what is under way is carried out first."""
        if self.tasks.idle:
            super().reject()

    def tell(self, error: BaseException) -> None:
        """Say beside the field what is wrong with it, and go there; anything else below."""
        name = next((name for start, name in self._blame.items() if _code(error).startswith(start)), None)
        if name is None or not isinstance(error, Refused):
            super().tell(error)
            return
        self._say_beside(name, sentence(error))
        self._fields[name].setFocus()
        self._fields[name].selectAll()

    def _say_beside(self, name: str, text: str) -> None:
        self._faults[name].setText(text)
        self._faults[name].setAccessibleName(f"Message: {text}")
        self._faults[name].setVisible(bool(text))
        self._fields[name].setAccessibleDescription(text)
        restyle(self._fields[name], "invalid", value=bool(text))
        self.adjustSize()


def _code(error: BaseException) -> str:
    return error.code if isinstance(error, Refused) else ""


async def ask(
    context: Context, parent: QWidget, title: str, fields: Mapping[str, str], go: str, **more: Any
) -> AskSheet | None:
    """Ask for a few fields; None where the person left."""
    sheet = AskSheet(context, title, fields, parent, go=go, **more)
    accepted = await dialogs.show(sheet) == QDialog.DialogCode.Accepted
    await sheet.tasks.close()
    return sheet if accepted else None
