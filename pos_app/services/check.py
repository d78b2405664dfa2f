"""Whether the books balance: every rule that must never break, looked for in what is stored."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import Row, bindparam, select, text
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.order_status import OrderKind
from pos_app.domain.payment import PaymentIn
from pos_app.domain.sale import SaleLine, SaleLineTotal, SaleTotals, compute_sale, total_up
from pos_app.domain.shop import StockPolicy
from pos_app.domain.tax import TaxPolicy
from pos_app.errors import Refused
from pos_app.models import Order, OrderChange, OrderItem, Payment, table
from pos_app.services.check_journal import journal_findings, newer_receipts
from pos_app.services.check_rule import Rule
from pos_app.services.check_rules import PROTECTED, RULES
from pos_app.services.order import content_hash
from pos_app.services.setting import shop_settings

FINDINGS_SHOWN = 100
ORDERS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Check:
    """One rule, and what breaks it: at most a hundred findings."""

    name: str
    rule: str
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All rules as they stood at one moment."""

    checks: tuple[Check, ...]

    @property
    def findings(self) -> int:
        """How much was found."""
        return sum(len(check.findings) for check in self.checks)

    @property
    def first(self) -> str:
        """The first thing found; empty where nothing was."""
        return next((finding for check in self.checks for finding in check.findings), "")


async def verify(app: App) -> Report:
    """Check every rule on one snapshot of the database; changes nothing."""

    def act(session: Session) -> Report:
        if app.db.kind == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return verify_here(session, app.config.receipts_dir)

    return await app.db.read(act)


def verify_here(session: Session, receipts_dir: Path | None) -> Report:
    """Check every rule on what a session sees; a copy has no receipts beside it."""
    strict = shop_settings(session).stock_policy is StockPolicy.STRICT
    rules = [rule for rule in RULES if strict or not rule.strict_only]
    checks = [_check(session, rule) for rule in rules]
    return Report(
        (
            *checks,
            *_documents(session),
            Check("append-only", "The database itself refuses changes to documents.", _unprotected(session)),
            Check(
                "journal",
                "Each till's journal is whole, and documents are as it has them.",
                tuple(islice(journal_findings(session), FINDINGS_SHOWN)),
            ),
            Check(
                "receipts kept",
                "No receipt is kept on this machine that the database does not know.",
                tuple(newer_receipts(session, receipts_dir)) if receipts_dir else (),
            ),
            *_file_check(session),
        )
    )


def _check(session: Session, rule: Rule) -> Check:
    rows = session.execute(text(f"{rule.sql} LIMIT {FINDINGS_SHOWN}")).mappings()
    return Check(rule.name, rule.text, tuple(rule.finding.format(**row) for row in rows))


def _documents(session: Session) -> tuple[Check, Check]:
    """What SQL cannot compute: each document's taxes and its hash, in one pass."""
    miscomputed: list[str] = []
    altered: list[str] = []
    for content in _contents(session):
        miscomputed += _miscomputed(content)
        altered += _altered(content)
    return (
        Check("taxes", "Taxes and totals compute again from the lines.", tuple(miscomputed[:FINDINGS_SHOWN])),
        Check("content", "Each document is as it was written.", tuple(altered[:FINDINGS_SHOWN])),
    )


@dataclass(frozen=True, slots=True)
class _Content:
    """A document read back: what it says of itself, and what its lines and payments make of it."""

    order: Row[tuple[int]]
    items: list[Row[tuple[int]]]
    payments: tuple[PaymentIn, ...]
    totals: SaleTotals | None
    # Whether what was ordered was changed since; the journal and a rule of its own have it as it stands.
    changed: bool


