"""The taxes titles are sold at: their names, their rates, and whether they are in use."""

from dataclasses import replace
from decimal import Decimal

from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from pos_app.domain.money import parse_amount
from pos_app.errors import PosError, Refused
from pos_app.services.tax_rate import MAX_NAME, TaxRateRow, add_tax_rate, change_tax_rate, list_tax_rates
from ui.context import Context
from ui.settings.section import Section, hint
from ui.style.theme import px
from ui.tasks import Tasks
from ui.widgets.basic import caption, label
from ui.widgets.fields import PageField
from ui.widgets.key_button import KeyButton

# Places of a rate in per cent, as it is typed.
PLACES = 4
WIDTH, RATE_WIDTH = 720, 120


class TaxesSection(Section):
    """One row a tax, edited in place."""

    title = "Taxes"

    def __init__(self, context: Context, tasks: Tasks) -> None:
        """Lay out the list and the fields for a new one."""
        super().__init__(context, tasks)
        # What can be edited of each tax, by its number and the column.
        self._fields: dict[tuple[int, int], QWidget] = {}
        # What is being kept: a field says so when Enter is pressed, and again as it is left.
        self._wanted: TaxRateRow | None = None
        self.form.addWidget(
            hint(
                "A change holds for what is sold from now on: what was sold keeps the tax it was sold at, and is taken "
                "back at it. A title's own tax stands in Inventory."
            )
        )
        self._rows = QWidget()
        self._rows.setMaximumWidth(px(WIDTH))
        self._grid = QGridLayout(self._rows)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(0, 1)
        self.form.addWidget(self._rows)
        new = QWidget()
        new.setMaximumWidth(px(WIDTH))
        row = QHBoxLayout(new)
        row.setContentsMargins(0, 0, 0, 0)
        self._name, self._rate = PageField(), PageField()
        self._name.setPlaceholderText("Another tax")
        self._name.setAccessibleName("New tax")
        self._name.setMaxLength(MAX_NAME)
        self._rate.setPlaceholderText("Rate in %")
        self._rate.setAccessibleName("Rate of the new tax in %")
        self._rate.setFixedWidth(px(RATE_WIDTH))
        add = KeyButton("Add", "Enter", name="Add tax")
        add.clicked.connect(self._add)
        for field in (self._name, self._rate):
            field.returnPressed.connect(self._add)
        for widget in (self._name, self._rate, add):
            widget.setEnabled(self.may)
        row.addWidget(self._name, 1)
        row.addWidget(self._rate)
        row.addWidget(add)
        self.form.addWidget(new)
        self.form.addStretch(1)

    async def load(self) -> None:
        """Show the taxes."""
        await self._read()
        self.say_who_may()

    async def _read(self) -> None:
        taxes = await list_tax_rates(self.context.app, unused=True)
        place = next((place for place, field in self._fields.items() if field.hasFocus()), None)
        self._fields, self._wanted = {}, None
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.blockSignals(True)  # noqa: FBT003 - it would say that it was left
                widget.hide()
                widget.deleteLater()
        for column, text in enumerate(("Name", "Rate in %")):
            self._grid.addWidget(caption(text), 0, column)
        for row, tax in enumerate(taxes, 1):
            self._show_row(row, tax)
        if place in self._fields:
            self._fields[place].setFocus()

    def _show_row(self, row: int, tax: TaxRateRow) -> None:
        name, rate = PageField(), PageField()
        name.setText(tax.name)
        rate.setText(_typed(tax.rate))
        name.setAccessibleName(f"Name of {tax.name}")
        name.setMaxLength(MAX_NAME)
        name.editingFinished.connect(lambda: self._change(tax, replace(tax, name=name.text())))
        rate.setAccessibleName(f"Rate of {tax.name} in %")
        rate.setFixedWidth(px(RATE_WIDTH))
        rate.editingFinished.connect(lambda: self._rated(tax, rate))
        for column, field in enumerate((name, rate)):
            field.setEnabled(self.may and not tax.fixed)
            self._fields[tax.id, column] = field
            self._grid.addWidget(field, row, column)
        if tax.fixed:
            self._grid.addWidget(label("Gift cards'", "small"), row, 2)
            return
        used = QCheckBox("In use")
        used.setAccessibleName(f"{tax.name} is in use")
        used.setChecked(tax.active)
        used.setEnabled(self.may)
        used.clicked.connect(lambda on: self._change(tax, replace(tax, active=on)))
        self._fields[tax.id, 2] = used
        self._grid.addWidget(used, row, 2)

    def _rated(self, tax: TaxRateRow, field: QLineEdit) -> None:
        if field.text() != _typed(tax.rate):
            try:
                self._change(tax, replace(tax, rate=_rate(field.text())))
            except PosError as error:
                self.tell(error)

    def _change(self, tax: TaxRateRow, wanted: TaxRateRow) -> None:
        if wanted not in (tax, self._wanted):
            self._wanted = wanted
            self.start(self._keep(tax, wanted))

    async def _keep(self, before: TaxRateRow, wanted: TaxRateRow) -> None:
        app, operator = self.context.app, self.context.operator
        try:
            kept = await change_tax_rate(app, operator, wanted)
        finally:
            await self._read()
        self._said(f"{kept.name}, {self.context.fmt.percent(kept.rate)}: kept for what is sold from now on.", before)

    def _add(self) -> None:
        if self._name.text().strip() and self.tasks.idle:
            try:
                self.start(self._make(self._name.text(), _rate(self._rate.text())))
            except PosError as error:
                self.tell(error)

    async def _make(self, name: str, rate: Decimal) -> None:
        made = await add_tax_rate(self.context.app, self.context.operator, name, rate)
        for field in (self._name, self._rate):
            field.setText("")  # and not cleared, which Ctrl+Z would take back in the place of what was added
        await self._read()
        self._said(f"{made.name}: titles can be given it in Inventory.", replace(made, active=False))

    def _said(self, text: str, before: TaxRateRow) -> None:
        async def undo() -> None:
            # It may have been changed again since, and that be taken back: the version is another one by now.
            taxes = await list_tax_rates(self.context.app, unused=True)
            now = next(tax for tax in taxes if tax.id == before.id)
            await change_tax_rate(self.context.app, self.context.operator, replace(before, version=now.version))
            await self.load()

        self.kept(text, undo)


def _typed(rate: Decimal) -> str:
    """A rate as it is typed: 5.5 for 5.5 %."""
    return f"{(rate * 100).normalize():f}"


def _rate(text: str) -> Decimal:
    """A rate as somebody types it: 20, 5.5 or 5,5 %. Raises Refused("tax.invalid")."""
    try:
        return Decimal(parse_amount(text.removesuffix("%"), PLACES)).scaleb(-PLACES - 2)
    except PosError as error:
        raise Refused("tax.invalid") from error
