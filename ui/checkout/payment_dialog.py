"""The payment dialog: for touch and mouse, and for tenders that ask more questions than a key can answer."""

from collections.abc import Callable, Coroutine
from functools import partial
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QElapsedTimer, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from pos_app.domain.free_text import one_line, refuse_card_number
from pos_app.domain.isbn import CodeKind, parse_code
from pos_app.domain.payment import OverTender, PaymentIn, Tender, TenderKind, TenderRule, quick_notes, usable
from pos_app.errors import Refused
from pos_app.services.cart_view import CartView
from pos_app.services.gift_card import GiftCardView, get_gift_card, masked
from ui.actions import shortcut
from ui.checkout.paying import BOUNCE_MS
from ui.context import Context
from ui.errors import sentence
from ui.style.theme import fit, px
from ui.widgets.basic import FigureLabel, caption, label, panel
from ui.widgets.fields import Choice
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import WorkSheet

# As high as it can grow, so that nothing moves under a finger.
WIDTH, HEIGHT = 760, 590
QUICK = 5
# As many payments as are listed.
LISTED = 3
# Offered, not required: what else is typed is kept as it is.
SCHEMES = ("Visa", "Mastercard", "Maestro", "American Express", "girocard")
LONGEST_SCHEME = 40
Take = Callable[[PaymentIn], Coroutine[Any, Any, CartView | None]]
Undo = Callable[[], Coroutine[Any, Any, CartView]]


