"""Ending the program on a till that is kept open: whose PIN lets it, and what the journal says of it."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.domain.permission import Grant, Permission, UserRole
from pos_app.errors import Refused
from pos_app.models import JournalEntry
from pos_app.services.kiosk import let_end, list_closers
from pos_app.services.right import change_right
from pos_app.services.sign_in import TRIES, sign_in
from tests.shop import PIN, Shop


async def acts(shop: Shop) -> list[str]:
    def act(session: Session) -> list[str]:
        return list(session.scalars(select(JournalEntry.act).order_by(JournalEntry.id)))

    return await shop.app.db.read(act)


async def test_a_managers_pin_lets_it_end_and_the_journal_says_who(shop: Shop) -> None:
    assert [person.name for person in await list_closers(shop.app)] == ["Sam", "Max"]
    await let_end(shop.app, "Sam", PIN)
    assert (await acts(shop))[-1] == "program_ended"
    assert await shop.findings() == []


async def test_a_cashiers_pin_does_not_until_the_shop_says_so(shop: Shop) -> None:
    with pytest.raises(Refused) as refused:
        await let_end(shop.app, "Ana", PIN)
    assert (refused.value.code, refused.value.params["permission"]) == ("right.missing", "end_program")
    assert "program_ended" not in await acts(shop)
    await change_right(shop.app, shop.people["Max"], UserRole.CASHIER, Permission.END_PROGRAM, Grant(allowed=True))
    await let_end(shop.app, "Ana", PIN)


async def test_wrong_pins_are_counted_as_at_every_sign_in(shop: Shop) -> None:
    for _ in range(TRIES):
        with pytest.raises(Refused):
            await let_end(shop.app, "Sam", "9999")
    with pytest.raises(Refused) as refused:
        await sign_in(shop.app, "Sam", PIN)
    assert refused.value.code == "sign_in.blocked"
