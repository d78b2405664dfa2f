"""The shop's settings: checked when written, and never believed when read."""

import asyncio
import json
from dataclasses import replace

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.permission import Permission
from pos_app.domain.shop import ShopSettings, StockPolicy
from pos_app.domain.tax import TaxLevel
from pos_app.errors import Refused
from pos_app.models import Setting
from pos_app.services import cart
from pos_app.services.right import require
from pos_app.services.setting import change_settings, get_settings, shop_settings, write_settings
from tests.db.migrating import run_sql
from tests.shop import Shop


async def store(app: App, key: str, value: str) -> None:
    await app.db.write(lambda session: session.execute(insert(Setting).values(key=key, value=value)))


async def test_an_empty_shop_has_usable_settings(app: App) -> None:
    assert await get_settings(app) == ShopSettings()


async def test_what_is_written_is_read_back_in_its_types(app: App) -> None:
    written = ShopSettings(
        shop_name="Łódź & “Books”",
        address="1 High Street\nMarlow",
        currency="JPY",
        locale="ja_JP",
        time_zone="Asia/Tokyo",
        day_starts_at_hour=0,
        prices_include_tax=False,
        tax_level=TaxLevel.DOCUMENT,
        stock_policy=StockPolicy.PHYSICAL,
        default_tax_rate_id=3,
    )
    await app.db.write(lambda session: write_settings(session, written))
    read = await get_settings(app)
    assert read == written
    assert isinstance(read.stock_policy, StockPolicy)
    assert read.zone.key == "Asia/Tokyo"


HOSTILE = [
    ("currency", '"ZZZ"'),
    ("currency", "null"),
    ("currency", '{"a": 1}'),
    ("locale", '"../../etc/passwd"'),
    ("time_zone", '"../../etc/passwd"'),
    ("time_zone", '""'),
    ("day_starts_at_hour", "99"),
    ("day_starts_at_hour", "true"),
    ("day_starts_at_hour", '"4"'),
    ("prices_include_tax", "0"),
    ("prices_include_tax", '"no"'),
    ("tax_level", '"unit"'),
    ("stock_policy", "[]"),
    ("default_tax_rate_id", "9" * 400),
    ("default_tax_rate_id", "-1"),
    ("shop_name", '"\\u001b[2J"'),
    ("shop_name", json.dumps("x" * 501)),
    ("receipt_footer", '"\\u001bp0"'),
    ("shop_name", "not json"),
    ("shop_name", ""),
    ("shop_name", "[" * 100_000),
    ("shop_name", "NaN"),
]


@pytest.mark.parametrize(("key", "value"), HOSTILE, ids=[f"{key}={value[:20]!r}" for key, value in HOSTILE])
async def test_a_stored_value_that_cannot_be_used_counts_as_not_set(app: App, key: str, value: str) -> None:
    await store(app, key, value)
    assert await get_settings(app) == ShopSettings()


async def test_a_key_of_a_newer_program_is_ignored_and_kept(shop: Shop) -> None:
    await store(shop.app, "colour_of_the_door", '"green"')
    await change_settings(shop.app, shop.people["Max"], shop_name="New name")
    kept = await shop.app.db.read(
        lambda session: session.scalar(select(Setting.value).where(Setting.key == "colour_of_the_door"))
    )
    assert kept == '"green"'


async def test_an_admin_may_change_settings_and_nobody_else(shop: Shop) -> None:
    changed = await change_settings(shop.app, shop.people["Max"], receipt_footer="See you", currency="EUR")
    assert (changed.receipt_footer, changed.currency) == ("See you", "EUR")
    assert await get_settings(shop.app) == changed
    for name in ("Ana", "Sam"):
        with pytest.raises(Refused) as refusal:
            await change_settings(shop.app, shop.people[name], receipt_footer="Mine")
        assert refusal.value.code == "right.missing"
    assert await get_settings(shop.app) == changed


async def test_an_admin_let_go_may_not(shop: Shop) -> None:
    await shop.app.db.write(lambda session: session.execute(text("UPDATE users SET is_active = false")))
    with pytest.raises(Refused) as refusal:
        await change_settings(shop.app, shop.people["Max"], shop_name="Mine")
    assert refusal.value.code == "right.inactive"


@pytest.mark.parametrize(
    "changes",
    [
        {"shop_name": " "},
        {"shop_name": "a\x1bb"},
        {"address": "x" * 501},
        {"locale": "xx-yy-zz"},
        {"time_zone": "Nowhere/At_All"},
        {"day_starts_at_hour": 13},
        {"default_tax_rate_id": 0},
    ],
)
async def test_a_setting_that_cannot_be_used_is_refused_by_name(shop: Shop, changes: dict[str, object]) -> None:
    before = await get_settings(shop.app)
    with pytest.raises(Refused) as refusal:
        await change_settings(shop.app, shop.people["Max"], **changes)
    assert refusal.value.params["key"] == next(iter(changes))
    assert await get_settings(shop.app) == before


async def test_two_admins_changing_different_settings_at_once_both_succeed(shop: Shop) -> None:
    app, admin = shop.app, shop.people["Max"]
    for turn in range(10):
        await asyncio.gather(
            *(change_settings(app, admin, receipt_footer=f"Footer {turn}") for _ in range(3)),
            *(change_settings(app, admin, tax_number=f"GB {turn}") for _ in range(3)),
        )
        settings = await get_settings(app)
        assert (settings.receipt_footer, settings.tax_number) == (f"Footer {turn}", f"GB {turn}")


async def test_an_unchanged_setting_is_not_written_again(shop: Shop) -> None:
    def versions(session: Session) -> dict[str, int]:
        return {row.key: row.version for row in session.execute(select(Setting.key, Setting.version))}

    await shop.app.db.write(lambda session: session.execute(update(Setting).values(version=5)))
    await change_settings(shop.app, shop.people["Max"], receipt_footer="Other")
    after = await shop.app.db.read(versions)
    assert {key for key, version in after.items() if version == 6} == {"receipt_footer"}


async def test_what_another_till_stores_holds_from_the_next_act_on_however_it_was_stored(shop: Shop) -> None:
    """Nothing is remembered by a time, a version or a number of rows, which a change may leave as they were."""

    async def step() -> int:
        return (await cart.open_cart(shop.app, shop.ana)).cash_step

    async def stored(sql: str) -> None:
        await asyncio.to_thread(run_sql, shop.app.config.database_url, sql)

    assert await step() == 1
    for coin in (5, 10, 5):
        await stored(f"UPDATE settings SET value = '{coin}' WHERE key = 'cash_rounding'")
        assert await step() == coin
        assert (await get_settings(shop.app)).cash_rounding == coin
    await stored("DELETE FROM settings WHERE key = 'cash_rounding'")
    assert await step() == 1
    await stored("INSERT INTO settings (key, value, version) VALUES ('cash_rounding', '50', 1)")
    assert await step() == 50


async def test_an_act_that_changes_a_setting_sees_it_changed(shop: Shop) -> None:
    def act(session: Session) -> tuple[int, int]:
        require(session, shop.people["Max"], Permission.CHANGE_SETTINGS)
        before = shop_settings(session)
        write_settings(session, replace(before, cash_rounding=5))
        require(session, shop.people["Max"], Permission.CHANGE_SETTINGS)
        return before.cash_rounding, shop_settings(session).cash_rounding

    assert await shop.app.db.write(act) == (1, 5)
