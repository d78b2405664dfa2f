"""F4: find the customer a sale is for, add a new one, or let the sale be nobody's."""

import asyncio

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from pos_app.domain.isbn import CodeKind, parse_code
from pos_app.errors import PosError, Refused
from pos_app.services.customer import (
    CustomerRow,
    WaitingOrder,
    add_customer,
    customer_by_card,
    customer_card,
    find_customers,
    likely_duplicates,
)
from ui import dialogs
from ui.context import Context
from ui.customers.form import CustomerForm
from ui.customers.list import ROW_HEIGHT, CustomersList
from ui.errors import kind_of, sentence
from ui.format import Formatter
from ui.style.theme import px
from ui.tasks import Tasks
from ui.widgets.basic import EmptyState, label
from ui.widgets.fields import IconField
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import Sheet

TYPING_PAUSE_S = 0.05
FEWEST_ROWS = 3
ORDERS_SHOWN = 2
TITLES_NAMED = 2
EAN_LENGTH = 13
WIDTH, HEIGHT = 760, 620
# What is left of the window around the dialog.
AROUND = 20
EMPTY = "Type a name, a phone number or an email address, or scan the customer's card."


async def pick_customer(context: Context, attached: int | None, parent: QWidget) -> "CustomerDialog":
    """Ask which customer; gives the dialog with its answer once it has ended."""
    dialog = CustomerDialog(context, attached, parent)
    await dialogs.show(dialog)
    await dialog.tasks.close()
    return dialog


