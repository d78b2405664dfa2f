"""A till's journal: everything that matters is in it, and whatever is done to it or behind its back is found."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pos_app import app as application
from pos_app.app import App
from pos_app.config import Config
from pos_app.domain.journal import GENESIS, canonical, link, micros
from pos_app.domain.payment import Tender
from pos_app.domain.permission import Grant, Permission, UserRole
from pos_app.domain.promotion import PromotionKind
from pos_app.errors import Refused
from pos_app.models import JournalEntry, TaxRate
from pos_app.services import cart
from pos_app.services.cart_price import discount_line, discount_sale, override_price, override_tax
from pos_app.services.check import verify
from pos_app.services.drawer import no_sale
from pos_app.services.journal import note_clock
from pos_app.services.machine import change_look
from pos_app.services.order_void import void_sale
from pos_app.services.promotion_edit import PromotionRow, keep_promotion
from pos_app.services.receipt import keep_receipt, reprint
from pos_app.services.right import change_right
from pos_app.services.setting import change_settings
from pos_app.services.shift import ShiftCount, close_shift, x_report
from pos_app.services.sign_in import TRIES, approve, sign_in
from pos_app.services.tender import add_tender
from pos_app.services.till import free_till, name_till
from pos_app.services.training import begin_training
from pos_app.services.user import add_user, set_active, set_pin, set_role
from pos_app.sqlite_file import copy_file
from tests.conftest import SetClock
from tests.db.migrating import run_sql
from tests.db.test_check import spoil
from tests.postgres import PostgresServer
from tests.shop import DARKNESS, PIN, PRIDE, Shop


async def acts(shop: Shop) -> list[str]:
    query = select(JournalEntry.act).order_by(JournalEntry.till_id, JournalEntry.sequence)
    return await shop.app.db.read(lambda session: list(session.scalars(query)))


async def found(shop: Shop, name: str = "journal") -> tuple[str, ...]:
    (check,) = [check for check in (await verify(shop.app)).checks if check.name == name]
    return check.findings


async def trade(shop: Shop) -> None:
    """Enough of a day that there is something to tamper with: entries, documents, a Z report."""
    await sign_in(shop.app, "Ana", PIN)
    await shop.sell(PRIDE, DARKNESS)
    await shop.sell(PRIDE, tender=Tender.CARD)
    await no_sale(shop.app, shop.ana, shop.app.ids.new(), "change")
    report = await x_report(shop.app, shop.sam)
    await close_shift(shop.app, shop.ana, report.opened_at, ShiftCount(report.expected))
    await sign_in(shop.app, "Ana", PIN)
    await shop.sell(DARKNESS)


def test_the_form_of_an_entry_is_fixed() -> None:
    """Anybody can check a chain with two lines of their own: a change here breaks every chain there is."""
    content = canonical({"till": 2, "act": "paid", "at": 1_700_000_000_000_001, "who": "Zoë", "training": False})
    assert content == '{"act":"paid","at":1700000000000001,"till":2,"training":false,"who":"Zo\\u00eb"}'
    assert link(GENESIS, content) == "fa66da5ad2c53ee632c1b6758acaedc976859cf1579a8b1ddd582a5a2eb09b0d"


@given(st.datetimes(timezones=st.just(UTC), max_value=datetime(9999, 1, 1)))  # noqa: DTZ001 - a bound without a zone
def test_microseconds_are_exact(moment: datetime) -> None:
    assert micros(moment + timedelta(microseconds=1)) - micros(moment) == 1


async def test_a_day_is_written_down_in_its_order(shop: Shop) -> None:
    await trade(shop)
    assert await acts(shop) == [
        "shift_opened", "signed_in", "paid", "paid", "no_sale", "shift_closed", "signed_in", "shift_opened", "paid",
    ]  # fmt: skip
    assert await found(shop) == ()


async def test_what_matters_beside_sales_is_written_down(shop: Shop) -> None:
    sale = await shop.sell(PRIDE)
    with pytest.raises(Refused, match=r"sign_in\.wrong"):
        await sign_in(shop.app, "Ana", "9999")
    await approve(shop.app, shop.ana, "Sam", PIN, Permission.VOID, sale.total)
    await void_sale(shop.app, shop.sam, sale.number, "wrong book")
    await reprint(shop.app, shop.ana, sale.number)
    await change_settings(shop.app, shop.people["Max"], default_float=5_000)
    assert (await acts(shop))[2:] == ["sign_in_failed", "approved", "voided", "reprinted", "settings"]
    assert await found(shop) == ()


async def test_a_clock_set_back_is_written_down(shop: Shop, clock: SetClock) -> None:
    await shop.sell(PRIDE)
    clock.forward(hours=-3)
    await shop.sell(PRIDE)
    assert (await acts(shop))[-3:] == ["paid", "clock_set_back", "paid"]
    assert await found(shop) == ()


async def test_a_clock_moved_while_the_program_runs_is_written_down(shop: Shop, clock: SetClock) -> None:
    clock.forward(hours=9)
    assert clock.moved() is None
    for by in ({"days": 1}, {"days": -365}):
        clock.set(**by)
        moved = clock.moved()
        assert moved == timedelta(**by)
        await note_clock(shop.app, moved)
        assert clock.moved() is None
    assert (await acts(shop))[-2:] == ["clock_set_forward", "clock_set_back"]
    assert await found(shop) == ()


async def test_cheaper_and_dearer_by_hand_is_written_down(shop: Shop) -> None:
    tax = await shop.app.db.read(
        lambda session: session.scalars(select(TaxRate.id).order_by(TaxRate.id.desc())).first()
    )
    view = await cart.open_cart(shop.app, shop.sam)
    view = await cart.add_scan(shop.app, shop.sam, view.id, PRIDE)
    key, before = view.lines[0].key, await acts(shop)
    await override_price(shop.app, shop.sam, view.id, key, 700, "Scuffed")
    await override_tax(shop.app, shop.sam, view.id, key, tax, "Export")
    await discount_line(shop.app, shop.sam, view.id, key, Decimal("0.1"))
    await discount_sale(shop.app, shop.sam, view.id, 50)
    assert (await acts(shop))[len(before) :] == ["price_override", "tax_override", "discounted", "discounted"]
    query = select(JournalEntry.content).where(JournalEntry.act == "price_override")
    said = json.loads(await shop.app.db.read(lambda session: session.scalars(query).one()))
    assert (said["was"], said["amount"], said["reason"], said["user"]) == (899, 700, "Scuffed", shop.sam.user_id)
    assert await found(shop) == ()


async def test_people_rights_tills_and_machines_are_written_down(shop: Shop) -> None:
    before = len(await acts(shop))
    await add_user(shop.app, "Eve", UserRole.CASHIER, "2468")
    await set_role(shop.app, "Eve", UserRole.MANAGER)
    await set_active(shop.app, "Eve", active=False)
    await set_pin(shop.app, "Eve", "1357")
    await change_right(shop.app, shop.people["Max"], UserRole.CASHIER, Permission.VOID, Grant(allowed=True))
    await name_till(shop.app, 1, "Ground floor")
    await free_till(shop.app, 1)
    await change_look(shop.app, shop.people["Max"], "dark", 100)
    await add_tender(shop.app, shop.people["Max"], "Voucher")
    await keep_promotion(shop.app, shop.sam, PromotionRow("Week", PromotionKind.PERCENT, rate=Decimal("0.1")))
    await begin_training(shop.app, shop.sam)
    assert (await acts(shop))[before:] == [
        "user_added", "user_role", "user_active", "user_pin", "rights", "till_named", "till_freed", "settings",
        "settings", "settings", "promotion", "training",
    ]  # fmt: skip
    assert await found(shop) == ()


async def test_a_try_while_tries_are_held_off_is_written_down(shop: Shop) -> None:
    for _ in range(TRIES + 1):
        with pytest.raises(Refused, match=r"sign_in\."):
            await sign_in(shop.app, "Ana", "9999")
    assert (await acts(shop)).count("sign_in_failed") == TRIES + 1


async def test_a_command_on_a_machine_whose_till_never_opened_is_written_down(app: App) -> None:
    await add_user(app, "Eve", UserRole.CASHIER, "2468")
    query = select(JournalEntry.act)
    assert await app.db.read(lambda session: session.scalars(query).all()) == ["user_added"]
    assert [check.findings for check in (await verify(app)).checks if check.name == "journal"] == [()]


async def test_what_fails_leaves_no_entry(shop: Shop) -> None:
    before = await acts(shop)
    with pytest.raises(Refused, match=r"cash\.reason"):
        await no_sale(shop.app, shop.ana, shop.app.ids.new(), "")
    assert await acts(shop) == before


async def test_the_paper_of_a_z_report_carries_the_head(shop: Shop) -> None:
    await trade(shop)
    ((content,),) = run_sql(shop.app.config.database_url, "SELECT content FROM z_reports")
    said = json.loads(content)
    entry = await shop.app.db.read(
        lambda session: session.scalars(select(JournalEntry).where(JournalEntry.act == "shift_closed")).one()
    )
    assert (said["journal_sequence"], said["journal_hash"]) == (entry.sequence, entry.hash)


TAMPERED = {
    "an entry's words": "UPDATE journal_entries SET content = replace(content, 'change', 'nothing') WHERE act = 'no_sale'",
    "an entry's hash": "UPDATE journal_entries SET hash = previous_hash WHERE sequence = 3",
    "an entry's act": "UPDATE journal_entries SET act = 'reprinted' WHERE act = 'no_sale'",
    "an entry's moment": "UPDATE journal_entries SET happened_at = '2020-01-01 10:00:00+00' WHERE act = 'no_sale'",
    "the moment a clock is known to be behind by": "UPDATE tills SET journal_at = '2020-01-01 10:00:00+00' WHERE number = 1",
    "an entry taken out": "DELETE FROM journal_entries WHERE sequence = 5",
    "the first entry taken out": "DELETE FROM journal_entries WHERE sequence = 1",
    "the end cut off": "DELETE FROM journal_entries WHERE sequence > 7",
    "the end cut off, and the till made to fit": (
        "DELETE FROM journal_entries WHERE sequence > 5; UPDATE tills SET journal_sequence = 5, journal_hash = "
        "(SELECT hash FROM journal_entries WHERE sequence = 5 AND till_id = tills.id) WHERE number = 1"
    ),
    "an entry put in": (
        "INSERT INTO journal_entries (till_id, sequence, act, happened_at, content, previous_hash, hash) "
        "SELECT till_id, sequence + 1, act, happened_at, content, hash, hash FROM journal_entries "
        "ORDER BY sequence DESC LIMIT 1"
    ),
    "two entries swapped": (
        "UPDATE journal_entries SET sequence = 100 WHERE sequence = 3; "
        "UPDATE journal_entries SET sequence = 3 WHERE sequence = 4; "
        "UPDATE journal_entries SET sequence = 4 WHERE sequence = 100"
    ),
    "a document's amount": "UPDATE orders SET total_amount = total_amount - 1, net_amount = net_amount - 1 WHERE id = 1",
    "a line's title": "UPDATE order_items SET title = 'Another book' WHERE id = 1",
    "when it was paid": "UPDATE orders SET paid_at = '2020-01-01 10:00:00+00' WHERE id = 1",
    "when it was rung up": "UPDATE orders SET placed_at = '2020-01-01 10:00:00+00' WHERE id = 1",
    "who sold it": "UPDATE orders SET user_id = 2 WHERE id = 1",
    "a sale's day": "UPDATE orders SET business_date = '2020-01-01' WHERE id = 2",
    "a sale taken out": (
        "DELETE FROM payments WHERE order_id = 3; DELETE FROM order_events WHERE order_id = 3; "
        "DELETE FROM stock_movements WHERE order_id = 3; DELETE FROM order_items WHERE order_id = 3; "
        "DELETE FROM order_taxes WHERE order_id = 3; DELETE FROM orders WHERE id = 3"
    ),
    "the head on a Z report": "UPDATE z_reports SET content = replace(content, 'journal_hash\": \"', 'journal_hash\": \"0')",
}


@pytest.mark.parametrize("what", TAMPERED)
async def test_tampering_is_found(shop: Shop, what: str) -> None:
    await trade(shop)
    assert await found(shop) == ()
    await spoil(shop, *TAMPERED[what].split("; "))
    assert await found(shop)


async def test_another_moment_of_an_entry_is_told_by_its_number(shop: Shop) -> None:
    """By a microsecond, which is as exact as the entry is."""
    await shop.sell(PRIDE)
    (entry,) = await shop.app.db.read(
        lambda session: session.scalars(select(JournalEntry).where(JournalEntry.act == "paid")).all()
    )
    later = (entry.happened_at + timedelta(microseconds=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
    zone = "+00" if shop.app.db.kind == "postgresql" else ""
    await spoil(shop, f"UPDATE journal_entries SET happened_at = '{later}{zone}' WHERE id = {entry.id}")
    (said,) = await found(shop)
    assert said == f"till 1: entry {entry.sequence} says that it is another, or of another moment"


async def test_a_chain_written_anew_is_found_by_the_head_on_paper(shop: Shop) -> None:
    """Who may write to the database can make a chain that fits in itself, but not the papers already printed."""
    await trade(shop)
    query = select(JournalEntry).order_by(JournalEntry.sequence)
    rows = await shop.app.db.read(lambda session: list(session.scalars(query)))
    head, statements = GENESIS, []
    for row in rows:
        content = row.content.replace('"reason":"change"', '"reason":"nothing"')
        hashed = link(head, content)
        statements.append(
            f"UPDATE journal_entries SET content = '{content}', previous_hash = '{head}', hash = '{hashed}' "
            f"WHERE id = {row.id}"
        )
        head = hashed
    await spoil(shop, *(one.replace(":", "\\:") for one in statements), f"UPDATE tills SET journal_hash = '{head}'")
    (said,) = await found(shop)
    assert "the Z report printed" in said


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
async def test_an_older_file_in_the_place_of_the_shop_is_found(shop: Shop, config: Config) -> None:
    path = config.data_dir / "shop.db"
    await keep_receipt(shop.app, await shop.sell(PRIDE))
    older = config.data_dir / "older.db"
    copy_file(path, older)
    await keep_receipt(shop.app, await shop.sell(PRIDE))
    assert await found(shop, "receipts kept") == ()
    await shop.app.db.close()
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    shutil.copyfile(older, path)
    again = application.build(config)
    (check,) = [check for check in (await verify(again)).checks if check.name == "receipts kept"]
    await again.db.close()
    assert check.findings == ("till 1: receipt 2 is kept here, and the database ends before 2",)


@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
async def test_an_older_copy_in_the_place_of_the_shops_database_is_found(
    shop: Shop, config: Config, postgres: PostgresServer
) -> None:
    await keep_receipt(shop.app, await shop.sell(PRIDE))
    await shop.app.db.close()
    older = postgres.create_database(config.database_url.rsplit("/", 1)[1].split("?")[0])
    later = replace(shop, app=application.build(config))
    await keep_receipt(later.app, await later.sell(PRIDE))
    assert await found(later, "receipts kept") == ()
    await later.app.db.close()
    again = replace(shop, app=application.build(replace(config, database_url=older)))
    assert await found(again, "receipts kept") == ("till 1: receipt 2 is kept here, and the database ends before 2",)
    await again.app.db.close()
    postgres.drop_database(older)