def _contents(session: Session) -> Iterator[_Content]:
    """Read all documents, some at a time, so that a large shop fits into memory."""
    order, item, paid, change = table(Order), table(OrderItem), table(Payment), table(OrderChange).c
    orders = select(order).where(order.c.id > bindparam("after")).order_by(order.c.id).limit(ORDERS_AT_ONCE)
    last = 0
    while rows := session.execute(orders, {"after": last}).all():
        span = (last + 1, rows[-1].id)
        items = defaultdict(list)
        for row in session.execute(
            select(item).where(item.c.order_id.between(*span)).order_by(item.c.order_id, item.c.position)
        ):
            if row.quantity:
                items[row.order_id].append(row)
        payments = defaultdict(list)
        for row in session.execute(select(paid).where(paid.c.order_id.between(*span)).order_by(paid.c.id)):
            payments[row.order_id].append(PaymentIn(row.uid, row.tender, row.amount, row.reference))
        changed = set(session.scalars(select(change.order_id).where(change.order_id.between(*span)).distinct()))
        for row in rows:
            lines, paid_with = items[row.id], tuple(payments[row.id])
            yield _Content(row, lines, paid_with, _recomputed(row, lines), row.id in changed)
        last = rows[-1].id


def _recomputed(order: Row[tuple[int]], items: list[Row[tuple[int]]]) -> SaleTotals | None:
    """A document's amounts from its lines; None where a line is one that no sale can hold.

    Lines that came back mirror those they were sold on, which a rule of its own looks at; here they only have to be
    sound in themselves.
    """
    policy = TaxPolicy(order.prices_include_tax, order.tax_level)
    asked = [SaleLine(row.quantity, row.price, row.discount_amount, row.tax_name, row.tax_rate) for row in items]
    try:
        sold = iter(compute_sale(policy, [line for line in asked if line.quantity > 0]).lines)
    except Refused:
        return None
    totals = [next(sold) if row.quantity > 0 else _as_it_came_back(policy, row) for row in items]
    return total_up(asked, totals)


def _as_it_came_back(policy: TaxPolicy, row: Row[tuple[int]]) -> SaleLineTotal:
    """A line that came back, its amount computed from what it says of itself."""
    amount = row.quantity * row.price - row.discount_amount
    net = amount - row.tax_amount if policy.prices_include_tax else amount
    return SaleLineTotal(row.discount_amount, amount, net, row.tax_amount)


def _miscomputed(content: _Content) -> Iterator[str]:
    order, totals = content.order, content.totals
    if totals is None:
        yield f"order {order.id}: a line that no sale can hold"
        return
    lines = [(row.amount, row.net_amount, row.tax_amount) for row in content.items]
    if lines != [(line.amount, line.net, line.tax) for line in totals.lines]:
        yield f"order {order.id}: a line's amounts are not those its price, discount and tax rate give"
    stored = (order.net_amount, order.tax_amount, order.discount_amount, order.total_amount)
    if stored != (totals.net, totals.tax, totals.discount, totals.total + order.rounding_amount):
        yield f"order {order.id}: net, tax, discount or total is not what the lines give"


def _altered(content: _Content) -> Iterator[str]:
    """A sale's hash covers its payments; a customer order's was made before anything was paid."""
    order = content.order
    if content.changed:
        return
    lines = [(row.book_id, row.quantity, row.price, row.discount_amount) for row in content.items]
    payments = () if order.kind is OrderKind.CUSTOMER_ORDER else content.payments
    if content_hash(order.uid, lines, order.total_amount - order.rounding_amount, payments) != order.content_hash:
        yield f"order {order.id}: its content is not the one it was written with"


def _unprotected(session: Session) -> tuple[str, ...]:
    """The tables whose triggers are gone."""
    if session.get_bind().dialect.name == "sqlite":
        found = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    else:
        found = session.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"))
    there = set(found)
    return tuple(f"{name} is missing" for name in PROTECTED if name not in there)


def _file_check(session: Session) -> tuple[Check, ...]:
    """SQLite's own check of its file; a PostgreSQL server checks its pages as it reads them."""
    if session.get_bind().dialect.name != "sqlite":
        return ()
    said = [line for line in session.scalars(text("PRAGMA integrity_check")) if line != "ok"]
    broken = session.execute(text("PRAGMA foreign_key_check")).all()
    said += [f"row {row[1]} of {row[0]} refers to a missing row of {row[2]}" for row in broken]
    return (Check("file", "The database file is whole.", tuple(said[:FINDINGS_SHOWN])),)