class PaymentDialog(WorkSheet):
    """Tenders at the left, what is handed over in the middle, what has been taken so far below.

    `take` carries a payment out and gives the basket as it then stands, or None once the sale is finished.
    """

    def __init__(
        self,
        context: Context,
        cart: CartView,
        tenders: list[TenderRule],
        take: Take,
        undo: Undo,
        parent: QWidget,
        *,
        first: str | None = None,
        typed: str = "",
        spendable: int = 0,
    ) -> None:
        """Take the basket, what carries a payment out, and what the customer's full cards pay."""
        super().__init__(context, "Payment", parent, go="Finish & print", width=WIDTH, tells_below=False)
        self._cart, self._take, self._undo = cart, take, undo
        self._fmt = context.fmt
        self._spendable = spendable
        self._tenders = [tender for tender in tenders if tender.active and (spendable or tender.code != Tender.LOYALTY)]
        self.receipt = True
        # Whether it was left for the question whose sale it is.
        self.asks_customer = False
        # What was said of a number that is missing, until there is one.
        self._missing = ""
        # The gift card whose balance is shown, and whether the question is over.
        self._looked_up, self._ended = "", False
        self._last: KeyButton | None = None
        # Since when the key that took the last payment has been let go.
        self._taken = QElapsedTimer()
        self.head.addWidget(label("To pay", "muted"))
        self.head.addSpacing(8)
        self._due = label("", "due")
        self.head.addWidget(self._due)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._make_tenders())
        middle.addLayout(self._make_form(), 1)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.addLayout(middle)
        quiet = KeyButton("Finish, no receipt", "Ctrl Enter", size="big")
        quiet.clicked.connect(lambda: self.submit(receipt=False))
        for key in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut(self, key, lambda: self.submit(receipt=False), within=False)
        self.foot.insertWidget(2, quiet)
        self._quiet = quiet
        shortcut(self, "Alt+R", self._remove_last, within=False)
        # The keys of the counter do here what they do there.
        shortcut(self, "F4", self._ask_customer, within=False)
        shortcut(self, "F11", lambda: self._pay_by(Tender.CARD), within=False)
        shortcut(self, "F12", lambda: self._pay_by(Tender.CASH), within=False)
        codes = [tender.code for tender in self._tenders]
        self.choose(first if first in codes else codes[0])
        self._field.setText(typed)
        self._show(cart)
        self.resize(fit(WIDTH), min(px(HEIGHT), self.most_height()))

    def _make_tenders(self) -> QScrollArea:
        side = panel("clear")
        layout = QVBoxLayout(side)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        self._buttons: dict[str, KeyButton] = {}
        for place, tender in enumerate(self._tenders, 1):
            key = f"Alt {place}"
            button = KeyButton(tender.name, key, role="chip", size="name", name=f"Tender {tender.name}")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _=False, code=tender.code: self.choose(code))
            shortcut(self, f"Alt+{place}", partial(self.choose, tender.code), within=False)
            self._buttons[tender.code] = button
            layout.addWidget(button)
        layout.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFixedWidth(px(180))
        area.setWidget(side)
        # A shop with many ways to pay scrolls them: the foot stays on the screen.
        beside = self.head.sizeHint().height() + self.foot.sizeHint().height() + 2
        area.setMinimumHeight(min(side.sizeHint().height(), self.most_height() - beside))
        self._side = area
        return area

    def _make_form(self) -> QVBoxLayout:
        form = QVBoxLayout()
        form.setContentsMargins(24, 16, 24, 16)
        form.setSpacing(8)
        self._caption = caption("Amount")
        form.addWidget(self._caption)
        self._field = QLineEdit()
        self._field.setProperty("role", "pin")
        self._field.setAccessibleName("Amount")
        self._field.textEdited.connect(lambda _: self._typed_anew())
        form.addWidget(self._field)
        quick = QHBoxLayout()
        quick.setSpacing(8)
        self._quick = []
        for _ in range(QUICK):
            button = KeyButton("", size="quick")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _=False, made=button: self._fill(made.property("amount")))
            self._quick.append(button)
            quick.addWidget(button, 1)
        form.addLayout(quick)
        self._form = form
        self._numbers = self._make_numbers()
        form.addWidget(self._numbers)
        self._paid = QGridLayout()
        self._paid.setColumnStretch(0, 1)
        self._paid.setVerticalSpacing(6)
        form.addLayout(self._paid)
        form.addStretch(1)
        form.addWidget(self.message)
        box = panel("change-box")
        row = QHBoxLayout(box)
        row.setContentsMargins(18, 10, 18, 10)
        self._change_word = label("Change", "title")
        self._change = FigureLabel("heading")
        row.addWidget(self._change_word)
        row.addWidget(self._change, 1)
        form.addWidget(box)
        return form

    def _make_numbers(self) -> QWidget:
        """What a tender asks beside the amount: a card's code, a voucher's number, a card's scheme."""
        made = QWidget()
        grid = QGridLayout(made)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 3)
        self._number_grid = grid
        self._reference_caption = caption("Number")
        self._reference = QLineEdit()
        self._reference.setMaxLength(64)
        self._reference.editingFinished.connect(self._ask_balance)
        self._reference.textChanged.connect(self._number_there)
        self._scheme_caption = caption("Kind of card, if you like")
        self._scheme = Choice()
        self._scheme.setEditable(True)
        self._scheme.setInsertPolicy(Choice.InsertPolicy.NoInsert)
        self._scheme.setAccessibleName("Kind of card")
        self._scheme.addItems(["", *SCHEMES])
        if (line := self._scheme.lineEdit()) is not None:
            line.setMaxLength(LONGEST_SCHEME)
            line.setAccessibleName("Kind of card")
        for column, (word, field) in enumerate(
            ((self._reference_caption, self._reference), (self._scheme_caption, self._scheme))
        ):
            grid.addWidget(word, 0, column)
            grid.addWidget(field, 1, column)
        return made

    def _order_fields(self) -> None:
        """Put a gift card's code before the amount, which its balance gives, and Tab through all as they stand."""
        gift = self._rule.kind is TenderKind.GIFT_CARD
        self._form.removeWidget(self._numbers)
        self._form.insertWidget(0 if gift else 3, self._numbers)
        fields: list[QWidget] = [self._reference, self._scheme]
        chain = [*fields, self._field] if gift else [self._field, *fields]
        chain += [self._last] if self._last is not None else []
        for one, following in pairwise([*chain, self.back, self._quiet, self.go]):
            self.setTabOrder(one, following)

    @property
    def _rule(self) -> TenderRule:
        return next(tender for tender in self._tenders if tender.code == self._code)

    def choose(self, code: str) -> None:
        """Choose how it is paid."""
        self._code = code
        self._taken.invalidate()
        for name, button in self._buttons.items():
            button.setChecked(name == code)
        self._side.ensureWidgetVisible(self._buttons[code])
        rule = self._rule
        self._caption.setText(f"{rule.name} received" if rule.kind is TenderKind.CASH else f"{rule.name}: how much")
        # The till's own terminal tells both by itself.
        apart = rule.kind is TenderKind.CARD and (self.context.app.terminal is None or self._cart.training)
        asks = rule.kind is TenderKind.GIFT_CARD or apart or (rule.asks_reference and rule.kind is not TenderKind.CARD)
        self._numbers.setVisible(asks)
        for widget in (self._scheme, self._scheme_caption):
            widget.setVisible(apart)
        self._number_grid.setColumnStretch(1, 2 if apart else 0)
        word = "Card code (scan or type it)" if rule.kind is TenderKind.GIFT_CARD else "Number"
        self._reference_caption.setText(word if rule.asks_reference or not apart else f"{word}, if any")
        self._reference.setAccessibleName(word)
        self._forget_numbers()
        self._order_fields()
        self.message.say("")
        if code == Tender.LOYALTY:
            self.message.say(f"Full cards pay {self._fmt.money(self._spendable)}; each is used whole.")
        if rule.kind is TenderKind.ACCOUNT and self._cart.customer is None:
            self.message.say(sentence(Refused("account.nobody")), "warn")
        (self._reference if rule.kind is TenderKind.GIFT_CARD else self._field).setFocus()
        self._show_quick()
        self._show_change()

    def scanned(self, code: str) -> None:
        """Take a scan as the gift card's or voucher's number; a book is neither, and is not lost without a word."""
        if parse_code(code).kind is CodeKind.ISBN:
            self.tell(Refused("payment.book"))
            return
        if not self._reference.isVisible():
            gift = next((tender for tender in self._tenders if tender.kind is TenderKind.GIFT_CARD), None)
            if gift is None:
                return
            self.choose(gift.code)
        self._reference.setText(code)
        self._ask_balance()

    @property
    def _card_code(self) -> str:
        """The gift card's code as it is stored."""
        return "".join(self._reference.text().replace("-", "").split()).upper()

    def tell(self, error: BaseException) -> None:
        """Tell of an error; where a number is missing, it is typed or scanned next."""
        super().tell(error)
        if isinstance(error, Refused) and error.code == "payment.reference":
            self._missing = self.message.text()
            self._reference.setFocus()

    def _number_there(self, text: str) -> None:
        if not text:
            return
        # Enter after it is meant, and no bounce.
        self._taken.invalidate()
        if self._missing and self.message.text() == self._missing:
            self.message.say("")

    def _ask_customer(self) -> None:
        """Leave it for the question whose sale it is; what was taken stays taken."""
        if self.tasks.idle:
            self.asks_customer = True
            self.reject()

    def _ask_balance(self) -> None:
        """Look a gift card up once its code is complete: before anything is taken, its balance is said."""
        gift = self._rule.kind is TenderKind.GIFT_CARD
        if gift and not self._ended and self._card_code not in ("", self._looked_up):
            self.tasks.start(self._look_up(self._card_code), key="look")

    async def _look_up(self, code: str) -> None:
        try:
            card = await self._gift_card(code)
        except Refused:
            self._reference.setFocus()
            self._reference.selectAll()
            raise
        if self._rule.kind is not TenderKind.GIFT_CARD or self._card_code != code:
            return
        self._looked_up = code
        # What this card gave to this sale already is not taken from it before the sale is stored.
        taken = sum(paid.amount for paid in self._cart.payments if (paid.reference or "").upper() == code)
        left = card.balance - taken
        offered = min(left, self._payable)
        try:
            chosen = 0 < self._typed() <= offered and bool(self._field.text())
        except Refused:
            chosen = False
        if not chosen:
            self._field.setText(self._fmt.plain(offered))
        said = f"Gift card {masked(card.code)} holds {self._fmt.money(left)}."
        self.message.say(said if left else f"{said} Take another way to pay.", "ok" if left else "warn")
        if self._reference.hasFocus():
            self._field.setFocus()
        self._field.selectAll()
        self._show_change()

    async def _gift_card(self, code: str) -> GiftCardView:
        """What a card holds; while training, one that was never sold, or only in training, holds what is due."""
        try:
            return await get_gift_card(self.context.app, code)
        except Refused as refused:
            if not self._cart.training or refused.code != "gift_card.unknown":
                raise
            return GiftCardView(code, self._payable, None)

    def _forget_numbers(self) -> None:
        self.tasks.cancel("look")
        self._looked_up = ""
        self._reference.clear()
        self._scheme.setCurrentIndex(0)
        self._scheme.clearEditText()

    @property
    def _payable(self) -> int:
        """What is due by the tender chosen."""
        return self._cart.cash_due if self._rule.kind is TenderKind.CASH else self._cart.due

    @property
    def _at_once(self) -> int:
        """What the tender chosen pays where nothing is typed: all that is due, or as far as full cards reach."""
        if self._code != Tender.LOYALTY:
            return self._payable
        used = sum(paid.amount for paid in self._cart.payments if paid.tender == Tender.LOYALTY)
        return max(min(self._payable, self._spendable - used), 0)

    def _fill(self, amount: int | None) -> None:
        if amount is not None:
            self._field.setText(self._fmt.plain(amount))
            self._typed_anew()
            self._field.setFocus()

    def _typed_anew(self) -> None:
        self._taken.invalidate()
        self._show_change()

    def _show(self, cart: CartView) -> None:
        self._cart = cart
        self._due.setText(self._fmt.money(cart.due))
        self._due.setAccessibleName(f"To pay {self._fmt.money(cart.due)}")
        while (item := self._paid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        rows = [
            (f"{paid.name} {masked(paid.reference)}" if paid.reference else paid.name, paid.amount)
            for paid in cart.payments
        ]
        if (earlier := len(rows) - LISTED + 1) > 1:
            # The foot stays on the screen, however many there are.
            rows[:earlier] = [(f"{earlier} payments before", sum(amount for _, amount in rows[:earlier]))]
        for row, (name, amount) in enumerate(rows):
            self._paid.addWidget(label(name, "sum"), row, 0)
            self._paid.addWidget(label(self._fmt.amount(amount), "figure"), row, 1)
        self._last = None
        if cart.payments:
            self._last = KeyButton("Remove", "Alt R", role="quiet", name="Remove the last payment")
            self._last.clicked.connect(self._remove_last)
            self._paid.addWidget(self._last, len(rows) - 1, 2)
        self._order_fields()
        self._show_quick()
        self._show_change()

    def _show_quick(self) -> None:
        notes = quick_notes(self._payable, self._fmt.currency, QUICK)
        if self._rule.kind is not TenderKind.CASH:
            notes = [self._at_once] if self._at_once else []
        for place, button in enumerate(self._quick):
            amount = notes[place] if place < len(notes) else None
            text = "" if amount is None else self._fmt.short(amount)
            button.setProperty("amount", amount)
            button.show_text(text, name=f"Amount {text}" if text else "No amount")
            button.setVisible(amount is not None)

    def _typed(self) -> int:
        text = self._field.text().strip()
        return self._fmt.parse(text) if text else self._at_once

    def _show_change(self) -> None:
        try:
            over = self._typed() - self._payable
        except Refused:
            over = -self._payable
        lost = over > 0 and self._rule.over is OverTender.FORFEIT
        too_much = over > 0 and not lost and self._rule.kind is not TenderKind.CASH
        word = "Not given back" if lost else "Too much by" if too_much else "Change" if over >= 0 else "Still to pay"
        self._change_word.setText(word)
        self._change.setText(self._fmt.money(abs(over)))
        self._change.setAccessibleName(f"{word} {self._fmt.money(abs(over))} after this")
        self.go.show_text("Finish & print" if over >= 0 and not too_much else "Take it")

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Tell Enter pressed again from Enter that bounces."""
        if self._taken.isValid():
            self._taken.start()
        super().keyReleaseEvent(event)

    def submit(self, *, receipt: bool = True) -> None:
        """Take the payment, once; so soon again and with nothing typed it is the key, and not the person."""
        if not self.tasks.idle or (self._taken.isValid() and self._taken.elapsed() < BOUNCE_MS):
            return
        self.receipt = receipt
        rule = self._rule
        if rule.kind is TenderKind.GIFT_CARD and self._card_code != self._looked_up:
            self._ask_balance()
            return
        try:
            self._refuse_card_number()
            amount = usable(rule, self._typed(), self._payable)
            if amount <= 0 and self._cart.due:
                raise Refused("payment.invalid")
        except Refused as refused:
            self.tell(refused)
            self._field.setFocus()
            self._field.selectAll()
            return
        reference, scheme = one_line(self._reference.text()) or None, None
        if rule.kind is TenderKind.GIFT_CARD and reference:
            reference = self._card_code
        elif rule.kind is TenderKind.CARD:
            scheme = self._typed_scheme()
        payment = PaymentIn(self.context.app.ids.new(), rule.code, amount, reference, scheme, rule.name)
        self._taken.start()
        self.tasks.start(self._pay(payment))

    def _pay_by(self, code: str) -> None:
        """Take what is typed, or all that is due, by cash or card, whatever was chosen before."""
        if code not in self._buttons or not self.tasks.idle:
            return
        if code != self._code:
            self.choose(code)
        self.submit()

    def _typed_scheme(self) -> str | None:
        text = one_line(self._scheme.currentText())
        return next((known for known in SCHEMES if known.casefold() == text.casefold()), text) or None

    def _refuse_card_number(self) -> None:
        """Keep a payment card's own number out of what is stored beside a payment, and off the screen."""
        try:
            refuse_card_number(self._reference.text())
            refuse_card_number(self._scheme.currentText())
        except Refused:
            self._forget_numbers()
            raise

    async def _pay(self, payment: PaymentIn) -> None:
        cart = await self._take(payment)
        if cart is None:
            self.accept()
            return
        self._field.clear()
        self._forget_numbers()
        self._show(cart)
        self._field.setFocus()
        self.message.say(f"{payment.name} {self._fmt.money(payment.amount)} taken.", "ok")

    def _remove_last(self) -> None:
        if self._last is not None and self.tasks.idle:
            self.tasks.start(self._take_back())

    async def _take_back(self) -> None:
        self._show(await self._undo())
        self._field.setFocus()

    def done(self, result: int) -> None:
        """End; what loses the focus by it asks nothing any more."""
        self._ended = True
        super().done(result)
