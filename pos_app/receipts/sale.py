"""A paid document as a paper: sale, return, exchange or void, gift receipt, copy or training."""

from collections.abc import Iterable
from decimal import Decimal

from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent

from pos_app.domain.document import AdjustmentKind, OrderLine, OrderView
from pos_app.domain.gift_code import is_made
from pos_app.domain.money import currency
from pos_app.domain.order_status import OrderKind
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.shop import ShopSettings
from pos_app.receipts.layout import Barcode, Block, Document, Logo, Row, Rule, Text, plain, wrapped

COPY, GIFT, TRAINING = "*** COPY ***", "GIFT RECEIPT", "TRAINING - NOT A RECEIPT"
TITLE_LINES = 2
# What goes with these is said otherwise, or is the customer's own word.
_UNNUMBERED = frozenset({Tender.CARD, Tender.ACCOUNT, Tender.DEPOSIT})
TITLES = {OrderKind.RETURN: "RETURN", OrderKind.EXCHANGE: "EXCHANGE", OrderKind.VOID: "VOID"}


def sale_document(
    sale: OrderView, settings: ShopSettings, *, copy: bool = False, gift: bool = False, logo: bytes | None = None
) -> Document:
    """Lay a document out. A gift receipt names no price, and a book can be brought back with it all the same."""
    paper = _Sale(sale, settings)
    blocks = [*paper.marks(copy=copy, gift=gift), *paper.head(logo)]
    if gift:
        blocks += [Rule(), *paper.presents(), Rule()]
    else:
        blocks += [Rule(), *paper.lines(), Rule(), *paper.sums(), *paper.loyalty()]
    blocks += paper.foot()
    if not gift:
        blocks += paper.gift_cards()
    blocks += paper.marks(copy=copy, gift=False)
    return Document(tuple(blocks), settings.receipt_width)


