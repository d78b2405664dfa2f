"""The shop's tills: which machine has which number, and giving one back."""

from PySide6.QtCore import Qt

from pos_app.domain.permission import Permission
from pos_app.services.till import TillRow, free_till, list_tills
from ui.actions import shortcut
from ui.context import Context
from ui.customers.acts import sure
from ui.settings.section import Section, hint
from ui.stock.table import Column, RowsTable
from ui.tasks import Tasks
from ui.widgets.key_button import KeyButton

TABLE_HEIGHT = 220


class TillsSection(Section):
    """Tills of a server; a number is given back where its machine is gone, or starts with another data folder."""

    title = "Tills"
    permission = Permission.FREE_TILLS
    starts_in_field = False

    def __init__(self, context: Context, tasks: Tasks) -> None:
        """Lay the list and its button out."""
        super().__init__(context, tasks)
        self._tills: list[TillRow] = []
        self.form.addWidget(
            hint(
                "Each machine keeps its till's number. Give a number back where its machine is gone or has a new data "
                "folder: the next machine that starts with the number takes it."
            )
        )
        self._table = RowsTable(
            "Tills",
            (
                Column[TillRow]("Till", 70, lambda one: str(one.number)),
                Column[TillRow]("Name", 0, lambda one: one.name),
                Column[TillRow]("Machine", 220, self._machine),
            ),
            height=TABLE_HEIGHT,
        )
        self._table.selectionModel().currentRowChanged.connect(lambda *_: self._allow())
        self.form.addWidget(self._table, 1)
        self._free = KeyButton("Give the number back", "Ctrl G", name="Give the number back")
        self._free.clicked.connect(self._pressed)
        shortcut(self, "Ctrl+G", self._pressed, within=False)
        self.form.addWidget(self._free, alignment=Qt.AlignmentFlag.AlignLeft)
        self._hint = hint("")
        self.form.addWidget(self._hint)

    def _machine(self, one: TillRow) -> str:
        if one.number == self.context.operator.till_number:
            return f"{one.machine or 'this machine'} (here)"
        return one.machine or "free"

    async def load(self) -> None:
        """Read the tills."""
        self._tills = await list_tills(self.context.app)
        self._table.show_rows(self._tills)
        file = self.context.app.db.kind == "sqlite"
        self._free.setVisible(not file)
        self._hint.setText("The shop's file serves this machine alone: no other takes its number." if file else "")
        self._allow()
        self.say_who_may()

    def _chosen(self) -> TillRow | None:
        place = self._table.currentIndex().row()
        return self._tills[place] if 0 <= place < len(self._tills) else None

    def _allow(self) -> None:
        one = self._chosen()
        away = one is not None and one.machine is not None and one.number != self.context.operator.till_number
        self._free.setEnabled(self.may and away)

    def _pressed(self) -> None:
        one = self._chosen()
        if one is not None and self._free.isVisible() and self._free.isEnabled():
            self.start(self._give_back(one))

    async def _give_back(self, one: TillRow) -> None:
        said = (
            f"{one.machine} is till {one.number} no longer: started again, it asks for another number. What it sold "
            "stays, and the numbers of its receipts go on with the next machine."
        )
        if await sure(self.window(), f"Give till {one.number} back?", said, "Give it back"):
            await free_till(self.context.app, one.number, self.context.operator)
            await self.load()
            self.kept(f"Till {one.number} is free.", None)
