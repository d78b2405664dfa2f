"""The people of the shop: added, changed, and never the last admin let go."""

import asyncio
from decimal import Decimal

import pytest

from pos_app.app import App
from pos_app.domain.permission import UserRole
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused
from pos_app.services.first_start import FirstStart, is_new, set_up
from pos_app.services.setting import get_settings
from pos_app.services.sign_in import sign_in
from pos_app.services.user import add_user, list_users, set_active, set_pin, set_role
from tests.shop import Shop


async def refused(action: object) -> str:
    with pytest.raises(Refused) as refusal:
        await action  # type: ignore[misc]
    return refusal.value.code


async def test_people_are_listed_by_name_with_their_roles(shop: Shop) -> None:
    assert [(user.name, user.role, user.active) for user in await list_users(shop.app)] == [
        ("Ana", UserRole.CASHIER, True),
        ("Jo", UserRole.CASHIER, True),
        ("Max", UserRole.ADMIN, True),
        ("Sam", UserRole.MANAGER, True),
    ]


async def test_a_name_is_taken_once_and_without_stray_spaces(app: App) -> None:
    added = await add_user(app, "  Mary   Ann ", UserRole.CASHIER, "1234")
    assert added.name == "Mary Ann"
    assert await refused(add_user(app, "Mary Ann", UserRole.CASHIER, "1234")) == "user.exists"


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\x1bb", "a\u202eb"])
async def test_a_name_that_cannot_be_shown_is_refused(app: App, name: str) -> None:
    assert await refused(add_user(app, name, UserRole.CASHIER, "1234")) == "user.name"
    assert await list_users(app) == []


async def test_names_that_differ_in_case_only_are_the_same(app: App) -> None:
    await add_user(app, "Ana Straße", UserRole.CASHIER, "1234")
    assert await refused(add_user(app, "ANA STRASSE", UserRole.CASHIER, "1234")) == "user.exists"
    await add_user(app, "ana.straße", UserRole.CASHIER, "1234")
    assert len(await list_users(app)) == 2


async def test_an_address_is_one_and_belongs_to_one(app: App) -> None:
    await add_user(app, "Ana", UserRole.CASHIER, "1234", "ana@shop.example")
    for email in ("ana@shop.example", "ana", "a b@c", "a@" + "b" * 254):
        assert await refused(add_user(app, "Jo", UserRole.CASHIER, "1234", email)) == "user.email"


async def test_the_longest_name_of_the_widest_letters_fits(app: App) -> None:
    assert len((await add_user(app, "ΐ" * 100, UserRole.CASHIER, "1234")).name) == 100


async def test_a_role_with_a_till_needs_a_pin(app: App) -> None:
    assert await refused(add_user(app, "Ana", UserRole.CASHIER, None)) == "user.pin_missing"
    await add_user(app, "Rosa", UserRole.USER, None)
    assert await refused(set_role(app, "Rosa", UserRole.MANAGER)) == "user.pin_missing"


async def test_the_last_admin_stays(shop: Shop) -> None:
    assert await refused(set_active(shop.app, "Max", active=False)) == "user.last_admin"
    assert await refused(set_role(shop.app, "Max", UserRole.MANAGER)) == "user.last_admin"
    await set_role(shop.app, "Sam", UserRole.ADMIN)
    await set_active(shop.app, "Max", active=False)
    assert await refused(set_active(shop.app, "Sam", active=False)) == "user.last_admin"
    await set_active(shop.app, "Max", active=True)
    await set_role(shop.app, "Sam", UserRole.MANAGER)


async def test_two_admins_cannot_let_each_other_go_at_the_same_time(shop: Shop) -> None:
    await set_role(shop.app, "Sam", UserRole.ADMIN)
    results = await asyncio.gather(
        *(set_active(shop.app, name, active=False) for name in ("Sam", "Max")), return_exceptions=True
    )
    assert sorted(str(type(result).__name__) for result in results) == ["NoneType", "Refused"]


async def test_somebody_unknown_is_refused(shop: Shop) -> None:
    for action in (
        set_pin(shop.app, "Eve", "1234"),
        set_active(shop.app, "Eve", active=False),
        set_role(shop.app, "Eve", UserRole.ADMIN),
    ):
        assert await refused(action) == "user.missing"


async def test_a_new_shop_is_set_up_once(app: App) -> None:
    answers = FirstStart(
        settings=ShopSettings(shop_name="Corner Books", currency="EUR", prices_include_tax=False),
        tax_name="VAT 9 %",
        tax_rate=Decimal("0.09"),
        admin_name="Ida",
        admin_pin="86420",
    )
    assert await is_new(app)
    await set_up(app, answers)
    assert not await is_new(app)
    assert (await get_settings(app)).shop_name == "Corner Books"
    assert (await sign_in(app, "Ida", "86420")).role is UserRole.ADMIN
    assert await refused(set_up(app, answers)) == "first_start.done"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"admin_pin": "12"}, "pin.invalid"),
        ({"admin_name": " "}, "user.name"),
        ({"tax_rate": Decimal("1.5")}, "tax.invalid"),
        ({"tax_rate": Decimal("0.1234567")}, "tax.invalid"),
        ({"tax_rate": Decimal("NaN")}, "tax.invalid"),
        ({"tax_name": " "}, "tax.invalid"),
        ({"tax_name": "x" * 81}, "tax.invalid"),
        ({"settings": ShopSettings(shop_name=" ")}, "setting.invalid"),
        ({"settings": ShopSettings(currency="ZZZ")}, "currency.unknown"),
        ({"settings": ShopSettings(time_zone="Mars/Olympus")}, "setting.invalid"),
    ],
)
async def test_wrong_answers_set_nothing_up(app: App, changes: dict[str, object], code: str) -> None:
    right = {
        "settings": ShopSettings(), "tax_name": "VAT", "tax_rate": Decimal(0), "admin_name": "Ida", "admin_pin": "1234",
    }  # fmt: skip
    assert await refused(set_up(app, FirstStart(**{**right, **changes}))) == code  # type: ignore[arg-type]
    assert await is_new(app)
