"""The ways to pay: order, names, rules, and the shop's own."""

from dataclasses import replace

from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from pos_app.domain.payment import OverTender, TenderKind, TenderRule
from pos_app.services.tender import add_tender, change_tender, list_tenders
from ui.context import Context
from ui.settings.section import Section, hint
from ui.style.theme import px
from ui.tasks import Tasks
from ui.widgets.basic import label
from ui.widgets.fields import Choice
from ui.widgets.key_button import KeyButton

OVERS = (("More is refused", OverTender.REFUSE), ("More is kept by the shop", OverTender.FORFEIT))
SWITCHES = (("asks_reference", "asks for a number"), ("opens_drawer", "opens the drawer"), ("active", "is in use"))
LARGE = 120
WORDS = {"asks_reference": "Asks for a number", "opens_drawer": "Opens the drawer", "active": "In use"}


class TendersSection(Section):
    """One row a tender, edited in place."""

    title = "Tenders"

    def __init__(self, context: Context, tasks: Tasks) -> None:
        """Lay out the head and the field for a new one."""
        super().__init__(context, tasks)
        self.form.addWidget(
            hint("Payments are kept under a tender's first name for ever; renaming changes new papers.")
        )
        self._rows = QWidget()
        self._rows.setMaximumWidth(px(720))
        self._grid = QGridLayout(self._rows)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(0, 1)
        self.form.addWidget(self._rows)
        row = QHBoxLayout()
        self._new = QLineEdit()
        self._new.setPlaceholderText("A way to pay of your own, such as a town voucher")
        self._new.setAccessibleName("New tender")
        self._new.setMaxLength(40)
        self._new.returnPressed.connect(self._add)
        self._new.setEnabled(self.may)
        add = KeyButton("Add", "Enter", name="Add tender")
        add.clicked.connect(self._add)
        add.setEnabled(self.may)
        row.addWidget(self._new, 1)
        row.addWidget(add)
        self.form.addLayout(row)
        self.form.addStretch(1)

    async def load(self) -> None:
        """Show the tenders."""
        self._show(await list_tenders(self.context.app))
        self.say_who_may()

    def _show(self, tenders: list[TenderRule]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for place, tender in enumerate(tenders):
            self._show_row(4 * place, tender)
            self._grid.setRowMinimumHeight(4 * place + 3, px(10))

    def _show_row(self, row: int, tender: TenderRule) -> None:
        name = QLineEdit(tender.name)
        name.setAccessibleName(f"Name of {tender.name}")
        name.setMaxLength(40)
        name.editingFinished.connect(lambda: self._change(tender, name=name.text()))
        more: QWidget
        if tender.kind is TenderKind.CASH:
            more = label("More than is due is given back", "small")
        elif tender.kind is not TenderKind.VOUCHER:
            more = label("More than is due is refused", "small")
        else:
            more = over = Choice()
            over.setAccessibleName(f"More than is due by {tender.name}")
            for text, value in OVERS:
                over.addItem(text, value)
            over.setCurrentIndex(over.findData(tender.over))
            over.activated.connect(lambda at: self._change(tender, over=over.itemData(at)))
        boxes = []
        for key, what in SWITCHES:
            box = QCheckBox(WORDS[key])
            box.setAccessibleName(f"{tender.name} {what}")
            box.setChecked(bool(getattr(tender, key)))
            box.clicked.connect(lambda on, key=key: self._change(tender, **{key: on}))
            # Cash stays in use, and has no number.
            box.setEnabled(self.may and (tender.kind is not TenderKind.CASH or key == "opens_drawer"))
            boxes.append(box)
        for widget in (name, more):
            widget.setEnabled(self.may)
        # Large text has no room for both beside each other.
        beside = px(100) < LARGE
        self._grid.addWidget(name, row, 0, 1, 2 if beside else 3)
        self._grid.addWidget(more, row if beside else row + 1, 2 if beside else 0, 1, 1 if beside else 3)
        for column, box in enumerate(boxes):
            self._grid.addWidget(box, row + 2, column)

    def _change(self, tender: TenderRule, **changes: object) -> None:
        wanted = replace(tender, **changes)  # type: ignore[arg-type] # fields of it
        if wanted != tender:
            self.start(self._keep(tender, wanted))

    async def _keep(self, before: TenderRule, wanted: TenderRule) -> None:
        app, operator = self.context.app, self.context.operator
        try:
            await change_tender(app, operator, wanted)
        finally:
            self._show(await list_tenders(app))

        async def undo() -> None:
            await change_tender(app, operator, before)
            await self.load()

        self.kept(f"{wanted.name} is kept.", undo)

    def _add(self) -> None:
        if self._new.text().strip() and self.tasks.idle:
            self.start(self._make(self._new.text()))

    async def _make(self, name: str) -> None:
        app, operator = self.context.app, self.context.operator
        made = await add_tender(app, operator, name)
        self._new.clear()
        self._show(await list_tenders(app))

        async def undo() -> None:
            await change_tender(app, operator, replace(made, active=False))
            await self.load()

        self.kept(f"{made.name} can be paid with.", undo)
