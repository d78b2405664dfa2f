"""Every window of Inventory and Stock, on the smallest screen in the largest text: no word of it is cut."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from pos_app.domain.purchase import PurchaseStatus
from pos_app.services import book_bulk
from pos_app.services.book_add import add_book
from pos_app.services.book_bulk import BulkChange, bulk_edit
from pos_app.services.book_code import add_code
from pos_app.services.book_edit import edit_book
from pos_app.services.book_filter import BookFilter
from pos_app.services.purchase_order import make_purchase_order, move_purchase_order
from pos_app.services.reservation import reserve
from pos_app.services.review import keep_review
from pos_app.services.supplier import SupplierView, keep_supplier, set_supplier_of
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop
from tests.ui.keyboard import until
from tests.ui.test_look import cut, cut_fields, sideways
from tests.ui.test_stock_manager import cut_heads
from tests.ui.till import Run, Till
from ui.inventory.export_dialog import export_to
from ui.inventory.import_sheet import import_from
from ui.inventory.left_sheet import LeftSheet
from ui.page import Page
from ui.stock import flows
from ui.stock.choose import TitleChooser
from ui.stock.receive import ReceiveSheet, RefusedSheet
from ui.style import theme

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
PICTURES = os.environ.get("POS_TEST_PICTURES")


class Looker:
    """Looks at one window after the other; what is cut anywhere is told at the end."""

    def __init__(self, till: Till) -> None:
        self.till = till
        self.found: list[str] = []
        self.seen: list[str] = []

    def look(self, name: str) -> None:
        dialog = self.till.dialog
        assert dialog is not None, name
        self.seen.append(type(dialog).__name__)
        wrong = [*cut(dialog), *cut_fields(dialog), *sideways(dialog), *cut_heads(dialog)]
        if dialog.height() > 768 - 30 or dialog.width() > 1024:
            wrong.append(f"is {dialog.width()}×{dialog.height()}")
        self.found += [f"{name}: {one}" for one in wrong]
        if PICTURES:
            dialog.grab().save(str(Path(PICTURES) / f"{name.replace(' ', '-')}.png"))

    def by(self, name: str, *keys: Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press keys for a window, look at it, and leave it."""
        self.till.key(keys[0], modifier=modifier)
        for key in keys[1:]:
            self.till.key(key)
        self.look(name)
        self.leave()

    def leave(self) -> None:
        for _ in range(4):
            if self.till.dialog is not None:
                self.till.key(Key.Key_Escape)
        assert self.till.dialog is None

    def open(self, flow: Callable[[Page], Any]) -> None:
        self.till.do(lambda: self.till.page.start(flow(self.till.page)))


async def stock_up(shop: Shop) -> None:
    """Give every window something to show."""
    app, sam = shop.app, shop.sam
    who = SupplierView(name="Penguin Random House", return_days=30)
    penguin = await keep_supplier(app, sam, who)
    for isbn in (PRIDE, SAPIENS, KLARA):
        await set_supplier_of(app, sam, shop.books[isbn], penguin.id, cost=12_345)
    order = await make_purchase_order(app, sam, app.ids.new(), penguin.id, {shop.books[PRIDE]: 1000})
    await move_purchase_order(app, sam, order.id, order.version, PurchaseStatus.SENT)
    await make_purchase_order(app, sam, app.ids.new(), penguin.id, {shop.books[KLARA]: 1000})
    await reserve(app, sam, app.ids.new(), shop.books[PRIDE], 2, "Henrietta Featherstonehaugh")
    await add_code(app, sam, shop.books[PRIDE], "4006381333931")
    await keep_review(app, sam, shop.books[PRIDE], 5, "Read it twice in a week.")
    same = await add_book(app, sam, "9780140449136", "Pride and Prejudice", 500, "Jane Austen")
    assert same
    await edit_book(app, sam, shop.books[DARKNESS], 1, {"reorder_at": 50, "publisher": "Penguin"})


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scale", [100, 150])
def test_no_word_is_cut_in_any_window_of_inventory_and_stock(
    shop: Shop, run: Run, qapp: QApplication, monkeypatch: pytest.MonkeyPatch, scale: int
) -> None:
    theme.apply(qapp, "light", scale)
    run(stock_up(shop))
    till = Till(shop, run)
    try:
        till.do(lambda: till.window.resize(1024, 768))
        looker = Looker(till)
        left(till, monkeypatch, looker)
        inventory(looker)
        stock(looker)
        receive(looker)
        assert "\n".join(looker.found) == ""
        assert len(set(looker.seen)) >= 25
    finally:
        till.close()
        theme.apply(qapp, "light")


