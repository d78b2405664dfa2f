"""Papers of customer orders: the customer's own, the slip in a copy that is held, the picking list, and the card."""

import re
from collections.abc import Sequence
from datetime import date

from babel.dates import format_date
from babel.numbers import format_currency

from pos_app.domain.customer_order import LineStand, Way
from pos_app.domain.document import OrderView
from pos_app.domain.money import currency
from pos_app.domain.shop import ShopSettings
from pos_app.receipts.layout import Barcode, Block, Document, Row, Rule, Text, plain

PREFIX = "ORDER-"
# As many digits as the number of a row can have.
_ORDER_CODE = re.compile(rf"{PREFIX}([0-9]{{1,9}})")


def order_code(order_id: int) -> str:
    """What the barcode of an order's papers says."""
    return f"{PREFIX}{order_id}"


def order_of_code(code: str) -> int | None:
    """The order a barcode stands for, if it is one's."""
    found = _ORDER_CODE.fullmatch(code.strip().upper())
    return int(found[1]) if found else None


def money(settings: ShopSettings, amount: int) -> str:
    """An amount as the shop writes it."""
    unit = currency(settings.currency)
    return format_currency(amount / unit.unit, settings.currency, locale=settings.locale)


def day(settings: ShopSettings, when: date) -> str:
    """A day as the shop writes it."""
    return format_date(when, "d MMM y", locale=settings.locale)


def order_document(
    settings: ShopSettings,
    order: OrderView,
    lines: Sequence[LineStand],
    way: Way,
    promised_on: date | None,
    deposit: int,
) -> Document:
    """Lay out what the customer takes home: what was ordered, what is held, what was paid and what is left to pay."""
    blocks: list[Block] = [Text(settings.shop_name, "centre", bold=True)]
    blocks += [Text(settings.address, "centre")] if settings.address else []
    blocks += [Text(""), Text(f"ORDER {order.id}", "centre", bold=True), Text(plain(order.customer or ""), bold=True)]
    blocks.append(Text(f"Placed {day(settings, order.placed_at.astimezone(settings.zone).date())}"))
    if promised_on is not None:
        blocks.append(Text(f"Promised {day(settings, promised_on)}"))
    where = plain((order.shipping_address or "").replace("\n", ", "))
    blocks += [Text(f"To be sent to {where}" if way is Way.SHIP else "To be collected in the shop"), Rule()]
    for line, stand in zip(order.lines, lines, strict=True):
        blocks.append(Row(f"{line.quantity} x {plain(line.title)}", money(settings, line.amount)))
        blocks.append(Text(f"    {stand.words}"))
    blocks += [Rule(), Row("Total", money(settings, order.total), bold=True)]
    if deposit:
        blocks.append(Row("Deposit paid", money(settings, deposit)))
    blocks.append(Row("LEFT TO PAY", money(settings, max(order.total - deposit, 0)), bold=True, tall=True))
    blocks += [Text(plain(order.note))] if order.note else []
    return Document((*blocks, Text(""), Barcode(order_code(order.id))), settings.receipt_width)


def hold_document(
    settings: ShopSettings,
    order_id: int | None,
    customer: str,
    title: str,
    pieces: int,
    *,
    whole: bool,
    place: str = "",
) -> Document:
    """Lay out the slip put into a copy that came for somebody, which lies in another `place` than the shop floor."""
    blocks: list[Block] = [Text("HELD FOR", "centre"), Row(plain(customer), "", bold=True, tall=True), Rule()]
    blocks.append(Text(f"{pieces} x {plain(title)}"))
    blocks += [Text(f"To be fetched from: {plain(place)}", bold=True)] if place else []
    if order_id is not None:
        blocks.append(Text(f"Order {order_id}, {'all of it is here' if whole else 'more is to come'}", bold=True))
        blocks.append(Barcode(order_code(order_id)))
    return Document(tuple(blocks), settings.receipt_width)


def picking_document(
    settings: ShopSettings, wanted: Sequence[tuple[str, str, int, Sequence[int]]], today: date
) -> Document:
    """Lay out what is to be fetched: (shelf, title, pieces, orders), in the order of the shelves."""
    blocks: list[Block] = [Text("PICKING LIST", "centre", bold=True), Text(day(settings, today), "centre"), Rule()]
    shelf = None
    for place, title, pieces, orders in wanted:
        if place != shelf:
            blocks.append(Text(plain(place) or "No shelf", bold=True))
            shelf = place
        blocks.append(Row(f"[ ] {plain(title)}", str(pieces)))
        blocks.append(Text(f"    Order {', '.join(map(str, orders))}"))
    return Document(tuple(blocks), settings.receipt_width)


def card_document(settings: ShopSettings, customer: str, words: str, order_id: int) -> Document:
    """Lay out the message to a customer as a card."""
    said = [Text(plain(line)) for line in words.splitlines()]
    head: list[Block] = [Text(settings.shop_name, "centre", bold=True), Text(""), Text(plain(customer), bold=True)]
    return Document((*head, Text(""), *said, Text(""), Barcode(order_code(order_id))), settings.receipt_width)
