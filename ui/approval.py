"""A manager's PIN for one act: asked for where a right is missing, and used up by that act."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from pos_app.domain.permission import IN_BASIS_POINTS, IN_MONEY, Permission
from pos_app.errors import PosError, Refused
from pos_app.messages import ACTS
from pos_app.services.right import About
from pos_app.services.sign_in import Person, approve, list_approvers
from ui import dialogs
from ui.context import Context
from ui.errors import kind_of, sentence
from ui.tasks import Tasks
from ui.widgets.basic import label
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import Choices, Sheet

T = TypeVar("T")
ASKS = ("right.missing", "right.limit")


async def with_approval(context: Context, parent: QWidget, act: Callable[[str | None], Awaitable[T]]) -> T:
    """Carry an act out; where it takes more right than the operator has, ask a manager for a PIN and try again.

    An act that takes two rights asks twice. Raises the act's own refusal where the manager is not asked, or walks away.
    """
    approvals: dict[Permission, str] = {}
    while True:
        try:
            return await act(" ".join(approvals.values()) or None)
        except Refused as refused:
            if refused.code not in ASKS or "amount" not in refused.params:
                raise
            permission = Permission(refused.params["permission"])
            if permission in approvals:
                raise
            approval = await _ask(context, parent, permission, refused.params["amount"], refused.params.get("about"))
            if approval is None:
                raise
            approvals[permission] = approval


async def _ask(
    context: Context, parent: QWidget, permission: Permission, amount: int | None, about: About | None
) -> str | None:
    """Ask a manager for a PIN; None where nobody may let it pass, or the manager walks away."""
    people = await list_approvers(context.app, permission, amount)
    if not people:
        return None
    dialog = ApprovalDialog(context, permission, amount, people, parent, about)
    await dialogs.show(dialog)
    await dialog.tasks.close()
    return dialog.approval


class ApprovalDialog(Sheet):
    """Who lets it pass, and their PIN."""

    def __init__(
        self,
        context: Context,
        permission: Permission,
        amount: int | None,
        people: list[Person],
        parent: QWidget,
        about: About | None = None,
    ) -> None:
        """Take what is to be let pass and the people who may."""
        super().__init__("A manager's PIN", parent, go="Let it pass")
        self.approval: str | None = None
        self._context, self._permission, self._amount = context, permission, amount
        self.tasks = Tasks(self._tell)
        self.body.addWidget(label(f"{context.operator.name} asks for {self._what()}.", "muted"))
        if about is not None:
            text = label(self._said_of(about))
            text.setWordWrap(True)
            self.body.addWidget(text)
        self._people = Choices([person.name for person in people], chosen=people[0].name)
        self.body.addWidget(self._people)
        self._pin = pin_field()
        self._people.changed.connect(lambda _: self._pin.setFocus())
        self.body.addWidget(self._pin)
        self.body.addLayout(pin_pad(self._pin))
        self.message.say("Good for this one act, and for a minute.")
        self._pin.setFocus()

    def _what(self) -> str:
        word = ACTS[self._permission]
        if self._amount is None:
            return word
        if self._permission in IN_BASIS_POINTS:
            return f"{word} of {self._amount / 100:g} %"
        return f"{word}: {self._context.fmt.money(self._amount)}" if self._permission in IN_MONEY else word

    def _said_of(self, about: About) -> str:
        what = about.what or "The whole sale"
        if about.was is None or about.now is None:
            return what
        was, now = (self._context.fmt.money(one) if isinstance(one, int) else one for one in (about.was, about.now))
        return f"{what}: {now} instead of {was}"

    def submit(self) -> None:
        """Check the PIN once."""
        pin = self._pin.text()
        if pin and self.tasks.idle:
            self._pin.clear()
            self.tasks.start(self._approve(pin))

    async def _approve(self, pin: str) -> None:
        context = self._context
        self.approval = await approve(
            context.app, context.operator, self._people.chosen, pin, self._permission, self._amount
        )
        self.accept()

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, PosError):
            self.message.say(sentence(error), kind_of(error))
            self._pin.setFocus()
        else:
            self._context.on_error(error)


def pin_field() -> QLineEdit:
    """A field for somebody's PIN, which nobody reads beside them."""
    field = QLineEdit()
    field.setProperty("role", "pin")
    field.setAccessibleName("PIN")
    field.setPlaceholderText("PIN")
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setMaxLength(12)
    field.setValidator(QRegularExpressionValidator(r"\d{0,12}", field))
    return field


def pin_pad(field: QLineEdit) -> QHBoxLayout:
    """Digits to touch, which go into a field."""
    grid = QGridLayout()
    grid.setSpacing(8)
    for place, digit in enumerate("1234567890"):
        button = KeyButton(digit, size="key")
        button.setAccessibleName(f"Digit {digit}")
        button.setFocusPolicy(button.focusPolicy().NoFocus)
        button.clicked.connect(lambda _=False, digit=digit: field.insert(digit))
        grid.addWidget(button, place // 5, place % 5)
    back = KeyButton("", icon="delete", size="key", name="Backspace")
    back.setFocusPolicy(back.focusPolicy().NoFocus)
    back.clicked.connect(field.backspace)
    grid.addWidget(back, 0, 5, 2, 1)
    row = QHBoxLayout()
    row.addLayout(grid)
    return row