class CustomerDialog(Sheet):
    """One field, a list, and a form for somebody new.

    When it ends, `chosen` is the customer to attach, or `detached` says that the sale is to be nobody's; neither
    leaves the sale as it is. Its `tasks` are to be closed after it.
    """

    def __init__(self, context: Context, attached: int | None, parent: QWidget | None = None) -> None:
        """Take the id of the customer attached now."""
        super().__init__("Customer", parent, go="Attach", width=WIDTH)
        self._context, self._attached = context, attached
        self.chosen: CustomerRow | None = None
        self.detached = False
        self.tasks = Tasks(self._tell)
        self._shown_for = ""
        self._scanned = ""
        self._saving = False
        self.field = IconField("search", "Search customers", "Name, phone, email or card", icon="search")
        self.field.textEdited.connect(self._typed)
        self.field.installEventFilter(self)
        self.list = CustomersList(context.fmt)
        self.list.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.list.chosen_changed.connect(self._chosen_changed)
        self.list.doubleClicked.connect(lambda _: self.submit())
        self._empty = EmptyState(EMPTY)
        self._results = QStackedWidget()
        self._results.addWidget(self._empty)
        self._results.addWidget(self.list)
        self._results.setMinimumHeight(px(ROW_HEIGHT) * FEWEST_ROWS + 4)
        self._waits = label("", "muted", name="Nothing waits")
        self._waits.setWordWrap(True)
        self._waits.setMinimumHeight(2 * self._waits.fontMetrics().height() + 4)
        self._waits.setAlignment(Qt.AlignmentFlag.AlignTop)
        search = QWidget()
        column = QVBoxLayout(search)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.field)
        column.addWidget(self._results, 1)
        column.addWidget(self._waits)
        self.form = CustomerForm(context.fmt)
        self.form.edited.connect(lambda: self.tasks.start(self._look_for_alike(), key="alike"))
        self.form.taken.connect(self._attach)
        self._pages = QStackedWidget()
        self._pages.addWidget(search)
        self._pages.addWidget(self.form)
        self.body.addWidget(self._pages)
        self._make_buttons()
        self._fit(parent)
        self.field.setFocus()
        if attached is not None:
            self.tasks.start(self._show_attached(attached))

    def _fit(self, parent: QWidget | None) -> None:
        """Stay within the window, also where the text is large."""
        width, height = px(WIDTH), px(HEIGHT)
        if parent is not None:
            window = parent.window()
            width, height = min(width, window.width() - 2 * AROUND), min(height, window.height() - 2 * AROUND)
        self.setMinimumWidth(width)
        self.resize(width, height)

    def _make_buttons(self) -> None:
        self.back.clicked.disconnect()
        self.back.clicked.connect(self.leave)
        self.none = KeyButton("No customer", "Del", size="big")
        self.none.clicked.connect(self.detach)
        self.none.setVisible(self._attached is not None)
        self.new = KeyButton("New customer", "+", size="big")
        self.new.clicked.connect(self.start_new)
        for place, button in enumerate((self.none, self.new)):
            self.foot.insertWidget(2 + place, button)

    # What is asked

    @property
    def adding(self) -> bool:
        """Whether somebody new is being typed in."""
        return self._pages.currentWidget() is self.form

    def scanned(self, code: str) -> None:
        """Take a scan: a customer's card attaches them, or goes into the form."""
        self.tasks.start(self._take_scan(code))

    async def _take_scan(self, code: str) -> None:
        parsed = parse_code(code) if code.strip().isdigit() and len(code.strip()) == EAN_LENGTH else None
        if parsed is not None and parsed.kind is CodeKind.ISBN:
            self.message.say("That is a book. Leave this window, then scan it again.", "warn")
            return
        customer = await customer_by_card(self._context.app, code)
        if customer is not None:
            self._attach(customer)
        elif self.adding:
            self.form.take_scan(code)
        else:
            self._scanned = code
            self.message.say(f"Nobody has the card {code[:40]} yet. + adds a customer with it.", "warn")

    def start_new(self) -> None:
        """Ask for somebody new, starting with what was typed."""
        self._pages.setCurrentWidget(self.form)
        self._dress()
        self.form.start(self.field.text().strip(), self._scanned)

    def detach(self) -> None:
        """Let the sale be nobody's."""
        self.detached = True
        self.accept()

    def leave(self) -> None:
        """Back: from the form to the search, from there to the sale."""
        if not self.adding:
            self.reject()
            return
        self._pages.setCurrentIndex(0)
        self._dress()
        self.field.setFocus()

    def _dress(self) -> None:
        adding = self.adding
        self.message.say("")
        self.new.setVisible(not adding)
        self.none.setVisible(not adding and self._attached is not None)
        self.go.show_text("Save and attach" if adding else "Attach")

    def submit(self) -> None:
        """Enter: attach the customer chosen, or save the new one and attach them."""
        if self.adding:
            alike = self.form.chosen()
            if alike is not None:
                self._attach(alike)
            elif not self._saving:
                self._saving = True
                self.tasks.start(self._save())
            return
        typed = self.field.text().strip()
        chosen = self.list.chosen()
        if typed != self._shown_for:
            self.tasks.start(self._find_and_attach(typed), key="search")
        elif chosen is not None:
            self._attach(chosen)
        else:
            self._say_nobody(typed)

    def _attach(self, customer: CustomerRow) -> None:
        self.chosen = customer
        self.accept()

    async def _save(self) -> None:
        try:
            values = self.form.values()
            self._attach(await add_customer(self._context.app, self._context.operator, **values))
        except Refused as refused:
            self.form.show_wrong(refused.code)
            raise
        finally:
            self._saving = False

    # Searching

    def _typed(self, text: str) -> None:
        self.message.say("")
        self.tasks.start(self._search(text.strip()), key="search")

    async def _search(self, text: str) -> None:
        await asyncio.sleep(TYPING_PAUSE_S)
        await self._find(text)

    async def _find(self, text: str) -> list[CustomerRow]:
        rows = await find_customers(self._context.app, text)
        self._shown_for = text
        self.list.show_rows(rows)
        self._empty.say(f"Nobody found for “{text[:60]}”. + adds a new customer." if text else EMPTY)
        self._results.setCurrentWidget(self.list if rows else self._empty)
        return rows

    async def _find_and_attach(self, text: str) -> None:
        """Enter before the list was there: one hit is meant, of several the person chooses."""
        rows = await self._find(text)
        if len(rows) == 1:
            self._attach(rows[0])
        elif not rows:
            self._say_nobody(text)

    def _say_nobody(self, text: str) -> None:
        self.message.say("Nobody found. + adds a new customer." if text else EMPTY, "warn" if text else "none")

    async def _show_attached(self, customer_id: int) -> None:
        card = await customer_card(self._context.app, customer_id)
        if not self.field.text():
            self.list.show_rows([card.customer])
            self._results.setCurrentWidget(self.list)

    async def _look_for_alike(self) -> None:
        await asyncio.sleep(TYPING_PAUSE_S)
        values = self.form.values()
        self.form.show_alike(
            await likely_duplicates(self._context.app, values["name"], values["phone"], values["email"])
        )

    def _chosen_changed(self) -> None:
        row = self.list.chosen()
        self._show_waits("")
        if row is not None and row.waiting:
            self.tasks.start(self._read_waits(row.id), key="waits")

    async def _read_waits(self, customer_id: int) -> None:
        card = await customer_card(self._context.app, customer_id)
        row = self.list.chosen()
        if row is not None and row.id == customer_id:
            lines = [order_words(order, self._context.fmt) for order in card.waiting[:ORDERS_SHOWN]]
            more = len(card.waiting) - ORDERS_SHOWN
            self._show_waits("\n".join(lines) + (f" · and {more} more" if more > 0 else ""))

    def _show_waits(self, text: str) -> None:
        self._waits.setText(text)
        self._waits.setAccessibleName(text or "Nothing waits")

    # Keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The search field's own keys: arrows choose, + adds, Del in the empty field lets go."""
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(Qt.Key(event.key()))
        return super().eventFilter(watched, event)

    def _key(self, key: Qt.Key) -> bool:
        typed = self.field.text()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            if self.list.rows:
                self.list.move_choice(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Plus and "@" not in typed:
            self.start_new()
        elif key == Qt.Key.Key_Delete and not typed and self._attached is not None:
            self.detach()
        else:
            return False
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the form first."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
            return
        super().keyPressEvent(event)

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, PosError):
            self.message.say(sentence(error), kind_of(error))
        else:
            self._context.on_error(error)


def order_words(order: WaitingOrder, fmt: Formatter) -> str:
    """An order that waits, in a line: number, titles, where it stands, what is to pay."""
    more = len(order.titles) - TITLES_NAMED
    titles = ", ".join(order.titles[:TITLES_NAMED]) + (f" and {more} more" if more > 0 else "")
    stands = "ready" if order.ready else order.status.value
    due = f"{fmt.money(order.due)} to pay" if order.due else "paid"
    return f"Order {order.number} · {titles} · {stands} · {due}"
