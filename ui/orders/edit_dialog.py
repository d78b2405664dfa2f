"""What is ordered, changed while its customer is there or on the phone: fewer, more, another title."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from pos_app.domain.document import OrderLine
from pos_app.errors import Conflict, Refused
from pos_app.services.book_search import BookRow, suggest
from pos_app.services.customer_order import OrderStand, get_stand
from pos_app.services.order_edit import Changed, add_title, change_line
from pos_app.services.order_view import OrderDetail
from ui.actions import shortcut
from ui.checkout.results import ResultsDelegate, ResultsList, ResultsModel
from ui.context import Context
from ui.errors import sentence
from ui.widgets.basic import label
from ui.widgets.fields import IconField
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import WorkSheet
from ui.widgets.two_lines import TwoLinesList

TYPING_PAUSE_S = 0.03
# What a small window has room for beside the rest, in large text too.
ROWS = 4
STEPS = {"+": 1, "-": -1}


class EditDialog(WorkSheet):
    """The lines of an order; each change is stored at once, and the order is shown as it stands by it."""

    def __init__(self, context: Context, detail: OrderDetail, stand: OrderStand, parent: QWidget) -> None:
        """Take the order as it stands."""
        super().__init__(context, f"Change order {detail.order.id}", parent, go="Done", width=720)
        self.detail, self.stand = detail, stand
        self.back.hide()
        self.search = IconField("search", "Add a title", "Title, author or ISBN; or scan it", icon="search", key="F2")
        self.search.textChanged.connect(lambda _: self.tasks.start(self._search(), key="search"))
        self.body.addWidget(self.search)
        self.list = TwoLinesList("Lines of the order")
        self.list.make_room(ROWS)
        self.body.addWidget(self.list, 1)
        self._total = label("", "sum")
        across = QHBoxLayout()
        across.addWidget(self._total, 1)
        for text, key, step in (("Remove", "Del", None), ("One less", "−", -1), ("One more", "+", 1)):
            button = KeyButton(text, key)
            button.clicked.connect(lambda _=False, step=step: self.change(step))
            across.addWidget(button)
        self.body.addLayout(across)
        self._found = ResultsModel(context.fmt)
        self.results = ResultsList(self, self._found)
        self.results.setItemDelegate(ResultsDelegate(self.results))
        self.results.clicked.connect(lambda _: self.submit())
        self.list.typed.connect(self._typed)
        shortcut(self.list, "Del", lambda: self.change(None))
        shortcut(self, "F2", self.search.setFocus, within=False)
        for keys, step in (("Down", 1), ("Up", -1)):
            shortcut(self.search, keys, partial(self.results.move_choice, step))
        self._show()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self) -> None:
        fmt, order = self.context.fmt, self.detail.order
        self.list.show_rows(
            [
                (
                    f"{line.quantity} × {line.title}",
                    f"{fmt.amount(line.price)} each · {stand.words}",
                    fmt.money(line.amount),
                )
                for line, stand in zip(order.lines, self.stand.lines, strict=True)
            ]
        )
        paid = f", {fmt.money(self.stand.deposit)} paid" if self.stand.deposit else ""
        self._total.setText(f"Total {fmt.money(order.total)}{paid}")

    @property
    def line(self) -> OrderLine | None:
        """The line chosen."""
        lines, place = self.detail.order.lines, self.list.currentRow()
        return lines[place] if 0 <= place < len(lines) else None

    def _typed(self, sign: str) -> None:
        """+ and −, where the list has the focus."""
        if sign in STEPS:
            self.change(STEPS[sign])

    def change(self, step: int | None) -> None:
        """Have one more or one less of the line chosen, or without a step none of it."""
        line = self.line
        if line is None:
            return
        context, order = self.context, self.detail.order
        wanted = 0 if step is None else line.quantity + step
        self._carry_out(lambda: change_line(context.app, context.operator, order.id, order.version, line.id, wanted))

    def scanned(self, code: str) -> None:
        """Take a scan: the title is ordered too."""
        self.tasks.start(self._add_scan(code))

    async def _add_scan(self, code: str) -> None:
        rows = await suggest(self.context.app, code)
        if len(rows) != 1:
            raise Refused("book.unknown", code=code)
        self.add(rows[0])

    def add(self, book: BookRow) -> None:
        """Order one of a title too."""
        context, order = self.context, self.detail.order
        self.search.clear()
        self.list.setFocus()
        self._carry_out(lambda: add_title(context.app, context.operator, order.id, order.version, book.id))

    def _carry_out(self, act: Callable[[], Awaitable[Changed]]) -> None:
        """One change at a time: the next one goes by how the order stands then."""
        if not self.tasks.running("change"):
            self.tasks.start(self._change(act), key="change")

    async def _change(self, act: Callable[[], Awaitable[Changed]]) -> None:
        try:
            changed = await act()
        except Conflict as conflict:
            await self._take(conflict.current)
            self.tell(conflict)
            return
        await self._take(changed.detail)
        said = ["Changed."]
        if changed.over:
            over = self.context.fmt.money(changed.over)
            said.append(f"{over} more is paid than it comes to: F10, D gives it back once the order is collected.")
        if changed.bought:
            numbers = ", ".join(str(number) for number in changed.bought)
            said.append(f"Purchase order {numbers} brings more than is waited for: Inventory, F8 changes it.")
        self.message.say(" ".join(said), "warn" if said[1:] else "ok")

    async def _take(self, detail: OrderDetail) -> None:
        stand = await get_stand(self.context.app, detail.order.id)
        if stand is not None:
            self.detail, self.stand = detail, stand
            self._show()

    async def _search(self) -> None:
        await asyncio.sleep(TYPING_PAUSE_S)
        text = self.search.text().strip()
        self.results.show_books(await suggest(self.context.app, text, 5) if text else [])
        below = self.search.geometry()
        self.results.setGeometry(below.left(), below.bottom() + 4, below.width(), self.results.height())
        if text and not self._found.books:
            self.message.say(sentence(Refused("book.unknown", code=text)), "warn")
        else:
            self.message.say("")

    def submit(self) -> None:
        """Enter: add the title found, else be done."""
        chosen = self.results.chosen()
        if chosen is not None:
            self.add(chosen)
        elif not self.search.text().strip():
            self.accept()

    def reject(self) -> None:
        """Esc: leave the search, then the question."""
        if self.search.text():
            self.search.clear()
            self.list.setFocus()
        else:
            super().reject()
