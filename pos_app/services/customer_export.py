"""Everything kept of one person, as a file for programs and one to read."""

import asyncio
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.permission import Permission
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused, Unavailable
from pos_app.models import (
    AccountMovement,
    Cart,
    CartStatus,
    Customer,
    LoyaltyMovement,
    Order,
    Quote,
    Reservation,
    table,
)
from pos_app.receipts.order import money
from pos_app.services import journal
from pos_app.services.customer_edit import consents_of
from pos_app.services.customer_family import family_ids
from pos_app.services.order_view import order_view
from pos_app.services.right import Operator, require
from pos_app.services.setting import get_settings

# What only the program itself works with.
LEFT_OUT = frozenset({"version", "name_key", "search_text", "search_grams", "content_hash", "uid"})
# What is kept in minor units, wherever it stands.
MONEY = frozenset({
    "total", "price", "amount", "net", "tax", "discount", "change", "rounding", "balance", "credit_limit", "was",
    "net_amount", "tax_amount", "total_amount", "discount_amount", "goes_back", "balance_after",
})  # fmt: skip
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


async def export_customer(app: App, operator: Operator, customer_id: int, folder: Path) -> tuple[Path, Path]:
    """Write everything kept of a person into a folder, as JSON and as text, and note in the journal that it was done.

    Raises Refused("customer.missing" | "right.missing"), Unavailable("export.not_written").
    """
    now = app.clock.now()

    def act(session: Session) -> dict[str, Any]:
        require(session, operator, Permission.ERASE_CUSTOMERS)
        found = person(session, customer_id)
        journal.append(
            session, operator.till_id, "customer_exported", now, user_id=operator.user_id, customer=customer_id
        )
        return found

    found = await app.db.write(act)
    settings = await get_settings(app)
    files = (folder / f"customer-{customer_id}.json", folder / f"customer-{customer_id}.txt")
    as_json = json.dumps(found, ensure_ascii=False, indent=2)
    for path, text in zip(files, (as_json, "\n".join(readable(found, settings)) + "\n"), strict=True):
        await asyncio.to_thread(_write, path, text)
    return files


def person(session: Session, customer_id: int) -> dict[str, Any]:
    """Read everything kept of a person, inside an act; amounts are in minor units of the document's currency."""
    ids = family_ids(session, customer_id)
    if not ids or session.scalar(select(Customer.active).where(Customer.id == customer_id)) is not True:
        raise Refused("customer.missing")
    orders = session.scalars(select(Order.id).where(Order.customer_id.in_(ids)).order_by(Order.id))
    parked = (Cart.customer_id.in_(ids), Cart.status != CartStatus.PAID)
    found = {
        "customer": _rows(session, Customer, Customer.id.in_(ids)),
        "consents": [asdict(consent) for consent in consents_of(session, customer_id)],
        "documents": [asdict(order_view(session, one)) for one in orders.all()],
        "quotes": _rows(session, Quote, Quote.customer_id.in_(ids)),
        "account": _rows(session, AccountMovement, AccountMovement.customer_id.in_(ids)),
        "loyalty": _rows(session, LoyaltyMovement, LoyaltyMovement.customer_id.in_(ids)),
        "copies held": _rows(session, Reservation, Reservation.customer_id.in_(ids)),
        "baskets not paid": _rows(session, Cart, *parked),
    }
    plain: dict[str, Any] = _plain(found)
    return plain


def readable(found: Any, settings: ShopSettings, depth: int = 0) -> Iterator[str]:
    """Give the same as lines that a person reads: a name and what is kept under it, what is empty left out.

    Amounts are in the shop's money, times by its clock.
    """
    margin = "  " * depth
    for name, value in found.items():
        said = str(name).replace("_", " ").capitalize()
        if isinstance(value, list):
            yield f"{margin}{said}: {len(value) or 'nothing'}"
            for one in value:
                if isinstance(one, dict):
                    yield f"{margin}  -"
                    yield from readable(one, settings, depth + 2)
                else:
                    yield f"{margin}  - {one}"
        elif isinstance(value, dict):
            yield f"{margin}{said}:"
            yield from readable(value, settings, depth + 1)
        elif value not in (None, ""):
            yield f"{margin}{said}: {_said(name, value, settings)}"


def _said(name: str, value: Any, settings: ShopSettings) -> str:
    """A single thing as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and name in MONEY:
        return money(settings, value)
    if isinstance(value, str) and _INSTANT.match(value):
        return f"{datetime.fromisoformat(value).astimezone(settings.zone):%Y-%m-%d %H:%M}"
    return str(value)


def _rows(session: Session, model: Any, *conditions: Any) -> list[dict[str, Any]]:
    rows = session.execute(select(table(model)).where(*conditions).order_by(model.id)).mappings()
    return [{str(name): value for name, value in row.items() if name not in LEFT_OUT} for row in rows]


def _plain(value: Any) -> Any:
    """Anything kept as JSON has it."""
    match value:
        case dict():
            return {str(name): _plain(one) for name, one in value.items() if name not in LEFT_OUT}
        case list() | tuple():
            return [_plain(one) for one in value]
        case Enum():
            return value.value
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
    return value


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise Unavailable("export.not_written", path=str(path), reason=error.strerror or str(error)) from error
