"""The grid of what has no barcode, as a manager arranges it."""

import asyncio
from functools import partial

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QListWidget, QVBoxLayout

from pos_app.domain.permission import Permission
from pos_app.errors import PosError
from pos_app.services.book_search import suggest
from pos_app.services.quick_key import (
    QuickKeyRow,
    add_quick_key,
    add_title_key,
    list_quick_keys,
    move_quick_key,
    remove_quick_key,
)
from pos_app.services.tax_rate import list_tax_rates
from ui.actions import shortcut
from ui.checkout.results import ResultsList, ResultsModel
from ui.context import Context
from ui.errors import sentence
from ui.settings.section import Section, hint
from ui.tasks import Tasks
from ui.widgets.basic import caption
from ui.widgets.fields import Choice, PageField
from ui.widgets.flow import FlowLayout
from ui.widgets.key_button import KeyButton

TYPING_PAUSE_S = 0.03
FOUND = 5


class QuickKeysSection(Section):
    """The keys in their order, and a form for a new one."""

    title = "Quick keys"
    permission = Permission.EDIT_BOOKS

    def __init__(self, context: Context, tasks: Tasks) -> None:
        """Lay out list and form."""
        super().__init__(context, tasks)
        self._keys: list[QuickKeyRow] = []
        self._list = QListWidget()
        self._list.setAccessibleName("Quick keys")
        self._list.setMinimumHeight(220)
        self.form.addWidget(self._list)
        row = FlowLayout()
        for name, key, act in (
            ("Up", "Alt+Up", lambda: self._move(-1)),
            ("Down", "Alt+Down", lambda: self._move(1)),
            ("Take away", "Ctrl+Del", self._remove),
        ):
            button = KeyButton(name)
            self.add_key(button, key)
            button.clicked.connect(act)
            button.setEnabled(self.may)
            row.addWidget(button)
        self.form.addLayout(row)
        self.form.addWidget(caption("Put something of the catalogue on the grid"))
        self.form.addLayout(self._make_search())
        self.form.addWidget(caption("Or a new thing"))
        self.form.addLayout(self._make_form())
        self.form.addWidget(hint("Without a price it is a department: the price is typed before its key is pressed."))
        self.form.addStretch(1)

    def _make_search(self) -> QVBoxLayout:
        column, row = QVBoxLayout(), QHBoxLayout()
        self._looked_for = ""
        self._search = PageField()
        self._search.setPlaceholderText("Title or code, such as gift wrap")
        self._search.setAccessibleName("Find in the catalogue")
        self._search.setMaxLength(200)
        self._search.textChanged.connect(lambda: self.tasks.start(self._guarded(self._look()), key="find"))
        self._search.returnPressed.connect(self._put)
        self._found = ResultsModel(self.context.fmt)
        self._results = ResultsList(self, self._found)
        self._results.doubleClicked.connect(self._put)
        for keys, step in (("Down", 1), ("Up", -1)):
            shortcut(self._search, keys, partial(self._results.move_choice, step))
        put = KeyButton("Add", "Enter", name="Add what was found")
        put.clicked.connect(self._put)
        for widget in (self._search, put):
            widget.setEnabled(self.may)
        row.addWidget(self._search, 1)
        row.addWidget(put)
        column.addLayout(row)
        column.addWidget(self._results)
        return column

    async def _look(self, pause: float = TYPING_PAUSE_S) -> None:
        await asyncio.sleep(pause)
        text = self._search.text().strip()
        self._results.show_books(await suggest(self.context.app, text, FOUND) if text else [])
        self._looked_for = text
        if text and not self._found.books:
            self.message.say("Nothing in the catalogue is called that. Type it another way, or add it below.", "warn")

    def _put(self) -> None:
        if not self.tasks.running("put"):
            self.tasks.start(self._guarded(self._putting()), key="put")

    async def _putting(self) -> None:
        if self._looked_for != self._search.text().strip():
            # Enter was faster than the search: what is shown is what was typed before.
            self.tasks.cancel("find")
            await self._look(0)
        if (book := self._results.chosen()) is None:
            return
        keys = await add_title_key(self.context.app, self.context.operator, book.id)
        self._show(keys)
        self._search.setText("")
        self._told(keys[-1])

    def _make_form(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        self._label, self._price, self._tax = QLineEdit(), QLineEdit(), Choice()
        self._label.setMaxLength(40)
        for place, (name, widget) in enumerate((("Name", self._label), ("Price", self._price), ("Tax", self._tax))):
            widget.setAccessibleName(f"Quick key {name.lower()}")
            widget.setEnabled(self.may)
            grid.addWidget(caption(name), place, 0)
            grid.addWidget(widget, place, 1)
        add = KeyButton("Add key", role="primary")
        add.setEnabled(self.may)
        add.clicked.connect(self._add)
        self.add_key(add, "Ctrl+N")
        grid.addWidget(add, 3, 1)
        return grid

    async def load(self) -> None:
        """Show the keys."""
        self._tax.clear()
        for rate in await list_tax_rates(self.context.app):
            self._tax.addItem(rate.name, rate.id)
        self._show(await list_quick_keys(self.context.app))
        self.say_who_may()

    def _show(self, keys: list[QuickKeyRow]) -> None:
        chosen = self._list.currentRow()
        self._keys = keys
        self._list.clear()
        fmt = self.context.fmt
        self._list.addItems(
            [f"{key.label} · {'price asked for' if key.open_price else fmt.money(key.price)}" for key in keys]
        )
        if not keys:
            self._list.addItem("No quick keys yet. Add the first below.")
        self._list.setCurrentRow(min(chosen, len(keys) - 1))

    def _current(self) -> QuickKeyRow | None:
        row = self._list.currentRow()
        return self._keys[row] if 0 <= row < len(self._keys) else None

    def _add(self) -> None:
        try:
            price = self.context.fmt.parse(self._price.text()) if self._price.text().strip() else None
        except PosError as error:
            self.message.say(sentence(error), "warn")
            return
        tax = self._tax.currentData()
        if tax is not None and self.tasks.idle:
            self.start(self._make(self._label.text(), price, tax))

    async def _make(self, name: str, price: int | None, tax: int) -> None:
        app, operator = self.context.app, self.context.operator
        keys = await add_quick_key(app, operator, name, price, tax)
        self._show(keys)
        self._label.clear()
        self._price.clear()
        self._told(keys[-1])

    def _told(self, made: QuickKeyRow) -> None:
        app, operator = self.context.app, self.context.operator

        async def undo() -> None:
            self._show(await remove_quick_key(app, operator, made.id))

        self.kept(f"{made.label} is on the grid.", undo)

    def _move(self, step: int) -> None:
        key = self._current()
        if key is not None and self.tasks.idle:
            self.start(self._moved(key, step))

    async def _moved(self, key: QuickKeyRow, step: int) -> None:
        app, operator = self.context.app, self.context.operator
        self._show(await move_quick_key(app, operator, key.id, step))
        self._list.setCurrentRow(next(at for at, one in enumerate(self._keys) if one.id == key.id))

        async def undo() -> None:
            self._show(await move_quick_key(app, operator, key.id, -step))

        self.kept(f"{key.label} is moved.", undo)

    def _remove(self) -> None:
        key = self._current()
        if key is not None and self.tasks.idle:
            self.start(self._removed(key))

    async def _removed(self, key: QuickKeyRow) -> None:
        self._show(await remove_quick_key(self.context.app, self.context.operator, key.id))
        self.kept(f"{key.label} is off the grid; what it sold stays.", None)
