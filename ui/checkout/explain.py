"""Explain this number: how each line and the whole of a basket, or of a stored document, came about.

A stored document is explained by what it stores, never by today's prices, taxes or settings.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pos_app.domain.document import Adjustment, AdjustmentKind, OrderLine, OrderView
from pos_app.domain.order_status import OrderKind
from pos_app.domain.sale import TaxTotal
from pos_app.services.cart_view import CartLine, CartView
from ui.format import Formatter

KINDS = {
    AdjustmentKind.PRICE: "Another price",
    AdjustmentKind.TAX: "Another tax",
    AdjustmentKind.PROMOTION: "Promotion",
    AdjustmentKind.LINE_DISCOUNT: "Discount on the line",
    AdjustmentKind.SALE_DISCOUNT: "Share of the sale's discount",
}
DOCUMENTS = {
    OrderKind.SALE: "Sale",
    OrderKind.RETURN: "Return",
    OrderKind.EXCHANGE: "Exchange",
    OrderKind.VOID: "Void",
    OrderKind.CUSTOMER_ORDER: "Order",
}
Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Explained:
    """One amount, step by step: (what, figure), the figure empty where words say all."""

    title: str
    rows: tuple[Row, ...]


def explain_cart(cart: CartView, line: CartLine | None, fmt: Formatter) -> tuple[Explained, ...]:
    """The line chosen, where there is one, and the whole basket."""
    blocks = []
    if line is not None:
        computed = zip(cart.lines, cart.totals.lines, strict=True)
        tax = next((total.tax for one, total in computed if one.key == line.key), 0)
        rows = _line_rows(line, fmt, tax=tax, inclusive=fmt.settings.prices_include_tax)
        blocks.append(Explained(line.title, tuple(rows)))
    return (*blocks, Explained("The sale", tuple(_cart_rows(cart, fmt))))


def explain_document(document: OrderView, fmt: Formatter) -> tuple[Explained, ...]:
    """Each line of a stored document, and the whole."""
    lines = [
        Explained(
            line.title,
            tuple(
                _line_rows(line, fmt, tax=line.tax, inclusive=document.prices_include_tax, asked_by=document.operator)
            ),
        )
        for line in document.lines
    ]
    title = f"{DOCUMENTS[document.kind]} {document.number}"
    return (Explained(title, tuple(_document_rows(document, fmt))), *lines)


def _line_rows(
    line: CartLine | OrderLine, fmt: Formatter, *, tax: int, inclusive: bool, asked_by: str = ""
) -> Iterable[Row]:
    comes_back = line.quantity < 0
    back = " that come back" if comes_back else ""
    yield f"{abs(line.quantity)} × {fmt.amount(line.price)}{back}", fmt.amount(line.quantity * line.price)
    if isinstance(line, CartLine) and line.cover_price is not None and line.cover_price != line.price:
        yield f"The cover says {fmt.amount(line.cover_price)}", ""
    for why in line.adjustments:
        yield _why(why, fmt, asked_by), fmt.amount(-why.amount) if why.amount else ""
    told = sum(why.amount for why in line.adjustments)
    if line.discount != told:
        what = "Its share of the discount it was sold with" if comes_back else "Discount"
        yield what, fmt.amount(told - line.discount)
    if inclusive:
        yield "Amount", fmt.amount(line.amount)
        yield f"Tax in it: {fmt.amount(tax)}, {line.tax_name}, {fmt.percent(line.tax_rate)}", ""
    else:
        yield "Amount before tax", fmt.amount(line.amount)
        yield f"Tax on it: {fmt.amount(tax)}, {line.tax_name}, {fmt.percent(line.tax_rate)}", ""
    if isinstance(line, OrderLine) and line.returned_quantity:
        yield f"{line.returned_quantity} of {line.quantity} came back since", ""


def _why(why: Adjustment, fmt: Formatter, asked_by: str) -> str:
    text = f"{KINDS[why.kind]}: {why.name}"
    if why.was is not None:
        text += f" (was {fmt.amount(int(why.was)) if why.kind is AdjustmentKind.PRICE else why.was})"
    if not why.allowed_by:
        return text
    asked = f", asked for by {asked_by}" if asked_by else ""
    return f"{text}{asked}, allowed by {why.allowed_by}"


def _sum_rows(
    lines: Iterable[CartLine | OrderLine], taxes: Iterable[TaxTotal], fmt: Formatter, *, inclusive: bool
) -> Iterable[Row]:
    """From the prices to the total: what came off, and, where prices are without it, the tax."""
    lines = tuple(lines)
    count = sum(abs(line.quantity) for line in lines)
    prices = sum(line.quantity * line.price for line in lines)
    yield ("1 item at its price" if count == 1 else f"{count} items at their prices"), fmt.amount(prices)
    given = sum(line.discount for line in lines if line.quantity > 0)
    if given:
        yield "Promotions and discounts", fmt.amount(-given)
    shares = sum(line.discount for line in lines if line.quantity < 0)
    if shares:
        yield "Shares of the discounts it was sold with", fmt.amount(-shares)
    if not inclusive:
        for tax in taxes:
            yield f"{tax.name}, {fmt.percent(tax.rate)} on {fmt.amount(tax.net)} net", fmt.amount(tax.tax)


def _taxes_in_it(taxes: Iterable[TaxTotal], fmt: Formatter) -> Iterable[Row]:
    for tax in taxes:
        base = f"{tax.name}, {fmt.percent(tax.rate)} on {fmt.amount(tax.net)} net"
        yield f"Tax in it: {fmt.amount(tax.tax)}, {base}", ""


def _cart_rows(cart: CartView, fmt: Formatter) -> Iterable[Row]:
    inclusive = fmt.settings.prices_include_tax
    yield from _sum_rows(cart.lines, cart.totals.taxes, fmt, inclusive=inclusive)
    yield "Total, taxes included", fmt.amount(cart.totals.total)
    if inclusive:
        yield from _taxes_in_it(cart.totals.taxes, fmt)
    for paid in cart.payments:
        yield f"{paid.name or paid.tender} taken", fmt.amount(-paid.amount)
    if cart.due > 0 and cart.cash_due != cart.due:
        step = fmt.amount(fmt.settings.cash_rounding)
        yield f"In cash, rounded to {step}", fmt.amount(cart.settlement.cash_due)


def _document_rows(document: OrderView, fmt: Formatter) -> Iterable[Row]:
    till = f", till {document.till}" if document.till is not None else ""
    yield f"{fmt.dated(document.paid_at or document.placed_at)}, by {document.operator}{till}", ""
    if document.training:
        yield "Training: it is in no total", ""
    if document.refers_to:
        yield f"Takes back from sale {document.refers_to}", ""
    if document.reason:
        yield f"Reason: {document.reason}", ""
    if document.allowed_by:
        yield f"Asked for by {document.operator}, allowed by {document.allowed_by}", ""
    yield from _sum_rows(document.lines, document.taxes, fmt, inclusive=document.prices_include_tax)
    if document.rounding:
        yield "Rounded for cash", fmt.amount(document.rounding)
    yield "Total, taxes included", fmt.amount(document.total)
    if document.prices_include_tax:
        yield from _taxes_in_it(document.taxes, fmt)
    for paid in document.payments:
        name = paid.name or paid.tender
        yield (f"{name} paid back" if paid.amount < 0 else f"{name} taken"), fmt.amount(paid.amount)
    if document.change:
        yield "Change given", fmt.amount(-document.change)
