"""Settings of the whole shop: name, money, the day, the stock."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QWidget

from pos_app.domain.loyalty import LoyaltyKind
from pos_app.domain.search import sort_key
from pos_app.domain.shop import ShopSettings, StockPolicy
from pos_app.errors import PosError, Refused
from pos_app.services.setting import change_settings, countries, get_settings
from ui.context import Context
from ui.errors import kind_of, sentence
from ui.format import Formatter
from ui.settings.logo import LogoField
from ui.settings.section import Section
from ui.tasks import Tasks
from ui.widgets.basic import caption
from ui.widgets.fields import Choice


@dataclass(frozen=True, slots=True)
class Field:
    """One setting: its key, what it is called, and how it is edited."""

    key: str
    name: str
    kind: str = "text"
    options: tuple[tuple[str, Any], ...] = ()


FIELDS = (
    Field("shop_name", "Shop name"),
    Field("address", "Address, one line on paper each"),
    Field("tax_number", "Tax number"),
    Field("country", "Country, whose prices imported files are read for", "country"),
    Field("receipt_footer", "At the foot of receipts"),
    Field("receipt_width", "Letters across the paper", "choice", (("32", 32), ("42", 42), ("48", 48))),
    Field("cash_rounding", "Smallest coin cash is rounded to", "coin"),
    Field("default_float", "In the drawer when a shift opens", "money"),
    Field("blind_count", "Count the drawer blind", "switch"),
    Field(
        "stock_policy",
        "Selling what the stock says is not there",
        "choice",
        (("Refuse it", StockPolicy.STRICT), ("Believe the book in the hand", StockPolicy.PHYSICAL)),
    ),
    Field("return_days", "Days in which books come back without a manager", "number"),
    Field("hold_days", "Orders: days copies are kept once all are here, 0 without limit", "number"),
    Field(
        "let_expired_go",
        "Orders: what nobody fetched by then",
        "choice",
        (("Stays until somebody decides", False), ("Is cancelled, if nothing was paid", True)),
    ),
    Field("invoice_days", "Invoices: days in which what is bought on account is to be paid", "number"),
    Field("order_message", "Orders: what customers are told; {name}, {order}, {titles}, {due}, {until}, {shop}"),
    Field("idle_lock_s", "Lock the till after", "choice", ()),
    Field("day_starts_at_hour", "The business day turns at (hour)", "number"),
    Field(
        "loyalty",
        "Loyalty: what customers are given",
        "choice",
        (
            ("Nothing", LoyaltyKind.OFF),
            ("Points for money", LoyaltyKind.POINTS),
            ("Stamps for books", LoyaltyKind.STAMPS),
        ),
    ),
    Field("loyalty_step", "Loyalty: spent for a point", "money"),
    Field("loyalty_full", "Loyalty: points or stamps of a full card", "number"),
    Field("loyalty_worth", "Loyalty: what a full card pays", "money"),
)
ABOVE_LOGO = "tax_number"
LOCKS = (("Never", 0), ("1 minute", 60), ("5 minutes", 300), ("10 minutes", 600), ("30 minutes", 1800))
COINS = (1, 5, 10, 50, 100)


class ShopSection(Section):
    """A form whose changes are kept as each field is left."""

    title = "Shop"

    def __init__(self, context: Context, tasks: Tasks) -> None:
        """Lay the fields out."""
        super().__init__(context, tasks)
        self._settings: ShopSettings | None = None
        self._editors: dict[str, QWidget] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 2)
        self._logo = LogoField(self)
        for field in FIELDS:
            editor = self._editor(field)
            editor.setAccessibleName(field.name)
            editor.setEnabled(self.may)
            self._editors[field.key] = editor
            _add_row(grid, "" if isinstance(editor, QCheckBox) else field.name, editor)
            if field.key == ABOVE_LOGO:
                _add_row(grid, "Logo at the head of receipts", self._logo)
        self.form.addLayout(grid)
        self.form.addStretch(1)

    def _editor(self, field: Field) -> QWidget:
        if field.kind == "switch":
            switch = QCheckBox(field.name)
            switch.toggled.connect(lambda on: self._change(field, on))
            return switch
        if field.kind in ("choice", "coin", "country"):
            box = Choice()
            if field.kind == "country":
                # The longest country's name would push the captions out at large text.
                box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
                box.setMinimumContentsLength(16)
            for name, value in self._options(field):
                box.addItem(name, value)
            box.activated.connect(lambda place: self._change(field, box.itemData(place)))
            return box
        line = QLineEdit()
        line.setMaxLength(500)
        line.editingFinished.connect(lambda: self._typed(field, line))
        return line

    def _options(self, field: Field) -> tuple[tuple[str, Any], ...]:
        if field.kind == "coin":
            return tuple((self.context.fmt.money(coin), coin) for coin in COINS)
        if field.kind == "country":
            named = sorted(countries().items(), key=lambda one: sort_key(one[1]))
            return (("As its language", ""), *((name, code) for code, name in named))
        return field.options or LOCKS

    async def load(self) -> None:
        """Show what is set."""
        self._settings = None
        settings = await get_settings(self.context.app)
        for field in FIELDS:
            self._show(self._editors[field.key], field, getattr(settings, field.key))
        self._settings = settings
        await self._logo.load()
        self.say_who_may()

    def _show(self, editor: QWidget, field: Field, value: Any) -> None:
        if isinstance(editor, QCheckBox):
            editor.setChecked(bool(value))
        elif isinstance(editor, Choice):
            editor.setCurrentIndex(max(editor.findData(value), 0))
        elif isinstance(editor, QLineEdit):
            editor.setText(_written(self.context.fmt, field, value))
            editor.setCursorPosition(0)

    def _typed(self, field: Field, line: QLineEdit) -> None:
        if self._settings is None or line.text() == _written(
            self.context.fmt, field, getattr(self._settings, field.key)
        ):
            return
        text: Any = line.text()
        try:
            if field.kind == "money":
                text = self.context.fmt.parse(text)
            elif field.kind == "number":
                text = int(text)
            elif field.key == "address":
                text = text.replace(" / ", "\n")
        except (PosError, ValueError):
            self._tell_refused(Refused("setting.invalid", key=field.key), field)
            return
        self._change(field, text)

    def _tell_refused(self, error: PosError, field: Field) -> None:
        """Say what is wrong and what is to be typed; what was typed stays, to be corrected."""
        editor = self._editors[field.key]
        typed = f": “{editor.text()[:40]}” is not kept" if isinstance(editor, QLineEdit) and editor.text() else ""
        self.message.say(f"{field.name}{typed}. {sentence(error)}", kind_of(error))

    def _change(self, field: Field, value: Any) -> None:
        if self._settings is None:
            return
        if field.key == "stock_policy":
            value = StockPolicy(value)  # Qt gives back its text
        elif field.key == "loyalty":
            value = LoyaltyKind(value)
        if getattr(self._settings, field.key) != value:
            self.start(self._keep(field, value))

    async def _keep(self, field: Field, value: Any) -> None:
        assert self._settings is not None  # noqa: S101 - it is shown
        before = getattr(self._settings, field.key)
        app, operator = self.context.app, self.context.operator
        try:
            self._settings = await change_settings(app, operator, **{field.key: value})
        except PosError as error:
            self._tell_refused(error, field)
            if not isinstance(self._editors[field.key], QLineEdit):
                self._show(self._editors[field.key], field, before)
            return

        async def undo() -> None:
            await change_settings(app, operator, **{field.key: before})
            await self.load()

        self.kept(f"“{field.name}” is kept. It holds from the next sign-in at each till.", undo)


def _add_row(grid: QGridLayout, name: str, editor: QWidget) -> None:
    row = grid.rowCount()
    if name:
        said = caption(name)
        # Half of the room at most: large text takes more lines and not more room.
        said.setWordWrap(True)
        grid.addWidget(said, row, 0)
    grid.addWidget(editor, row, 1)


def _written(fmt: Formatter, field: Field, value: Any) -> str:
    if field.kind == "money":
        return fmt.plain(value)
    return str(value).replace("\n", " / ")
