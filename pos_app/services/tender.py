"""The ways to pay, as the shop has set them up."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_text
from pos_app.domain.journal import canonical
from pos_app.domain.payment import OverTender, TenderKind, TenderRule
from pos_app.domain.permission import Permission
from pos_app.domain.search import fold
from pos_app.errors import Refused
from pos_app.models import ShopTender, table
from pos_app.services import journal
from pos_app.services.right import Operator, require
from pos_app.services.setting import lock_settings

MAX_NAME = 40
_TENDERS = table(ShopTender).c
_ALL = select(
    _TENDERS.code,
    _TENDERS.name,
    _TENDERS.kind,
    _TENDERS.over,
    _TENDERS.opens_drawer,
    _TENDERS.asks_reference,
    _TENDERS.active,
    _TENDERS.position,
).order_by(_TENDERS.position, _TENDERS.code)


def tender_rules(session: Session) -> dict[str, TenderRule]:
    """Read all tenders inside an act, those no longer in use too, by code and in the shop's order."""
    return {row.code: TenderRule(*row) for row in session.connection().execute(_ALL)}


async def list_tenders(app: App) -> list[TenderRule]:
    """Give all tenders in the shop's order, those no longer in use too."""
    return await app.db.read(lambda session: list(tender_rules(session).values()))


async def add_tender(app: App, operator: Operator, name: str, *, asks_reference: bool = False) -> TenderRule:
    """Add a tender of the shop's own: a voucher somebody else redeems, whose worth beyond the sale is refused.

    Raises Refused("tender.name" | "tender.taken" | "right.missing").
    """
    now = app.clock.now()

    def act(session: Session) -> TenderRule:
        require(session, operator, Permission.CHANGE_SETTINGS)
        lock_settings(session)  # so that two people do not add the same
        known = tender_rules(session)
        _refuse_taken(known, name)
        code = re.sub(r"\W+", "_", fold(_checked_name(name)))[:16].strip("_") or "tender"
        while code in known:
            code = f"{code[:16]}_{len(known)}"
        position = (session.scalar(select(func.max(ShopTender.position))) or 0) + 1
        session.add(
            ShopTender(
                code=code,
                name=_checked_name(name),
                kind=TenderKind.VOUCHER,
                over=OverTender.REFUSE,
                asks_reference=asks_reference,
                position=position,
            )
        )
        session.flush()
        return _kept(session, operator, code, now)

    return await app.db.write(act)


async def change_tender(app: App, operator: Operator, rule: TenderRule) -> TenderRule:
    """Rename a tender, or change its rules or place; cash stays cash and in use.

    Raises Refused("tender.name" | "tender.taken" | "tender.fixed" | "tender.missing" | "right.missing").
    """
    now = app.clock.now()

    def act(session: Session) -> TenderRule:
        require(session, operator, Permission.CHANGE_SETTINGS)
        stored = session.scalar(select(ShopTender).where(ShopTender.code == rule.code).with_for_update())
        if stored is None:
            raise Refused("tender.missing", tender=rule.code)
        is_cash = stored.kind is TenderKind.CASH
        if rule.over is OverTender.FORFEIT and stored.kind is not TenderKind.VOUCHER:
            raise Refused("tender.fixed", name=stored.name)
        if is_cash and rule.asks_reference:
            raise Refused("tender.fixed", name=stored.name)
        if rule.kind is not stored.kind or is_cash != (rule.over is OverTender.CHANGE) or (is_cash and not rule.active):
            raise Refused("tender.fixed", name=stored.name)
        name = _checked_name(rule.name)
        if name != stored.name:
            lock_settings(session)
            _refuse_taken({code: one for code, one in tender_rules(session).items() if code != rule.code}, name)
        stored.name, stored.over, stored.active = name, rule.over, rule.active
        stored.opens_drawer, stored.asks_reference = rule.opens_drawer, rule.asks_reference
        stored.position = rule.position
        stored.version += 1
        session.flush()
        return _kept(session, operator, rule.code, now)

    return await app.db.write(act)


def _kept(session: Session, operator: Operator, code: str, now: datetime) -> TenderRule:
    """A tender as it is stored now, which the journal is told."""
    rule = tender_rules(session)[code]
    said = canonical({name: value for name, value in asdict(rule).items() if name != "position"})
    journal.append(session, operator.till_id, "settings", now, user_id=operator.user_id, tender=said)
    return rule


def _refuse_taken(known: Mapping[str, TenderRule], name: str) -> None:
    """See that no other tender has the name, in whatever letters, nor one that is switched off."""
    wanted = fold(_checked_name(name))
    taken = next((rule.name for rule in known.values() if fold(rule.name) == wanted), None)
    if taken is not None:
        raise Refused("tender.taken", name=taken)


def _checked_name(name: str) -> str:
    return free_text(name, MAX_NAME, "tender.name", needed=True)
