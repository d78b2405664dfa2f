"""The ways through the windows of stock, from a page: each a coroutine for one of its acts."""

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtWidgets import QDialog

from pos_app.domain.permission import Permission
from pos_app.services.book import BookDetail
from pos_app.services.purchase_order import get_purchase_order
from pos_app.services.right import check_right, granted
from pos_app.services.stock import stock_value
from pos_app.services.stock_reversal import Posted, look_at_reversal
from ui import dialogs
from ui.page import Page
from ui.stock.correct import CorrectSheet
from ui.stock.count import CountSheet, ReviewSheet, StartCountSheet
from ui.stock.ledger import LedgerSheet
from ui.stock.move import ReturnSheet, TransferSheet
from ui.stock.purchase import PurchaseListSheet, PurchaseSheet
from ui.stock.receive import DeliverySheet, ReceiveSheet
from ui.stock.reservations import ReservationsSheet
from ui.stock.sheet import StockSheet
from ui.stock.suppliers import SuppliersSheet
from ui.stock.table import Column, RowsTable
from ui.stock.take_back import PostedSheet, TakeBackSheet, went
from ui.stock.words import pieces
from ui.widgets.basic import label
from ui.widgets.sheet import Menu

ACCEPTED = QDialog.DialogCode.Accepted.value


async def choose_act(page: Page, book: BookDetail | None = None) -> None:
    """Ask which of the acts of stock, and carry it out; `book` is the title chosen, if any.

    What somebody has no right to says who has; suppliers and their orders may be looked at by all.
    """
    acts: list[tuple[str, str, Callable[[], Coroutine[Any, Any, Any]]]] = [
        ("D", "Receive delivery", lambda: receive_delivery(page)),
        ("C", "Count stock", lambda: count_stock(page)),
        ("P", "Purchase orders", lambda: purchase_orders(page)),
        ("T", "Transfer", lambda: transfer_stock(page)),
        ("R", "Return to publisher", lambda: return_to_publisher(page)),
        ("B", "Take back a delivery, count or return", lambda: take_back_posted(page)),
        ("E", "Reservations", lambda: reservations(page)),
        ("S", "Suppliers", lambda: suppliers(page)),
        ("V", "Stock value", lambda: show_value(page)),
    ]
    if book is not None:
        acts.append(("M", "Movements of this title", lambda: show_ledger(page, book)))
        acts.append(("O", "Correct its stock", lambda: correct(page, book)))
    menu = Menu("Stock", acts, page)
    if await dialogs.show(menu) == ACCEPTED and menu.chosen is not None:
        await menu.chosen()


async def receive_delivery(page: Page) -> None:
    """Receive a delivery, then show what is to be looked after."""
    await check_right(page.app, page.context.operator, Permission.RECEIVE_DELIVERIES)
    sheet = ReceiveSheet(page.context, page)
    posted = await _ask(sheet)
    if sheet.ended:
        await sheet.drop_kept()
    if not posted or sheet.made is None:
        return
    page.message.say(f"Delivery {sheet.made.number}: {pieces(sheet.made.pieces)} taken into stock.", "ok")
    told = DeliverySheet(page.context, sheet.made, page)
    await dialogs.show(told)
    if told.take_back:
        await _take_back(page, Posted.DELIVERY, sheet.made.id)


async def take_back_posted(page: Page) -> None:
    """Choose a delivery, a count or a publisher return that was posted, and take it back."""
    chosen = PostedSheet(page.context, page)
    if await _ask(chosen) and chosen.made is not None:
        await _take_back(page, chosen.made.kind, chosen.made.id)


async def _take_back(page: Page, kind: Posted, document_id: int) -> None:
    sheet = TakeBackSheet(page.context, await look_at_reversal(page.app, kind, document_id), page)
    if await _ask(sheet) and sheet.made is not None:
        whole = all(line.goes == line.most for line in sheet.made.lines)
        page.message.say(f"{sheet.made.name} is {'' if whole else 'partly '}taken back, {went(sheet.made)}.", "ok")


async def count_stock(page: Page) -> None:
    """Start or go on with a count, scan, review, post."""
    await check_right(page.app, page.context.operator, Permission.COUNT_STOCK)
    begun = StartCountSheet(page.context, page)
    if not await _ask(begun) or begun.made is None:
        return
    count = begun.made
    while True:
        counting = CountSheet(page.context, count, page)
        if not await _ask(counting):
            page.message.say(f"Count {count.number} stays open; go on with it at any till.", "ok")
            return
        count = counting.count
        review = ReviewSheet(page.context, count, page)
        if await _ask(review):
            page.message.say(f"Count {count.number} is posted. F8, then B, takes it back.", "ok")
            return


