"""A database that goes away under a window: told in words, nothing typed is lost, and all goes on by itself."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import func, select

from pos_app import app as application
from pos_app.config import Config
from pos_app.migrate import SCHEMA_HEAD
from pos_app.models import Order
from pos_app.services.book_edit import Change, change_book
from pos_app.services.customer import add_customer
from pos_app.services.order import place_order
from tests.conftest import SetClock
from tests.db.migrating import run_sql
from tests.faults.proxy import Proxy, proxied
from tests.shop import DARKNESS, PRIDE, fill
from tests.ui.keyboard import focus_window, outside
from tests.ui.till import Run, Till

Key = Qt.Key
on_a_server = pytest.mark.parametrize("config", ["postgresql"], indirect=True)


@pytest.fixture
def cable(config: Config) -> Iterator[tuple[Proxy, Config]]:
    with proxied(config.database_url) as (proxy, url):
        yield proxy, replace(config, database_url=url)


@pytest.fixture
def far(cable: tuple[Proxy, Config], clock: SetClock, run: Run) -> Iterator[Till]:
    """Somebody at a till whose server is at the other end of a cable."""
    app = application.build(cable[1], clock=clock)
    till = Till(run(fill(app)), run)
    start(till)
    till.sign_in()
    yield till
    cable[0].mend()
    till.close()
    run(app.printing.close())
    run(app.db.close())
    for fault in till.faults:
        raise fault


def start(till: Till) -> None:
    async def act() -> None:
        till.shop.app.db.link.start(SCHEMA_HEAD)
        assert await till.shop.app.db.link.back()

    till.run(asyncio.wait_for(act(), 10))


def wait(till: Till, true: Callable[[], bool], seconds: float = 10) -> float:
    """Wait on the running loop until something is so; gives how long it took."""
    began = time.monotonic()

    async def look() -> None:
        while not true():
            await asyncio.sleep(0.01)

    till.run(asyncio.wait_for(look(), seconds))
    return time.monotonic() - began


def press(till: Till, *keys: Qt.Key | str) -> None:
    """Press keys without waiting for what comes of them."""
    for key in keys:
        till.run(outside(lambda key=key: QTest.keyClick(focus_window(), key)))


def scan(till: Till, code: str) -> None:
    """Scan without waiting for what comes of it."""

    def keys() -> None:
        whole, till.router._now = till.router._now, lambda _event: 1  # type: ignore[method-assign]
        try:
            press_all = [*code, Key.Key_Return]
            for key in press_all:
                QTest.keyClick(focus_window(), key)
        finally:
            till.router._now = whole  # type: ignore[method-assign]

    till.run(outside(keys))


def sales(till: Till) -> int:
    return till.run(till.shop.app.db.read(lambda session: session.scalar(select(func.count()).select_from(Order)) or 0))


@on_a_server
def test_a_pulled_cable_is_told_and_what_is_done_meanwhile_is_carried_out_afterwards(
    far: Till, cable: tuple[Proxy, Config]
) -> None:
    assert far.sees("Database: PostgreSQL online")
    far.scan(PRIDE)
    cable[0].pull()
    assert wait(far, lambda: far.sees("Database: offline")) < 2
    assert far.sees("Message: The database has not answered since 14:06")
    scan(far, DARKNESS)
    assert far.sees(f"1 scan waits: {DARKNESS}.")
    press(far, "3", "0", Key.Key_F12)
    wait(far, lambda: time.monotonic() > began + 5) if (began := time.monotonic()) else None
    assert sales_on_screen(far) == ["Pride and Prejudice"]
    cable[0].mend()
    assert wait(far, lambda: far.sees("Database: PostgreSQL online")) < 4
    wait(far, lambda: far.sees("Message: Sale 1-000001 is paid"))
    far.settle()
    assert far.sees("Change £10.02")
    assert not far.sees("has not answered")
    assert sales(far) == 1
    assert far.run(far.shop.findings()) == []


def sales_on_screen(till: Till) -> list[str]:
    return [line.title for line in till.page.lines.lines]


@on_a_server
@pytest.mark.parametrize("fault", ["lose_reply", "lose_request"])
def test_a_payment_lost_in_its_commit_is_one_sale_and_one_sentence(
    far: Till, cable: tuple[Proxy, Config], fault: str
) -> None:
    far.scan(PRIDE)
    getattr(cable[0], fault)(b"COMMIT")
    far.key(Key.Key_F12)
    lost = "The connection was lost meanwhile. " if fault == "lose_reply" else ""
    assert far.sees(f"Message: {lost}Sale 1-000001 is paid and stored."), far.names()
    assert cable[0].happened
    assert sales(far) == 1
    assert far.run(far.shop.stock(PRIDE)) == 22
    assert far.run(far.shop.findings()) == []


@on_a_server
@pytest.mark.parametrize("fault", ["lose_reply", "lose_request"])
def test_a_scan_lost_in_its_commit_is_one_copy(far: Till, cable: tuple[Proxy, Config], fault: str) -> None:
    far.scan(PRIDE)
    getattr(cable[0], fault)(b"COMMIT")
    far.scan(PRIDE)
    assert [(line.title, line.quantity) for line in far.page.lines.lines] == [("Pride and Prejudice", 2)]
    far.key(Key.Key_F12)
    assert far.run(far.shop.stock(PRIDE)) == 21


def test_changes_at_another_till_show_within_a_second(till: Till, clock: SetClock) -> None:
    start(till)
    shop = till.shop
    other = application.build(shop.app.config, clock=clock)
    till.sign_in("Sam", "Inventory")
    till.run(change_book(other, shop.sam, shop.books[PRIDE], {"price": Change(899, 1234)}))
    assert wait(till, lambda: any(row.price == 1234 for _, row in till.page.books.loaded()), 5) < 1
    till.run(outside(lambda: till.window.show_page("Orders")))
    till.settle()
    till.run(place_order(other, shop.ana.user_id, {shop.books[PRIDE]: 1}, till_id=shop.ana.till_id))
    assert wait(till, lambda: till.page.orders.row_count() == 1, 5) < 1
    till.run(outside(lambda: till.window.show_page("Customers")))
    till.settle()
    till.run(add_customer(other, shop.ana, name="Nadia Haddad"))
    assert wait(till, lambda: till.page.customers.row_count() == 2, 5) < 1
    till.run(other.printing.close())
    till.run(other.db.close())


def test_a_till_whose_database_was_brought_up_to_date_under_it_says_what_to_do(till: Till) -> None:
    start(till)
    till.sign_in().scan(PRIDE)
    run_sql(till.shop.app.config.database_url, "UPDATE alembic_version SET version_num = '9999'")
    assert wait(till, lambda: till.sees("Database: of another version")) < 2
    assert till.sees("update the program on this till")
    till.key(Key.Key_F12)
    assert till.sees("Another till brought the database to revision 9999")
    assert sales_on_screen(till) == ["Pride and Prejudice"]
    run_sql(till.shop.app.config.database_url, f"UPDATE alembic_version SET version_num = '{SCHEMA_HEAD}'")
    wait(till, lambda: till.shop.app.db.link.refused is None)
    assert sales(till) == 0


@on_a_server
def test_who_is_not_signed_in_is_told_too(far: Till, cable: tuple[Proxy, Config]) -> None:
    far.key(Key.Key_L, modifier=Qt.KeyboardModifier.ControlModifier)
    cable[0].cut()
    assert wait(far, lambda: far.sees("Message: The database has not answered")) < 2
    cable[0].mend()
    wait(far, lambda: far.sees("Message: The database answers again."))


@on_a_server
def test_the_last_of_many_scans_that_wait_are_named(far: Till, cable: tuple[Proxy, Config]) -> None:
    cable[0].pull()
    wait(far, lambda: far.sees("Database: offline"))
    for code in (PRIDE, DARKNESS, DARKNESS, PRIDE):
        scan(far, code)
    assert far.sees(f"4 scans wait: … {DARKNESS}, {DARKNESS}, {PRIDE}.")
    cable[0].mend()
    wait(far, lambda: far.sees("Database: PostgreSQL online"))
    far.settle()
    assert not far.sees("scans wait")
    assert [(line.title, line.quantity) for line in far.page.lines.lines] == [
        ("Pride and Prejudice", 2),
        ("The Left Hand of Darkness", 2),
    ]


@on_a_server
def test_whoever_locks_while_it_is_away_leaves_word(far: Till, cable: tuple[Proxy, Config]) -> None:
    cable[0].cut()
    wait(far, lambda: far.sees("Database: offline"))
    far.run(outside(far.window.lock))
    assert far.sees("Message: The database has not answered")