class _Sale:
    """The parts of one document's paper."""

    def __init__(self, sale: OrderView, settings: ShopSettings) -> None:
        self.sale, self.settings = sale, settings
        self._digits = currency(sale.currency).digits

    def amount(self, amount: int) -> str:
        pattern = "#,##0" + ("." + "0" * self._digits if self._digits else "")
        return format_decimal(Decimal(amount).scaleb(-self._digits), format=pattern, locale=self.settings.locale)

    def marks(self, *, copy: bool, gift: bool) -> Iterable[Block]:
        for mark, shown in ((TRAINING, self.sale.training), (COPY, copy), (GIFT, gift)):
            if shown:
                yield Text(mark, "centre", bold=True)

    def head(self, logo: bytes | None) -> Iterable[Block]:
        sale, settings = self.sale, self.settings
        if logo is not None:
            yield Logo(logo)
        yield Text(settings.shop_name, "centre", bold=True)
        for text in (settings.address, f"Tax number {settings.tax_number}" if settings.tax_number else ""):
            if text:
                yield Text(text, "centre")
        yield Text("")
        if not sale.lines:
            yield Text(self._without_lines(), "centre", bold=True)
        if sale.kind in TITLES:
            of = f" of {sale.refers_to}" if sale.refers_to else ""
            yield Text(f"{TITLES[sale.kind]}{of}", "centre", bold=True)
        moment = (sale.paid_at or sale.placed_at).astimezone(settings.zone).replace(tzinfo=None)
        yield Row(f"Receipt {sale.number}", format_datetime(moment, "d MMM y HH:mm", locale=settings.locale))
        yield Text(f"Served by {sale.operator}")
        if sale.customer:
            yield Text(f"Customer {sale.customer}")

    def _without_lines(self) -> str:
        """What a document is that sells nothing."""
        deposit = next((paid for paid in self.sale.payments if paid.tender == Tender.DEPOSIT), None)
        if deposit is None:
            return "PAYMENT TO ACCOUNT"
        given = "" if deposit.amount < 0 else " GIVEN BACK"
        return f"DEPOSIT{given}, ORDER {deposit.reference}"

    def lines(self) -> Iterable[Block]:
        for line in self.sale.lines:
            yield from self._line(line)
        if self.sale.note:
            yield Text(f"Note: {self.sale.note}")

    def presents(self) -> Iterable[Block]:
        """What was bought, without a price."""
        for line in self.sale.lines:
            count = f"{line.quantity} x"
            first, *more = self._title(line.title, count)
            yield Row(first, count)
            for text in more:
                yield Text(text)

    def _title(self, title: str, right: str) -> list[str]:
        """A title in two lines at most, beside a figure where there is one."""
        room = max(self.settings.receipt_width - (len(right) + 2 if right else 0), 10)
        return wrapped(plain(title), room)[:TITLE_LINES] or [""]

    def _line(self, line: OrderLine) -> Iterable[Block]:
        amount = self.amount(line.quantity * line.price)
        first, *more = self._title(line.title, amount if line.quantity == 1 else "")
        yield Row(first, amount if line.quantity == 1 else "")
        for text in more:
            yield Text(text)
        if line.quantity != 1:
            yield Row(f"  {line.quantity} x {self.amount(line.price)}", amount)
        if line.gift_card:
            yield Text(f"  Card ending in {line.gift_card[-4:]}")
        told = 0
        for why in line.adjustments:
            if why.amount:
                told += why.amount
                yield Row(f"  {why.name}", self.amount(-why.amount))
            elif why.kind is AdjustmentKind.PRICE and why.was is not None:
                yield Text(f"  {why.name}, was {self.amount(int(why.was))}")
            else:
                yield Text(f"  {why.name}")
        if line.discount != told:
            yield Row("  Discount", self.amount(told - line.discount))
        if line.note:
            yield Text(f"  {line.note}")

    def sums(self) -> Iterable[Block]:
        sale = self.sale
        if not sale.lines:
            yield from self._money()
            return
        if not sale.prices_include_tax:
            yield Row("Net", self.amount(sale.net))
            for tax in sale.taxes:
                yield Row(f"Tax {self._rate(tax.rate)} on {self.amount(tax.net)}", self.amount(tax.tax))
        if sale.rounding:
            yield Row("Rounding", self.amount(sale.rounding))
        yield Row(f"TOTAL {sale.currency}", self.amount(sale.total), bold=True, tall=True)
        yield Text("")
        for paid in sale.payments:
            yield self._payment(paid)
        if sale.change:
            yield Row("Change", self.amount(sale.change))
        if sale.prices_include_tax:
            yield Text("")
            rates = [tax.rate for tax in sale.taxes]
            for tax in sale.taxes:
                gross = self.amount(tax.net + tax.tax)
                # Two of one rate differ in nothing but their names.
                what = plain(tax.name) if rates.count(tax.rate) > 1 else f"{self._rate(tax.rate)} tax"
                yield Row(f"Includes {what} on {gross}", self.amount(tax.tax))

    def _money(self) -> Iterable[Block]:
        """What came in or went out where nothing was sold: the sum of such a document is nothing, and says nothing."""
        payments = self.sale.payments
        # A deposit may itself be paid from an account, or go back to one.
        of_deposit = any(paid.tender == Tender.DEPOSIT for paid in payments)
        owed = [paid for paid in payments if paid.tender == (Tender.DEPOSIT if of_deposit else Tender.ACCOUNT)]
        moved = -sum(paid.amount for paid in owed)
        word = "RECEIVED" if moved >= 0 else "GIVEN BACK"
        yield Row(f"{word} {self.sale.currency}", self.amount(abs(moved)), bold=True, tall=True)
        yield Text("")
        for paid in payments:
            if paid not in owed:
                yield self._payment(paid)
        for paid in owed:
            if of_deposit:
                name = f"{'Kept for' if paid.amount < 0 else 'No longer kept for'} order {paid.reference}"
            else:
                name = "Put onto the account"
            yield Row(name, self.amount(abs(paid.amount)))

    def _payment(self, paid: PaymentIn) -> Row:
        name = paid.name or paid.tender.replace("_", " ").capitalize()
        number = f" ending in {paid.reference[-4:]}" if paid.reference and paid.tender not in _UNNUMBERED else ""
        scheme = f" {paid.scheme}" if paid.scheme else ""
        back = " paid back" if paid.amount < 0 else ""
        if paid.tender == Tender.DEPOSIT:
            back = f" for order {paid.reference}" if paid.amount < 0 else f" of order {paid.reference}"
        return Row(f"{name}{scheme}{number}{back}", self.amount(paid.amount))

    def _rate(self, rate: Decimal) -> str:
        return str(format_percent(rate, "#,##0.### %", locale=self.settings.locale))

    def loyalty(self) -> Iterable[Block]:
        """What the sale did to the customer's points."""
        moved = self.sale.loyalty
        if moved is None:
            return
        yield Text("")
        unit = moved.kind.value.capitalize()
        for name, delta in (("earned", moved.earned), ("used", moved.redeemed)):
            if delta:
                yield Row(f"{unit} {name}", f"{delta:+d}")
        yield Row(f"{unit} now", str(moved.balance))

    def gift_cards(self) -> Iterable[Block]:
        """The card itself, to be torn off, where the till made its code: nothing else bears it."""
        for line in self.sale.lines:
            if line.gift_card is None or line.quantity < 0 or not is_made(line.gift_card):
                continue
            yield Text("")
            yield Rule()
            yield Text("GIFT CARD", "centre", bold=True)
            yield Text(f"{self.amount(line.amount)} {self.sale.currency}", "centre", bold=True)
            yield Barcode(line.gift_card)
            yield Text("Whoever has this code can spend it. Keep it like cash.", "centre")

    def foot(self) -> Iterable[Block]:
        yield Text("")
        yield Barcode(self.sale.number)
        if self.settings.receipt_footer:
            yield Text(self.settings.receipt_footer, "centre")