def left(till: Till, monkeypatch: pytest.MonkeyPatch, looker: Looker) -> None:
    def pull(_done: int, _total: int) -> None:
        raise InterruptedError

    with monkeypatch.context() as patch:
        patch.setattr(book_bulk, "BATCH", 2)
        with pytest.raises(InterruptedError):
            till.run(
                bulk_edit(till.shop.app, till.shop.sam, BookFilter(), BulkChange(fields={"shelf": "A"}), progress=pull)
            )
    till.sign_in("Sam", "Inventory")
    assert isinstance(till.dialog, LeftSheet)
    looker.look("cut off")
    till.key(Key.Key_L, modifier=Qt.KeyboardModifier.AltModifier)


def inventory(looker: Looker) -> None:
    till = looker.till
    for name, key in (("filters", Key.Key_F3), ("columns", Key.Key_F4), ("views", Key.Key_F5), ("ledger", Key.Key_F9)):
        looker.by(name, key)
    for name, key in (
        ("labels", Key.Key_P), ("new book", Key.Key_N),
        ("all fields", Key.Key_D), ("history", Key.Key_H),
    ):  # fmt: skip
        looker.by(name, key, modifier=CTRL)
    folder = till.shop.app.config.data_dir
    till.do(lambda: till.page.start(export_to(till.page, folder / "titles.xlsx")))
    looker.look("export")
    looker.leave()
    file = folder / "titles.csv"
    file.write_text("isbn;title;price\n9780140449266;The Count of Monte Cristo;12.99\n978014;Nonsense;x\n")
    till.do(lambda: till.page.start(import_from(till.page, file)))
    till.run(until(lambda: till.sees("A dry run: nothing is stored yet.")))
    looker.look("import")
    looker.leave()
    till.key(Key.Key_B, modifier=CTRL)
    looker.look("many")
    till.type("+5")
    till.key(Key.Key_Return)
    looker.look("many previewed")
    looker.leave()
    till.type("pride")
    looker.by("more", Key.Key_F10)
    for name, key in (
        ("barcodes", Key.Key_B), ("used copy", Key.Key_U), ("merge", Key.Key_D), ("staff pick", Key.Key_S),
        ("shelf-talker", Key.Key_T), ("categories", Key.Key_G),
    ):  # fmt: skip
        looker.by(name, Key.Key_F10, key)


def stock(looker: Looker) -> None:
    till = looker.till
    looker.by("stock", Key.Key_F8)
    for name, key in (
        ("purchase orders", Key.Key_P), ("transfer empty", Key.Key_T), ("return", Key.Key_R), ("reservations", Key.Key_E),
        ("suppliers", Key.Key_S), ("value", Key.Key_V), ("movements", Key.Key_M), ("correct", Key.Key_O),
    ):  # fmt: skip
        looker.by(name, Key.Key_F8, key)
    looker.open(flows.transfer_stock)
    till.scan(PRIDE)
    looker.look("transfer")
    looker.leave()
    for name, keys in (("order", (Key.Key_Return,)), ("order sent", (Key.Key_Down, Key.Key_Return))):
        looker.open(flows.purchase_orders)
        till.key(*keys)
        looker.look(name)
        looker.leave()
    looker.open(flows.purchase_orders)
    till.key(Key.Key_F6)
    looker.look("still to come")
    looker.leave()
    looker.open(flows.purchase_orders)
    till.key(Key.Key_F12)
    looker.look("order new")
    till.key(Key.Key_F3)
    looker.look("order suggested")
    looker.leave()
    looker.open(flows.count_stock)
    looker.look("count begin")
    till.key(Key.Key_F12)
    looker.look("count empty")
    till.scan(PRIDE, KLARA)
    looker.look("count")
    till.key(Key.Key_F12)
    looker.look("count review")
    looker.leave()
    looker.open(flows.count_stock)
    looker.look("count go on")
    looker.leave()


def receive(looker: Looker) -> None:
    till = looker.till
    looker.open(flows.receive_delivery)
    looker.look("receive empty")
    till.scan(PRIDE, KLARA, SAPIENS)
    dialog = till.dialog
    assert isinstance(dialog, ReceiveSheet)
    looker.look("receive")
    dialog._refused = ("Row 2: 9780000000000 is not in the catalogue.",)
    dialog.show_act(dialog._refusals, shown=True)
    looker.look("receive refused")
    till.key(Key.Key_F7)
    assert isinstance(till.dialog, RefusedSheet)
    looker.look("refused")
    till.key(Key.Key_Escape)
    till.type("pri")
    till.key(Key.Key_Return)
    assert isinstance(till.dialog, TitleChooser)
    looker.look("which title")
    till.key(Key.Key_Escape)
    for _ in range(2):
        till.key(Key.Key_F12)
        till.key(Key.Key_F6)
    looker.look("receive over")
    till.key(Key.Key_F12)
    looker.look("received")
    till.key(Key.Key_F4)
    looker.look("take back")
    till.key(Key.Key_F12)
    looker.by("posted", Key.Key_F8, Key.Key_B)
    looker.open(flows.take_back_posted)
    till.key(Key.Key_Return)
    looker.look("taken back")
    looker.leave()
