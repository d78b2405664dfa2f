"""Signing in: PINs, delays after wrong ones that no restart ends, and the shift that opens with it."""

import asyncio
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from pos_app import app as application
from pos_app.app import App
from pos_app.domain.permission import Permission, UserRole
from pos_app.errors import PosError, Refused
from pos_app.models import Shift, Till, User
from pos_app.services import sign_in as service
from pos_app.services.sign_in import hash_pin, list_people, sign_in
from pos_app.services.user import add_user, set_active, set_pin
from tests.conftest import SetClock
from tests.shop import PIN, Shop

WRONG = "9999"


async def attempt(app: App, name: str, pin: str = WRONG) -> PosError:
    """Try to sign in and give the refusal."""
    with pytest.raises(Refused) as refusal:
        await sign_in(app, name, pin)
    return refusal.value


async def block(app: App, name: str) -> None:
    for _ in range(service.TRIES):
        await attempt(app, name)


async def test_the_right_pin_signs_in_and_an_open_shift_is_there(shop: Shop) -> None:
    operator = await sign_in(shop.app, "Ana", PIN)
    assert (operator.name, operator.role, operator.till_number) == ("Ana", UserRole.CASHIER, 1)
    assert operator.shift_opened_at == shop.app.clock.now()
    assert operator.may(Permission.SELL)
    assert not operator.may(Permission.EDIT_BOOKS)


async def test_the_first_sign_in_makes_the_till_and_opens_its_shift(app: App) -> None:
    await add_user(app, "Ana", UserRole.CASHIER, "4321")
    operator = await sign_in(app, "Ana", "4321")
    assert operator.till_number == app.config.till

    def act(session: Session) -> list[tuple[int, str]]:
        return [(shift.till_id, str(shift.business_date)) for shift in session.scalars(select(Shift))]

    assert await app.db.read(act) == [(operator.till_id, "2026-11-23")]
    again = await sign_in(app, "Ana", "4321")
    assert again == operator
    assert len(await app.db.read(act)) == 1


async def test_wrong_pins_are_counted_down_and_then_cost_time(shop: Shop) -> None:
    left = [(await attempt(shop.app, "Ana")).params.get("tries_left") for _ in range(4)]
    assert left == [4, 3, 2, 1]
    fifth = await attempt(shop.app, "Ana")
    assert (fifth.code, fifth.params["wait_s"]) == ("sign_in.blocked", 30)
    assert (await attempt(shop.app, "Ana", PIN)).code == "sign_in.blocked"


async def test_the_delay_doubles_up_to_a_quarter_of_an_hour(shop: Shop, clock: SetClock) -> None:
    await block(shop.app, "Ana")
    waits = []
    for _ in range(8):
        clock.forward(seconds=901)
        waits.append((await attempt(shop.app, "Ana")).params["wait_s"])
    assert waits == [60, 120, 240, 480, 900, 900, 900, 900]


async def test_after_the_wait_the_right_pin_works_and_all_is_forgotten(shop: Shop, clock: SetClock) -> None:
    await block(shop.app, "Ana")
    clock.forward(seconds=29)
    assert (await attempt(shop.app, "Ana", PIN)).params["wait_s"] == 1
    clock.forward(seconds=1)
    await sign_in(shop.app, "Ana", PIN)
    assert (await attempt(shop.app, "Ana")).params["tries_left"] == 4


async def test_the_delay_survives_a_restart(shop: Shop, clock: SetClock) -> None:
    await block(shop.app, "Ana")
    restarted = application.build(shop.app.config, clock=clock)
    try:
        assert (await attempt(restarted, "Ana", PIN)).code == "sign_in.blocked"
    finally:
        await restarted.db.close()


async def test_the_till_counts_too_so_that_trying_many_names_does_not_help(shop: Shop) -> None:
    for name in ("Ana", "Jo", "Sam", "Max", "Nobody"):
        await attempt(shop.app, name)
    assert (await attempt(shop.app, "Sam", PIN)).code == "sign_in.blocked"


async def test_the_person_is_counted_at_every_till(shop: Shop, clock: SetClock) -> None:
    await block(shop.app, "Ana")
    other = application.build(replace(shop.app.config, till=2), clock=clock)
    try:
        assert (await attempt(other, "Ana", PIN)).code == "sign_in.blocked"
        assert (await sign_in(other, "Jo", PIN)).till_number == 2
    finally:
        await other.db.close()


async def test_signing_in_oneself_does_not_wash_another_person_clean(shop: Shop) -> None:
    for expected in (4, 3, 2, 1):
        assert (await attempt(shop.app, "Max")).params["tries_left"] == expected
        await sign_in(shop.app, "Ana", PIN)
    assert (await attempt(shop.app, "Max")).code == "sign_in.blocked"


async def test_a_clock_set_back_does_not_lengthen_the_wait(shop: Shop, clock: SetClock) -> None:
    await block(shop.app, "Ana")
    clock.forward(days=-400)
    assert (await attempt(shop.app, "Ana", PIN)).params["wait_s"] == service.LONGEST_DELAY_S
    clock.forward(seconds=service.LONGEST_DELAY_S)
    assert (await sign_in(shop.app, "Ana", PIN)).name == "Ana"


