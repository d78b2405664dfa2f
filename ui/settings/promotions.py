"""Promotions: what is cheaper, in a sentence, and the form that arranges it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation

from PySide6.QtWidgets import QGridLayout, QLineEdit, QListWidget, QWidget

from pos_app.domain.isbn import try_isbn13
from pos_app.domain.permission import Permission
from pos_app.domain.promotion import PromotionKind
from pos_app.errors import PosError
from pos_app.services.book import CategoryRow, list_categories
from pos_app.services.promotion_edit import PromotionRow, keep_promotion, list_promotions
from ui.context import Context
from ui.format import Formatter
from ui.settings.section import Section, hint
from ui.style.theme import px
from ui.tasks import Tasks
from ui.widgets.basic import caption
from ui.widgets.fields import Choice
from ui.widgets.flow import FlowLayout
from ui.widgets.key_button import KeyButton

KINDS = (
    ("Per cent off", PromotionKind.PERCENT),
    ("Amount off each", PromotionKind.AMOUNT),
    ("Fixed price", PromotionKind.PRICE),
    ("Some for the price of fewer (3/2)", PromotionKind.BUNDLE),
)


def said(row: PromotionRow, fmt: Formatter) -> str:
    """What a promotion does, in a sentence."""
    match row.kind:
        case PromotionKind.PERCENT:
            what = f"{fmt.percent(row.rate or Decimal(0))} off"
        case PromotionKind.AMOUNT:
            what = f"{fmt.money(row.amount or 0)} off each"
        case PromotionKind.PRICE:
            what = f"each for {fmt.money(row.amount or 0)}"
        case _:
            what = f"{row.buy} for the price of {row.pay}, the cheapest free"
    titles = "1 title" if len(row.isbns) == 1 else f"{len(row.isbns)} titles"
    on = [part for part in (row.category or "", titles if row.isbns else "") if part]
    days = " ".join(
        part
        for part in (
            f"from {fmt.date(row.starts_on)}" if row.starts_on else "",
            f"to {fmt.date(row.ends_on)}" if row.ends_on else "",
        )
        if part
    )
    state = "" if row.active else "Switched off · "
    return f"{state}{row.name}: {what} on {' and '.join(on) or 'everything'} {days}".strip()


class PromotionsSection(Section):
    """The list, and the form of the one chosen."""

    title = "Promotions"
    permission = Permission.CHANGE_PROMOTIONS

    def __init__(self, context: Context, tasks: Tasks) -> None:
        """Lay out list and form."""
        super().__init__(context, tasks)
        self._rows: list[PromotionRow] = []
        self._row = PromotionRow("", PromotionKind.PERCENT)
        self._list = QListWidget()
        self._list.setAccessibleName("Promotions")
        self._list.setMinimumHeight(150)
        self._list.currentRowChanged.connect(self._chosen)
        self.form.addWidget(self._list)
        self.form.addWidget(self._make_form())
        self.form.addWidget(hint("A line takes the promotion that is best for the customer; days are business days."))
        self.form.addLayout(self._make_buttons())
        self.form.addStretch(1)

    def _make_form(self) -> QWidget:
        made = QWidget()
        # Fields stand beside their names, however wide the window.
        made.setMaximumWidth(px(620))
        grid = QGridLayout(made)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        self._name, self._much = QLineEdit(), QLineEdit()
        self._from, self._to, self._isbns = QLineEdit(), QLineEdit(), QLineEdit()
        self._kind, self._category = Choice(), Choice()
        for name, kind in KINDS:
            self._kind.addItem(name, kind)
        self._much.setPlaceholderText("20 (per cent), 2.50 (amount), or 3/2")
        for field in (self._from, self._to):
            field.setPlaceholderText("2026-12-24, or empty")
        self._isbns.setPlaceholderText("ISBNs, parted by spaces; empty for all")
        rows: list[tuple[str, QWidget]] = [
            ("Name", self._name),
            ("Kind", self._kind),
            ("How much", self._much),
            ("Category", self._category),
            ("From", self._from),
            ("To", self._to),
            ("Titles", self._isbns),
        ]
        for place, (name, widget) in enumerate(rows):
            widget.setAccessibleName(f"Promotion {name.lower()}")
            widget.setEnabled(self.may)
            grid.addWidget(caption(name), place, 0)
            grid.addWidget(widget, place, 1)
        return made

    def _make_buttons(self) -> FlowLayout:
        row = FlowLayout()
        for name, key, act, role in (
            ("New", "Ctrl+N", self._new, None),
            ("Switch off or on", "Ctrl+T", self._switch, None),
            ("Keep promotion", "Ctrl+S", self._keep_clicked, "primary"),
        ):
            button = KeyButton(name, role=role)
            self.add_key(button, key)
            button.clicked.connect(act)
            button.setEnabled(self.may)
            row.addWidget(button)
        return row

    async def load(self) -> None:
        """Show the promotions and the categories they can hold for."""
        categories = await list_categories(self.context.app)
        self._show_categories(categories)
        self._show(await list_promotions(self.context.app))
        self.say_who_may()

    def _show_categories(self, categories: list[CategoryRow]) -> None:
        self._category.clear()
        self._category.addItem("Everything", None)
        for category in categories:
            self._category.addItem(category.name, category.id)

    def _show(self, rows: list[PromotionRow]) -> None:
        self._rows = rows
        self._list.clear()
        self._list.addItems([said(row, self.context.fmt) for row in rows])
        if not rows:
            self._list.addItem("No promotion yet. Fill in the form below.")
        self._new()

    def _chosen(self, place: int) -> None:
        if not 0 <= place < len(self._rows):
            return
        row = self._row = self._rows[place]
        self._name.setText(row.name)
        self._kind.setCurrentIndex(self._kind.findData(row.kind))
        self._category.setCurrentIndex(max(self._category.findData(row.category_id), 0))
        self._from.setText(row.starts_on.isoformat() if row.starts_on else "")
        self._to.setText(row.ends_on.isoformat() if row.ends_on else "")
        self._isbns.setText(" ".join(row.isbns))
        match row.kind:
            case PromotionKind.PERCENT:
                self._much.setText(f"{(row.rate or Decimal(0)) * 100:f}".rstrip("0").rstrip("."))
            case PromotionKind.BUNDLE:
                self._much.setText(f"{row.buy}/{row.pay}")
            case _:
                self._much.setText(self.context.fmt.plain(row.amount or 0))

    def _new(self) -> None:
        self._row = PromotionRow("", PromotionKind.PERCENT)
        self._list.setCurrentRow(-1)
        for field in (self._name, self._much, self._from, self._to, self._isbns):
            field.clear()
        self._category.setCurrentIndex(0)

    def _read(self) -> PromotionRow | None:
        """The form as it is filled in; None where something cannot be read, which is told."""
        kind: PromotionKind = self._kind.currentData()
        text = self._much.text().strip()
        try:
            rate = Decimal(text.rstrip("% ").replace(",", ".")) / 100 if kind is PromotionKind.PERCENT else None
            amount = self.context.fmt.parse(text) if kind in (PromotionKind.AMOUNT, PromotionKind.PRICE) else None
            buy, pay = (int(part) for part in text.split("/")) if kind is PromotionKind.BUNDLE else (None, None)
            days = [date.fromisoformat(one.text()) if one.text().strip() else None for one in (self._from, self._to)]
        except (InvalidOperation, ValueError, PosError):
            self.message.say("Give how much as 20, 2.50 or 3/2, and days as 2026-12-24.", "warn")
            return None
        isbns = tuple(try_isbn13(one) or one for one in self._isbns.text().replace(",", " ").split())
        return replace(
            self._row,
            name=self._name.text(),
            kind=kind,
            rate=rate,
            amount=amount,
            buy=buy,
            pay=pay,
            category_id=self._category.currentData(),
            starts_on=days[0],
            ends_on=days[1],
            isbns=isbns,
        )

    def _keep_clicked(self) -> None:
        wanted = self._read()
        if wanted is not None and self.tasks.idle:
            self.start(self._keep(wanted))

    def _switch(self) -> None:
        if self._row.id and self.tasks.idle:
            self.start(self._keep(replace(self._row, active=not self._row.active)))

    async def _keep(self, wanted: PromotionRow) -> None:
        app, operator, before = self.context.app, self.context.operator, self._row
        rows = await keep_promotion(app, operator, wanted)
        now = next(row for row in rows if row.id == wanted.id) if wanted.id else rows[0]
        self._show(rows)

        async def undo() -> None:
            back = replace(before, version=now.version) if before.id else replace(now, active=False)
            self._show(await keep_promotion(app, operator, back))

        self.kept(said(now, self.context.fmt) + " is kept.", undo)
