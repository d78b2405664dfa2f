"""Explain this number: how a line and the total came about."""

from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QWidget

from pos_app.domain.document import Adjustment, AdjustmentKind
from pos_app.services.cart_view import CartLine, CartView
from ui.format import Formatter
from ui.style.theme import px
from ui.widgets.basic import label
from ui.widgets.sheet import Sheet

KINDS = {
    AdjustmentKind.PRICE: "Another price",
    AdjustmentKind.TAX: "Another tax",
    AdjustmentKind.PROMOTION: "Promotion",
    AdjustmentKind.LINE_DISCOUNT: "Discount on the line",
    AdjustmentKind.SALE_DISCOUNT: "Share of the sale's discount",
}
Row = tuple[str, str]


def explain_line(line: CartLine, fmt: Formatter) -> list[Row]:
    """How a line's amount came about, step by step."""
    back = " that come back" if line.comes_back else ""
    rows = [(f"{abs(line.quantity)} × {fmt.amount(line.price)}{back}", fmt.amount(line.quantity * line.price))]
    if line.cover_price is not None and line.cover_price != line.price:
        rows.append((f"The cover says {fmt.amount(line.cover_price)}", ""))
    rows += [(_why(why, fmt), fmt.amount(-why.amount) if why.amount else "") for why in line.adjustments]
    if line.comes_back and line.discount:
        rows.append(("Its share of the discount it was sold with", fmt.amount(-line.discount)))
    word = "Tax in it" if fmt.settings.prices_include_tax else "Tax on it"
    rows.append((f"{word}: {line.tax_name}, {fmt.percent(line.tax_rate)}", ""))
    return [*rows, ("Amount", fmt.amount(line.amount))]


def _why(why: Adjustment, fmt: Formatter) -> str:
    text = f"{KINDS[why.kind]}: {why.name}"
    if why.was is not None:
        text += f" (was {fmt.amount(int(why.was)) if why.kind is AdjustmentKind.PRICE else why.was})"
    return f"{text}, allowed by {why.allowed_by}" if why.allowed_by else text


def explain_total(cart: CartView, fmt: Formatter) -> list[Row]:
    """How the total came about."""
    totals = cart.totals
    rows = [(f"{cart.item_count} items at their prices", fmt.amount(totals.subtotal))]
    if totals.discount:
        rows.append(("Promotions and discounts", fmt.amount(-totals.discount)))
    for tax in totals.taxes:
        base = f"{tax.name}, {fmt.percent(tax.rate)} on {fmt.amount(tax.net)} net"
        rows.append((base, fmt.amount(tax.tax)))
    rows.append(("Total, taxes included", fmt.amount(totals.total)))
    rows += [(f"{paid.name or paid.tender} taken", fmt.amount(-paid.amount)) for paid in cart.payments]
    if cart.due > 0 and cart.cash_due != cart.due:
        step = fmt.amount(fmt.settings.cash_rounding)
        rows.append((f"In cash, rounded to {step}", fmt.amount(cart.settlement.cash_due)))
    return rows


class ExplainDialog(Sheet):
    """The line chosen, and the whole."""

    def __init__(self, cart: CartView, line: CartLine | None, fmt: Formatter, parent: QWidget) -> None:
        """Take what is to be explained."""
        super().__init__("How this number came about", parent, go="Close", width=560)
        self.back.hide()
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setColumnStretch(0, 1)
        grid.setVerticalSpacing(8)
        row = 0
        blocks = [] if line is None else [(line.title, explain_line(line, fmt))]
        for title, rows in [*blocks, ("The sale", explain_total(cart, fmt))]:
            head = label(title, "title")
            head.setWordWrap(True)
            grid.addWidget(head, row, 0, 1, 2)
            for text, figure in rows:
                row += 1
                said = label(text, "sum")
                said.setWordWrap(True)
                grid.addWidget(said, row, 0)
                grid.addWidget(_figure(figure), row, 1)
            row += 1
            grid.setRowMinimumHeight(row, 12)
            row += 1
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setMinimumHeight(min(px(420), inner.sizeHint().height() + 8))
        self.body.addWidget(area)
        self.go.setFocus()


def _figure(text: str) -> QLabel:
    made = label(text, "figure")
    made.setAlignment(made.alignment().AlignRight | made.alignment().AlignVCenter)
    return made