async def purchase_orders(page: Page) -> None:
    """Choose an order or a new one, and work on it."""
    may_buy = await _may(page, Permission.BUY)
    chosen = PurchaseListSheet(page.context, page, may_buy=may_buy)
    if not await _ask(chosen):
        return
    order = await get_purchase_order(page.app, chosen.made.id) if chosen.made is not None else None
    await _ask(PurchaseSheet(page.context, order, page, may_buy=may_buy))


async def transfer_stock(page: Page) -> None:
    """Carry stock from one place to another."""
    await check_right(page.app, page.context.operator, Permission.TRANSFER_STOCK)
    sheet = TransferSheet(page.context, page)
    if await _ask(sheet) and sheet.made is not None:
        carried = pieces(sum(count for _, count in sheet.made.lines))
        page.message.say(f"Transfer {sheet.made.number}: {carried} carried {sheet.way}.", "ok")


async def return_to_publisher(page: Page) -> None:
    """Send copies back."""
    await check_right(page.app, page.context.operator, Permission.BUY)
    sheet = ReturnSheet(page.context, page)
    posted = await _ask(sheet)
    if sheet.take_back is not None:
        await _take_back(page, Posted.RETURN, sheet.take_back)
    elif posted and sheet.made is not None:
        page.message.say(f"Return {sheet.made.number} is posted. Its letter is in {sheet.files}", "ok")


async def suppliers(page: Page) -> None:
    """Look after the suppliers."""
    await _ask(SuppliersSheet(page.context, page, may_buy=await _may(page, Permission.BUY)))


async def reservations(page: Page) -> None:
    """Look after what is set aside."""
    await check_right(page.app, page.context.operator, Permission.RESERVE)
    await _ask(ReservationsSheet(page.context, page))


async def correct(page: Page, book: BookDetail) -> BookDetail | None:
    """Correct a title's stock with a reason; gives the title as it is stored then, None where nothing was done."""
    await check_right(page.app, page.context.operator, Permission.CORRECT_STOCK)
    sheet = CorrectSheet(page.context, book, page)
    made: BookDetail | None = sheet.made if await _ask(sheet) else None
    if made is not None:
        page.message.say(f"“{made.title}”: {made.stock} in stock now.", "ok")
    return made


async def show_ledger(page: Page, book: BookDetail) -> BookDetail | None:
    """Show a title's movements with the stock each left; gives the title where it was corrected there."""
    sheet = LedgerSheet(page.context, book, page, may_correct=await _may(page, Permission.CORRECT_STOCK))
    await _ask(sheet)
    made: BookDetail | None = sheet.made
    return made


async def show_value(page: Page) -> None:
    """Show what the stock is worth."""
    rows = await stock_value(page.app, page.context.operator)
    fmt = page.fmt
    sheet = StockSheet(page.context, "Stock value", page, end="Done", width=820)
    table = RowsTable(
        "Stock value",
        [
            Column("Category", 0, lambda row: row.category or "No category"),
            Column("Titles", 90, lambda row: fmt.count(row.titles), right=True),
            Column("Copies", 90, lambda row: fmt.count(row.pieces), right=True),
            Column("At cost", 130, lambda row: fmt.money(row.at_cost), right=True),
            Column("At price", 130, lambda row: fmt.money(row.at_price), right=True),
            Column(
                "No cost known", 130, lambda row: fmt.count(row.without_cost) if row.without_cost else "", right=True
            ),
        ],
    )
    table.show_rows(rows, 0)
    sheet.body.addWidget(table, 1)
    cost, price = sum(row.at_cost for row in rows), sum(row.at_price for row in rows)
    sheet.body.addWidget(label(f"In all {fmt.money(cost)} at cost, {fmt.money(price)} at price.", "sum"))
    sheet.back.hide()
    await dialogs.show(sheet)


async def _may(page: Page, permission: Permission) -> bool:
    return bool(await granted(page.app, page.context.operator, permission))


async def _ask(sheet: "ReceiveSheet | StartCountSheet | CountSheet | ReviewSheet | StockSheet") -> bool:
    """Show a stock window, read what it needs, and tell whether it was carried to its end."""
    load = getattr(sheet, "load", None)
    if load is not None:
        sheet.start(load())
    try:
        return await dialogs.show(sheet) == ACCEPTED
    finally:
        await sheet.tasks.close()
