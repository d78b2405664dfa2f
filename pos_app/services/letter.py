"""Papers to suppliers: purchase orders and returns, as what stands on a sheet; windows draw it and make it a PDF."""

from dataclasses import dataclass
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency

from pos_app.domain.money import currency
from pos_app.domain.shop import ShopSettings
from pos_app.services.publisher_return import PublisherReturnView, ReturnLine
from pos_app.services.purchase_order import PurchaseView
from pos_app.services.supplier import SupplierView


@dataclass(frozen=True, slots=True)
class Letter:
    """One sheet or more; `right` says which columns hold figures, `name` is what its file is called."""

    name: str
    title: str
    sender: tuple[str, ...]
    to: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    heads: tuple[str, ...]
    right: frozenset[int]
    rows: tuple[tuple[str, ...], ...]
    total: str
    note: str = ""


_HEADS = ("ISBN", "Title", "Copies", "Each", "Amount")
_RIGHT = frozenset({2, 3, 4})


def purchase_letter(order: PurchaseView, settings: ShopSettings) -> Letter:
    """Lay a purchase order out."""
    facts = [("Order", str(order.number)), ("Date", _day(order.sent_at or order.made_at, settings))]
    if order.expected_on is not None:
        facts.append(("Expected", format_date(order.expected_on, "long", locale=settings.locale)))
    rows = tuple(_row(line.isbn, line.title, line.quantity, line.cost, settings) for line in order.lines)
    return Letter(
        name=f"purchase-order-{order.number}",
        title=f"Purchase order {order.number}",
        sender=_sender(settings),
        to=_to(order.supplier),
        facts=(*facts, *_account(order.supplier)),
        heads=_HEADS,
        right=_RIGHT,
        rows=rows,
        total=f"{_copies(order.pieces)}, {_money(order.total, settings)} at the prices expected",
        note=order.note or "",
    )


def return_letter(made: PublisherReturnView, settings: ShopSettings) -> Letter:
    """Lay a return to a publisher out."""
    facts = [("Return", str(made.number)), ("Date", _day(made.posted_at, settings)), *_account(made.supplier)]
    gone, sent = sum(line.gone for line in made.lines), sum(line.quantity for line in made.lines)
    if gone < sent:
        facts.append(("Taken back", f"{sent - gone} of {_copies(sent)}"))
    rows = tuple((*_returned(line, settings), _came(line, settings)) for line in made.lines)
    return Letter(
        name=f"return-{made.number}",
        title=f"Return {made.number}",
        sender=_sender(settings),
        to=_to(made.supplier),
        facts=tuple(facts),
        heads=(*_HEADS, "Delivered, until"),
        right=_RIGHT,
        rows=rows,
        total=f"{_copies(gone)}, {_money(made.total, settings)} to be credited"
        if gone
        else "Withdrawn: nothing went back",
        note=made.note or "",
    )


def _row(isbn: str | None, title: str, pieces: int, cost: int | None, settings: ShopSettings) -> tuple[str, ...]:
    each = _money(cost, settings) if cost is not None else ""
    return (isbn or "", title, str(pieces), each, _money(cost * pieces, settings) if cost is not None else "")


def _returned(line: ReturnLine, settings: ShopSettings) -> tuple[str, ...]:
    """A line of a return; of what was taken back since, how many copies it was of."""
    isbn, title, pieces, each, amount = _row(line.isbn, line.title, line.gone, line.cost, settings)
    return (isbn, title, f"{pieces} of {line.quantity}" if line.taken_back else pieces, each, amount)


def _came(line: ReturnLine, settings: ShopSettings) -> str:
    """By which delivery it came last, and the last day of its window."""
    until = format_date(line.return_by, "short", locale=settings.locale) if line.return_by else ""
    return ", ".join(part for part in (line.delivery or "", until and f"until {until}") if part)


def _copies(pieces: int) -> str:
    return "1 copy" if pieces == 1 else f"{pieces} copies"


def _sender(settings: ShopSettings) -> tuple[str, ...]:
    return (settings.shop_name, *settings.address.splitlines(), settings.tax_number)


def _to(supplier: SupplierView) -> tuple[str, ...]:
    return (supplier.name, *(supplier.address or "").splitlines(), supplier.email or "")


def _account(supplier: SupplierView) -> tuple[tuple[str, str], ...]:
    facts = (("Account", supplier.account_number), ("SAN", supplier.san), ("Terms", f"{supplier.terms_days} days"))
    return tuple((name, text) for name, text in facts if text)


def _day(moment: object, settings: ShopSettings) -> str:
    local = moment.astimezone(settings.zone)  # type: ignore[attr-defined] # a datetime
    return str(format_date(local, "long", locale=settings.locale))


def _money(amount: int, settings: ShopSettings) -> str:
    money = currency(settings.currency)
    return str(format_currency(Decimal(amount).scaleb(-money.digits), money.code, locale=settings.locale))
