"""The payment dialog: for touch and mouse, and for tenders that ask more questions than a key can answer."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from pos_app.domain.payment import PaymentIn, TenderKind, TenderRule, quick_notes, usable
from pos_app.errors import Refused
from pos_app.services.cart_view import CartView
from pos_app.services.gift_card import get_gift_card, masked
from ui.actions import shortcut
from ui.context import Context
from ui.errors import sentence
from ui.style.theme import px
from ui.widgets.basic import FigureLabel, caption, label, panel
from ui.widgets.fields import Choice
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import WorkSheet

QUICK = 5
SCHEMES = ("", "Visa", "Mastercard", "Maestro", "Amex", "girocard", "Other")
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
    ) -> None:
        """Take the basket and what carries a payment out."""
        super().__init__(context, "Payment", parent, go="Finish & print", width=760, tells_below=False)
        self._cart, self._take, self._undo = cart, take, undo
        # The gift card whose balance is shown.
        self._looked_up = ""
        self._fmt = context.fmt
        self._tenders = [tender for tender in tenders if tender.active]
        self.receipt = True
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
        self.setTabOrder(self.back, quiet)
        self.setTabOrder(quiet, self.go)
        codes = [tender.code for tender in self._tenders]
        self.choose(first if first in codes else codes[0])
        self._field.setText(typed)
        self._show(cart)

    def _make_tenders(self) -> QWidget:
        side = panel("clear")
        side.setFixedWidth(px(180))
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
        return side

    def _make_form(self) -> QVBoxLayout:
        form = QVBoxLayout()
        form.setContentsMargins(24, 16, 24, 16)
        form.setSpacing(8)
        self._caption = caption("Amount")
        form.addWidget(self._caption)
        self._field = QLineEdit()
        self._field.setProperty("role", "pin")
        self._field.setAccessibleName("Amount")
        self._field.textEdited.connect(lambda _: self._show_change())
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
        self._reference_caption = caption("Number")
        self._reference = QLineEdit()
        self._reference.setAccessibleName("Number")
        self._reference.setMaxLength(64)
        self._reference.editingFinished.connect(self._look)
        form.addWidget(self._reference_caption)
        form.addWidget(self._reference)
        self._scheme_caption = caption("Kind of card, if you like")
        self._scheme = Choice()
        self._scheme.setAccessibleName("Kind of card")
        for scheme in SCHEMES:
            self._scheme.addItem(scheme or "Not said", scheme)
        form.addWidget(self._scheme_caption)
        form.addWidget(self._scheme)
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

    @property
    def _rule(self) -> TenderRule:
        return next(tender for tender in self._tenders if tender.code == self._code)

    def choose(self, code: str) -> None:
        """Choose how it is paid."""
        self._code = code
        for name, button in self._buttons.items():
            button.setChecked(name == code)
        rule = self._rule
        self._caption.setText(f"{rule.name} received" if rule.kind is TenderKind.CASH else f"{rule.name}: how much")
        asks = rule.asks_reference or rule.kind in (TenderKind.GIFT_CARD, TenderKind.CARD)
        by_hand = rule.kind is TenderKind.CARD and self.context.app.terminal is None
        if rule.kind is TenderKind.CARD and not by_hand:
            asks = False  # the terminal tells both
        self._reference.setVisible(asks)
        self._reference_caption.setVisible(asks)
        self._scheme.setVisible(by_hand)
        self._scheme_caption.setVisible(by_hand)
        self._scheme.setCurrentIndex(0)
        self._looked_up = ""
        word = "Card code (scan it)" if rule.kind is TenderKind.GIFT_CARD else "Number"
        self._reference_caption.setText(f"{word}, if any" if rule.kind is TenderKind.CARD else word)
        self._reference.clear()
        self.message.say("")
        if rule.kind is TenderKind.ACCOUNT and self._cart.customer is None:
            self.message.say(sentence(Refused("account.nobody")), "warn")
        (self._reference if rule.kind is TenderKind.GIFT_CARD else self._field).setFocus()
        self._show_quick()
        self._show_change()

    def scanned(self, code: str) -> None:
        """Take a scan as the gift card's or voucher's number."""
        if not self._reference.isVisible():
            gift = next((tender for tender in self._tenders if tender.kind is TenderKind.GIFT_CARD), None)
            if gift is None:
                return
            self.choose(gift.code)
        self._reference.setText(code)
        self._look()

    def _look(self) -> None:
        """Look a gift card up once its code is there, scanned or typed, and offer what it holds."""
        code = self._reference.text().strip()
        if self._rule.kind is TenderKind.GIFT_CARD and code and code != self._looked_up:
            self._looked_up = code
            self.tasks.start(self._look_up(code), key="look")

    async def _look_up(self, code: str) -> None:
        card = await get_gift_card(self.context.app, code)
        if not self._field.text().strip():
            self._field.setText(self._fmt.plain(min(card.balance, self._cart.due)))
        self.message.say(f"{masked(card.code)} holds {self._fmt.money(card.balance)}.", "ok")
        self._show_change()

    @property
    def _payable(self) -> int:
        """What is due by the tender chosen."""
        return self._cart.cash_due if self._rule.kind is TenderKind.CASH else self._cart.due

    def _fill(self, amount: int | None) -> None:
        if amount is not None:
            self._field.setText(self._fmt.plain(amount))
            self._show_change()
            self._field.setFocus()

    def _show(self, cart: CartView) -> None:
        self._cart = cart
        self._due.setText(self._fmt.money(cart.due))
        self._due.setAccessibleName(f"To pay {self._fmt.money(cart.due)}")
        while (item := self._paid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for row, paid in enumerate(cart.payments):
            number = f" {masked(paid.reference)}" if paid.reference else ""
            self._paid.addWidget(label(f"{paid.name}{number}", "sum"), row, 0)
            self._paid.addWidget(label(self._fmt.amount(paid.amount), "figure"), row, 1)
        if cart.payments:
            last = KeyButton("Remove", role="quiet", name="Remove the last payment")
            last.clicked.connect(lambda: self.tasks.start(self._take_back()))
            self._paid.addWidget(last, len(cart.payments) - 1, 2)
        self._show_quick()
        self._show_change()

    def _show_quick(self) -> None:
        notes = quick_notes(self._payable, self._fmt.currency, QUICK)
        if self._rule.kind is not TenderKind.CASH:
            notes = notes[:1]
        for place, button in enumerate(self._quick):
            amount = notes[place] if place < len(notes) else None
            text = "" if amount is None else self._fmt.short(amount)
            button.setProperty("amount", amount)
            button.show_text(text, name=f"Amount {text}" if text else "No amount")
            button.setVisible(amount is not None)

    def _typed(self) -> int:
        text = self._field.text().strip()
        return self._fmt.parse(text) if text else self._payable

    def _show_change(self) -> None:
        try:
            amount = usable(self._rule, self._typed(), self._payable)
        except Refused:
            amount = 0
        over = amount - self._payable
        word = "Change" if over >= 0 else "Still to pay"
        self._change_word.setText(word)
        self._change.setText(self._fmt.money(abs(over)))
        self._change.setAccessibleName(f"{word} {self._fmt.money(abs(over))} after this")
        self.go.show_text("Finish & print" if over >= 0 else "Take it")

    def submit(self, *, receipt: bool = True) -> None:
        """Take the payment, once; a gift card just typed is looked up first, and Enter once more takes it."""
        if self._rule.kind is TenderKind.GIFT_CARD and self._reference.text().strip() not in ("", self._looked_up):
            self._look()
        if not self.tasks.idle:
            return
        self.receipt = receipt
        rule = self._rule
        try:
            amount = usable(rule, self._typed(), self._payable)
            if amount <= 0 and self._cart.due:
                raise Refused("payment.invalid")
        except Refused as refused:
            self.tell(refused)
            self._field.setFocus()
            self._field.selectAll()
            return
        reference = self._reference.text().strip() or None
        if rule.kind is TenderKind.GIFT_CARD and reference:
            reference = "".join(reference.split()).upper()
        scheme = (self._scheme.currentData() or None) if rule.kind is TenderKind.CARD else None
        payment = PaymentIn(self.context.app.ids.new(), rule.code, amount, reference, scheme, rule.name)
        self.tasks.start(self._pay(payment))

    async def _pay(self, payment: PaymentIn) -> None:
        cart = await self._take(payment)
        if cart is None:
            self.accept()
            return
        self._field.clear()
        self._reference.clear()
        self._looked_up = ""
        self._show(cart)
        self.message.say(f"{payment.name} {self._fmt.money(payment.amount)} taken.", "ok")

    async def _take_back(self) -> None:
        self._show(await self._undo())
