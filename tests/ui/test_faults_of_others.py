"""What other tills do wrong, each fault by its name.

One more, an upgrade that dies half way with no way back, is tried in tests/db/test_migrations.py: "an old file is copied
before it is changed and put back when that fails".
"""

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app import app as application
from pos_app.database import Database
from pos_app.domain.search import sort_key
from pos_app.errors import Unavailable
from pos_app.models import Book, Order
from pos_app.services.cart_price import discount_line
from pos_app.services.order_view import get_sale
from pos_app.services.setting import change_settings
from tests.shop import DARKNESS, KLARA, PRIDE
from tests.ui.till import Till

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


def sales(till: Till) -> int:
    def act(session: Session) -> int:
        return session.scalar(select(func.count()).select_from(Order)) or 0

    return till.run(till.shop.app.db.read(act))


@pytest.mark.parametrize("lost", [1, 2])
def test_a_reply_lost_after_the_commit_and_tried_again_is_one_sale(
    till: Till, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    till.sign_in().scan(PRIDE)
    whole = Database.write
    left = [lost]

    async def lossy(self: Database, act: object) -> object:
        result = await whole(self, act)  # type: ignore[arg-type]
        if left[0]:
            left[0] -= 1
            raise Unavailable("database.unreachable")
        return result

    monkeypatch.setattr(Database, "write", lossy)
    for _ in range(lost + 1):
        till.key(Key.Key_F12)
    assert till.sees("Message: Sale 1-000001 is paid")
    assert sales(till) == 1
    assert till.run(till.shop.stock(PRIDE)) == 22


def test_what_is_acknowledged_is_on_disk(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F12)

    async def by_another_program() -> str:
        other = application.build(till.shop.app.config)
        try:
            return (await get_sale(other, "1-000001")).number
        finally:
            await other.db.close()

    assert till.run(by_another_program()) == "1-000001"


def test_a_sale_that_cannot_be_stored_prints_nothing_and_keeps_the_basket(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.sign_in().scan(PRIDE)
    shop = till.shop

    async def broken(_self: Database, _act: object) -> object:
        raise Unavailable("database.disk_full")

    with monkeypatch.context() as patched:
        patched.setattr(Database, "write", broken)
        till.key(Key.Key_F12)
    assert till.sees("The disk is full")
    assert [line.title for line in till.page.lines.lines] == ["Pride and Prejudice"]
    assert not list(shop.app.config.receipts_dir.glob("*"))
    till.key(Key.Key_F12)
    assert till.sees("is paid")


def test_a_double_click_on_pay_is_one_payment(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.type("5")
    till.do(lambda: [QTest.mouseClick(till.page.totals._cash, Qt.MouseButton.LeftButton) for _ in range(2)])
    assert till.sees("To pay £3.99")


def test_a_scan_during_a_refund_is_never_a_quantity(till: Till) -> None:
    till.sign_in().scan(PRIDE, PRIDE, DARKNESS)
    till.key(Key.Key_F12)
    till.scan("1-000001", DARKNESS)
    till.scan(KLARA)
    assert till.sees("not on receipt 1-000001")
    assert [(line.coming, line.left) for line in till.page.returns._sale.lines] == [(0, 2), (1, 1)]


def test_a_scan_on_the_receipt_starts_the_next_sale(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F12)
    till.key(Key.Key_R, modifier=CTRL)
    assert till.dialog is not None
    till.scan(KLARA)
    till.key(Key.Key_Escape)
    assert [line.title for line in till.page.lines.lines] == ["Klara and the Sun"]


@pytest.mark.parametrize("rate", ["0.333333", "0.1", "0.05", "0.015"])
def test_a_penny_never_stops_a_sale(till: Till, rate: str) -> None:
    till.sign_in("Max").scan(PRIDE, DARKNESS, KLARA)
    view = till.page.cart
    for line in view.lines:
        till.run(discount_line(till.shop.app, till.shop.people["Max"], view.id, line.key, Decimal(rate)))
    till.do(lambda: till.page.act(till.page.refresh))
    till.key(Key.Key_F12)
    assert till.sees("Change £0.00")


def test_a_refund_is_rounded_as_the_sale_was_and_pays_back_the_price_and_not_the_note(till: Till) -> None:
    till.run(change_settings(till.shop.app, till.shop.people["Max"], cash_rounding=5))
    till.sign_in().scan(KLARA, PRIDE, PRIDE)
    till.type("50")
    till.key(Key.Key_F12)
    assert till.sees("Change £15.05")
    till.scan("1-000001")
    till.key(Key.Key_A, modifier=CTRL)
    till.key(Key.Key_F12)
    assert till.sees("Give back £34.95")


def test_a_shift_closes_whatever_was_counted(till: Till) -> None:
    till.sign_in().scan(PRIDE)
    till.key(Key.Key_F12)
    till.key(Key.Key_F10, modifier=CTRL)
    till.type("1")
    assert till.sees("Short -£7.99")
    till.key(Key.Key_Return)
    assert till.sees("The drawer is £7.99 short. Say why, or press Enter again to close without.")
    till.key(Key.Key_Return)
    till.key(Key.Key_Escape)
    assert till.window.windowTitle() == "Sign in – Bookstore POS"
    z = (till.shop.app.config.receipts_dir / "Z1-000001.txt").read_text()
    assert "Short" in z
    assert "not given" in z


def test_stock_moves_with_the_sale_and_not_at_the_end_of_the_day(till: Till) -> None:
    till.sign_in().scan(KLARA)
    till.key(Key.Key_F12)
    assert till.run(till.shop.stock(KLARA)) == 1


def test_nothing_is_preloaded(till: Till) -> None:
    def grow(session: Session) -> None:
        first = session.scalars(select(Book).limit(1)).one()
        session.add_all(
            Book(
                title=f"Title {number:05d}",
                author="",
                price=100,
                tax_rate_id=first.tax_rate_id,
                title_key=sort_key(f"Title {number:05d}"),
                search_text="title",
            )
            for number in range(3_000)
        )

    till.run(till.shop.app.db.write(grow))
    till.sign_in().scan(PRIDE)
    till.do(lambda: till.window.show_page("Inventory"))
    model = till.page.table.model()
    assert model.rowCount() > 3_000
    assert sum(len(page) for page in model._pages.values()) <= 600


def test_a_code_of_the_shops_own_range_is_no_scale_label(till: Till) -> None:
    till.sign_in().scan("2012345008990")
    assert till.sees("No book has the number 2012345008990") or till.sees("its last digit should be")
    assert till.page.lines.lines == ()
