"""What each role may do, on one page: a table of words and limits, edited in place."""

from decimal import Decimal, InvalidOperation

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem

from pos_app.domain.permission import IN_BASIS_POINTS, IN_MONEY, Grant, Permission, UserRole, default_grant
from pos_app.errors import PosError
from pos_app.services.right import RightRow, change_right, list_rights
from ui.context import Context
from ui.format import Formatter
from ui.settings.section import Section, hint
from ui.style.theme import px
from ui.tasks import Tasks

ROLES = (UserRole.CASHIER, UserRole.MANAGER, UserRole.ADMIN)
NAMES = {
    Permission.SELL: "Sell",
    Permission.REPRINT: "Print receipts again",
    Permission.DISCOUNT: "Give discounts, up to",
    Permission.OVERRIDE_PRICE: "Sell below the price, by up to",
    Permission.OVERRIDE_TAX: "Sell at another tax",
    Permission.RETURN: "Take books back, worth up to",
    Permission.RETURN_WITHOUT_RECEIPT: "Take back without receipt or late, up to",
    Permission.REFUND_IN_CASH: "Give back in cash what was paid otherwise, up to",
    Permission.VOID: "Void a sale, worth up to",
    Permission.SELL_GIFT_CARDS: "Sell gift cards",
    Permission.SELL_ON_ACCOUNT: "Sell on account",
    Permission.OPEN_DRAWER: "Open the drawer without a sale",
    Permission.MOVE_CASH: "Put cash in or take it out, up to",
    Permission.X_REPORT: "See the shift so far",
    Permission.CLOSE_SHIFT: "Close the shift",
    Permission.TRAIN: "Use training",
    Permission.ADD_BOOKS: "Add unknown books",
    Permission.ADD_CUSTOMERS: "Add customers",
    Permission.EDIT_CUSTOMERS: "Edit customers",
    Permission.SET_CREDIT_LIMITS: "Set customers' credit limits",
    Permission.MERGE_CUSTOMERS: "Join customers who are one person",
    Permission.ERASE_CUSTOMERS: "Give out and erase a person's data",
    Permission.FREE_TILLS: "Give a till's number back",
    Permission.END_PROGRAM: "Close a till that fills its screen",
    Permission.MOVE_ORDERS: "Move orders on",
    Permission.APPROVE: "Let others' acts pass by PIN",
    Permission.SEE_REPORTS: "See reports",
    Permission.EDIT_BOOKS: "Edit books",
    Permission.CORRECT_STOCK: "Correct the stock",
    Permission.COUNT_STOCK: "Count stock",
    Permission.RECEIVE_DELIVERIES: "Receive deliveries",
    Permission.TRANSFER_STOCK: "Carry stock between places",
    Permission.RESERVE: "Set copies aside",
    Permission.BUY: "Order from suppliers and send back",
    Permission.IMPORT: "Import",
    Permission.CHANGE_PROMOTIONS: "Arrange promotions",
    Permission.CHANGE_SETTINGS: "Change settings",
    Permission.MANAGE_USERS: "People and rights",
}
YES, NO = "yes", "no"


def words(grant: Grant, permission: Permission, fmt: Formatter) -> str:
    """A right as the table shows it: yes, no, or its limit."""
    if not grant.allowed:
        return NO
    if grant.most is None:
        return YES
    return f"{grant.most / 100:g} %" if permission in IN_BASIS_POINTS else fmt.amount(grant.most)


def read(text: str, permission: Permission, fmt: Formatter) -> Grant | None:
    """A right as typed into the table; None where it cannot be read."""
    text = text.strip().casefold()
    if text in (YES, "y", "ja", "1"):
        return Grant(allowed=True)
    if text in (NO, "n", "", "0"):
        return Grant(allowed=False)
    try:
        if permission in IN_BASIS_POINTS:
            points = Decimal(text.rstrip("% ").replace(",", ".")) * 100
            return Grant(allowed=True, most=int(points)) if 0 < points <= 10_000 else None  # noqa: PLR2004 - 100 %
        if permission in IN_MONEY:
            return Grant(allowed=True, most=fmt.parse(text))
    except (InvalidOperation, PosError, ValueError):
        pass
    return None


class RightsSection(Section):
    """One row a right, one column a role; what differs from the program's own is marked."""

    title = "People and rights"
    permission = Permission.MANAGE_USERS

    def __init__(self, context: Context, tasks: Tasks) -> None:
        """Lay out the table."""
        super().__init__(context, tasks)
        self.form.addWidget(
            hint(
                "Type yes, no, or a limit (10 %, 100.00). What differs from how the program comes is marked with *; "
                "Delete sets it back. People are added with “bookstore-pos user add”."
            )
        )
        self._table = QTableWidget(len(NAMES), 1 + len(ROLES))
        self._table.setAccessibleName("Rights")
        self._table.setHorizontalHeaderLabels(["What they may do", *(role.value.capitalize() for role in ROLES)])
        self._table.verticalHeader().hide()
        self._table.verticalHeader().setDefaultSectionSize(px(34))
        head = self._table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in range(1, 1 + len(ROLES)):
            self._table.setColumnWidth(column, px(78))
        self._table.setWordWrap(True)
        self._table.cellChanged.connect(self._edited)
        self.form.addWidget(self._table)
        self._rights: dict[tuple[int, int], RightRow] = {}

    async def load(self) -> None:
        """Show the rights."""
        self._show(await list_rights(self.context.app))
        self.say_who_may()

    def _show(self, rows: list[RightRow]) -> None:
        found = {(row.role, row.permission): row for row in rows}
        self._table.blockSignals(True)  # noqa: FBT003 - Qt's own
        for at, (permission, name) in enumerate(NAMES.items()):
            first = QTableWidgetItem(name)
            first.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self._table.setItem(at, 0, first)
            for column, role in enumerate(ROLES, 1):
                right = found[role, permission]
                self._rights[at, column] = right
                mark = " *" if right.changed else ""
                item = QTableWidgetItem(words(right.grant, permission, self.context.fmt) + mark)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if not self.may:
                    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                self._table.setItem(at, column, item)
        self._table.blockSignals(False)  # noqa: FBT003
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give each right the lines it needs."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """All rows are shown whole: the section is scrolled, and not the table in it."""
        self._table.resizeRowsToContents()
        rows = sum(self._table.rowHeight(row) for row in range(self._table.rowCount()))
        self._table.setMinimumHeight(rows + self._table.horizontalHeader().sizeHint().height() + 8)

    def _edited(self, row: int, column: int) -> None:
        right = self._rights.get((row, column))
        item = self._table.item(row, column)
        if right is None or item is None:
            return
        text = item.text().removesuffix("*").strip()
        reset = default_grant(right.role, right.permission) if not text else None
        grant = reset or read(text, right.permission, self.context.fmt)
        if grant is None:
            self.message.say(f"“{text[:40]}” is no limit. Type yes, no, or how much.", "warn")
            self.start(self.load())
        elif grant != right.grant:
            self.start(self._keep(right, grant))

    async def _keep(self, right: RightRow, grant: Grant) -> None:
        app, operator = self.context.app, self.context.operator
        try:
            await change_right(app, operator, right.role, right.permission, grant)
        finally:
            self._show(await list_rights(app))

        async def undo() -> None:
            await change_right(app, operator, right.role, right.permission, right.grant)
            await self.load()

        self.kept(f"{right.role.value.capitalize()}: “{NAMES[right.permission]}” is kept.", undo)