async def test_many_wrong_tries_at_once_are_all_counted(shop: Shop) -> None:
    codes = [error.code for error in await asyncio.gather(*(attempt(shop.app, "Ana") for _ in range(12)))]
    assert codes.count("sign_in.wrong") == 4
    assert codes.count("sign_in.blocked") == 8


async def test_an_unknown_name_is_refused_like_a_wrong_pin_and_takes_as_long(app: App) -> None:
    await add_user(app, "Ana", UserRole.CASHIER, "4321")
    known, unknown = [], []
    for _ in range(2):
        for name, times in (("Ana", known), ("Nobody", unknown)):
            started = time.perf_counter()
            assert (await attempt(app, name)).code == "sign_in.wrong"
            times.append(time.perf_counter() - started)
    assert min(unknown) > min(known) / 3


async def test_a_customers_account_cannot_sign_in_at_a_till(app: App) -> None:
    await add_user(app, "Rosa", UserRole.USER, "4321")
    assert (await attempt(app, "Rosa", "4321")).code == "sign_in.wrong"
    assert await list_people(app) == []


async def test_a_person_let_go_cannot_sign_in(shop: Shop) -> None:
    await set_active(shop.app, "Jo", active=False)
    assert (await attempt(shop.app, "Jo", PIN)).code == "sign_in.wrong"
    assert [person.name for person in await list_people(shop.app)] == ["Ana", "Sam", "Max"]


async def test_a_new_pin_replaces_the_old_one_and_ends_the_persons_wait(shop: Shop, clock: SetClock) -> None:
    for _ in range(3):
        await block(shop.app, "Ana")
        clock.forward(minutes=15)
    await set_pin(shop.app, "Ana", "123456")
    assert (await attempt(shop.app, "Ana", PIN)).code == "sign_in.blocked"  # the till's own count goes on
    clock.forward(minutes=15)
    assert (await sign_in(shop.app, "Ana", "123456")).name == "Ana"


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$v=19$m=19456,t=2,p=1$bm8$bm8", "$2b$12$abc"])
async def test_a_hash_that_is_none_lets_nobody_in(shop: Shop, stored: str) -> None:
    await shop.app.db.write(
        lambda session: session.execute(update(User).where(User.username == "Ana").values(hashed_pin=stored))
    )
    for pin in ("", stored, PIN):
        assert (await attempt(shop.app, "Ana", pin)).code == "sign_in.wrong"


@pytest.mark.parametrize("pin", ["", "123", "1234567890123", "12a4", "１２３４", "12 34", "-1234", "1234\n"])
def test_a_pin_has_four_to_twelve_digits(pin: str) -> None:
    with pytest.raises(Refused, match=r"pin\.invalid"):
        hash_pin(pin)


def test_a_pin_is_hashed_as_strongly_as_recommended() -> None:
    assert hash_pin("1234").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hash_pin("1234") != hash_pin("1234")


class HeldCheck:
    """A PIN check that says when it began and ends when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.release = asyncio.Event(), threading.Event()
        self._loop = asyncio.get_running_loop()
        monkeypatch.setattr(service, "_verify", self._verify)

    def _verify(self, _hashed: str, _pin: str) -> bool:
        self._loop.call_soon_threadsafe(self.begun.set)
        return self.release.wait(timeout=60)


async def test_no_transaction_is_open_while_a_pin_is_checked(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    check = HeldCheck(monkeypatch)
    task = asyncio.create_task(sign_in(shop.app, "Ana", PIN))
    await check.begun.wait()
    for row in (Till, User):
        await shop.app.db.write(lambda session, row=row: session.execute(update(row).values(version=7)))
    check.release.set()
    assert (await task).name == "Ana"


async def test_a_person_let_go_while_the_pin_is_checked_does_not_get_in(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = HeldCheck(monkeypatch)
    task = asyncio.create_task(sign_in(shop.app, "Jo", PIN))
    await check.begun.wait()
    await set_active(shop.app, "Jo", active=False)
    check.release.set()
    with pytest.raises(Refused, match=r"right\.inactive"):
        await task


async def test_a_try_cut_off_before_its_answer_is_counted(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    check = HeldCheck(monkeypatch)
    task = asyncio.create_task(sign_in(shop.app, "Ana", WRONG))
    await check.begun.wait()
    task.cancel()
    check.release.set()
    await asyncio.wait([task])
    assert await shop.app.db.read(lambda session: session.scalar(select(func.sum(User.pin_failures)))) == 1


async def test_two_programs_at_one_till_open_one_shift(app: App, clock: SetClock) -> None:
    await add_user(app, "Ana", UserRole.CASHIER, "4321")
    other = application.build(app.config, clock=clock)
    try:
        first, second = await asyncio.gather(sign_in(app, "Ana", "4321"), sign_in(other, "Ana", "4321"))
    finally:
        await other.db.close()
    assert first == second
    assert await app.db.read(lambda session: session.scalar(select(func.count()).select_from(Shift))) == 1


async def test_signing_in_on_the_next_day_opens_a_new_shift(shop: Shop, clock: SetClock) -> None:
    before = await sign_in(shop.app, "Ana", PIN)
    clock.forward(days=1)
    after = await sign_in(shop.app, "Ana", PIN)
    assert after.shift_opened_at - before.shift_opened_at == timedelta(days=1)
