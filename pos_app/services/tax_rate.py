"""The taxes titles are sold at, as the shop has set them up. Documents keep the names and rates they were made with."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_text
from pos_app.domain.journal import canonical
from pos_app.domain.permission import Permission
from pos_app.domain.search import fold
from pos_app.errors import Conflict, Refused
from pos_app.models import Book, TaxRate, table
from pos_app.models.base import RATE_SCALE
from pos_app.services import journal
from pos_app.services.right import Operator, require
from pos_app.services.setting import lock_settings

MAX_NAME = 80
# So few titles are looked for one by one, and one is named.
FEW = 50
# What gift cards are sold at: money changed into money is taxed when it is spent. Found by this name.
OUTSIDE_TAX = "Outside tax"
_TAXES = table(TaxRate).c
_ALL = select(_TAXES.id, _TAXES.name, _TAXES.rate, _TAXES.active, _TAXES.version).order_by(_TAXES.name, _TAXES.id)


@dataclass(frozen=True, slots=True)
class TaxRateRow:
    """A tax rate; `rate` is a fraction."""

    id: int
    name: str
    rate: Decimal
    active: bool = True
    version: int = 1

    @property
    def fixed(self) -> bool:
        """Whether it is the one gift cards are sold at, which stays as it is."""
        return self.name == OUTSIDE_TAX


async def list_tax_rates(app: App, *, unused: bool = False) -> list[TaxRateRow]:
    """Give the tax rates in use by name, and where asked those no longer in use too."""
    query = _ALL if unused else _ALL.where(_TAXES.active)
    return await app.db.read(lambda session: [TaxRateRow(*row) for row in session.execute(query)])


async def add_tax_rate(app: App, operator: Operator, name: str, rate: Decimal) -> TaxRateRow:
    """Add a tax that titles can be sold at.

    Raises Refused("tax.invalid" | "tax.taken" | "code.card_number" | "right.missing").
    """
    name = _checked_name(name)
    check_rate(rate)
    now = app.clock.now()

    def act(session: Session) -> TaxRateRow:
        require(session, operator, Permission.CHANGE_SETTINGS)
        lock_settings(session)  # so that two people do not add the same
        _refuse_taken(session, name)
        made = TaxRate(name=name, rate=rate)
        session.add(made)
        session.flush()
        return _kept(session, operator, made, now)

    return await app.db.write(act)


async def change_tax_rate(app: App, operator: Operator, wanted: TaxRateRow) -> TaxRateRow:
    """Rename a tax, change its rate, or switch it off or on; it holds for what is sold from now on.

    Raises Conflict("tax.changed", current: TaxRateRow) when somebody else changed it first, Refused("tax.missing" |
    "tax.invalid" | "tax.taken" | "tax.fixed" | "tax.used" | "tax.last" | "code.card_number" | "right.missing").
    """
    name = _checked_name(wanted.name)
    check_rate(wanted.rate)
    now = app.clock.now()

    def act(session: Session) -> TaxRateRow:
        require(session, operator, Permission.CHANGE_SETTINGS)
        # Of two people who switch off the last two taxes, the second finds the first gone.
        lock_settings(session)
        # Titles that are being given the tax right now are waited for, and then counted.
        stored = session.scalar(select(TaxRate).where(TaxRate.id == wanted.id).with_for_update())
        if stored is None:
            raise Refused("tax.missing")
        if stored.version != wanted.version:
            raise Conflict("tax.changed", current=_row(stored), name=stored.name)
        if stored.name == OUTSIDE_TAX:
            raise Refused("tax.fixed", name=stored.name)
        if name != stored.name:
            _refuse_taken(session, name, besides=stored.id)
        if stored.active and not wanted.active:
            _refuse_needed(session, stored)
        stored.name, stored.rate, stored.active = name, wanted.rate, wanted.active
        stored.version += 1
        session.flush()
        return _kept(session, operator, stored, now)

    return await app.db.write(act)


def check_rate(rate: Decimal) -> None:
    """Raise Refused("tax.invalid") unless the tables can hold the rate exactly."""
    if not (rate.is_finite() and 0 <= rate <= 1 and rate * RATE_SCALE % 1 == 0):
        raise Refused("tax.invalid")


def _refuse_taken(session: Session, name: str, besides: int | None = None) -> None:
    """See that no other tax has the name, in whatever letters: none that is switched off, nor gift cards' to come."""
    names = [OUTSIDE_TAX, *(row.name for row in session.execute(_ALL) if row.id != besides)]
    taken = next((one for one in names if fold(one) == fold(name)), None)
    if taken is not None:
        raise Refused("tax.taken", name=taken)


def _refuse_needed(session: Session, stored: TaxRate) -> None:
    """See that no title on sale has the tax, and that another one is left for new titles."""
    titles, first = session.execute(
        select(func.count(), func.min(Book.title)).where(Book.tax_rate_id == stored.id, Book.active)
    ).one()
    if titles:
        named = f", such as “{first}”," if titles < FEW else ""
        used = f"1 title, “{first}”, has" if titles == 1 else f"{titles:,} titles{named} have"
        raise Refused("tax.used", name=stored.name, used=used)
    others = (TaxRate.active, TaxRate.id != stored.id, TaxRate.name != OUTSIDE_TAX)
    if session.scalar(select(TaxRate.id).where(*others).limit(1)) is None:
        raise Refused("tax.last", name=stored.name)


def _kept(session: Session, operator: Operator, stored: TaxRate, now: datetime) -> TaxRateRow:
    """A tax as it is stored now, which the journal is told; a rate counts in millionths there."""
    said = canonical(
        {"id": stored.id, "name": stored.name, "rate": int(stored.rate * RATE_SCALE), "active": stored.active}
    )
    journal.append(session, operator.till_id, "settings", now, user_id=operator.user_id, tax=said)
    return _row(stored)


def _row(stored: TaxRate) -> TaxRateRow:
    return TaxRateRow(stored.id, stored.name, stored.rate, stored.active, stored.version)


def _checked_name(name: str) -> str:
    return free_text(name, MAX_NAME, "tax.invalid", needed=True)
