"""A shop's first start: its name, its money and its first admin."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.permission import UserRole
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused
from pos_app.models import Book, TaxRate, User
from pos_app.services.journal import append_here
from pos_app.services.setting import write_settings
from pos_app.services.sign_in import check_pin, hash_pin
from pos_app.services.tax_rate import MAX_NAME, check_rate
from pos_app.services.user import checked_name, new_user


@dataclass(frozen=True, slots=True)
class FirstStart:
    """What a new shop is asked; `tax_rate` is a fraction."""

    settings: ShopSettings
    tax_name: str
    tax_rate: Decimal
    admin_name: str
    admin_pin: str


async def is_new(app: App) -> bool:
    """Tell whether nobody has been added yet."""
    return await app.db.read(lambda session: session.scalar(select(User.id).limit(1)) is None)


async def has_titles(app: App) -> bool:
    """Tell whether there is anything to sell yet."""
    return await app.db.read(lambda session: session.scalar(select(Book.id).limit(1)) is not None)


async def set_up(app: App, answers: FirstStart) -> None:
    """Set a new shop up, once.

    Raises Refused("first_start.done" | "tax.invalid" | "setting.invalid" | "currency.unknown" | "user.name" |
    "pin.invalid").
    """
    check_tax(answers.tax_name.strip(), answers.tax_rate)
    hashed = await asyncio.to_thread(hash_pin, answers.admin_pin)

    def act(session: Session) -> None:
        if session.scalar(select(User.id).limit(1)) is not None:
            raise Refused("first_start.done")
        write_settings(session, answers.settings)
        session.add(TaxRate(name=answers.tax_name.strip(), rate=answers.tax_rate))
        admin = new_user(session, answers.admin_name, UserRole.ADMIN, hashed)
        append_here(session, app, "user_added", person=admin.id, role=admin.role.value)

    await app.db.write(act)


def check_admin(name: str, pin: str) -> None:
    """Raise Refused("user.name" | "pin.invalid") where somebody cannot be called so, or have such a PIN."""
    checked_name(name)
    check_pin(pin)


def check_tax(name: str, rate: Decimal) -> None:
    """Raise Refused("tax.invalid") unless the tables can hold the tax exactly."""
    if not (0 < len(name) <= MAX_NAME and name.isprintable()):
        raise Refused("tax.invalid")
    check_rate(rate)
