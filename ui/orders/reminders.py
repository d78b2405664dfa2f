"""Accounts that are overdue: which invoices, since when, how much; and the letter that reminds of them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from pos_app.services.invoice import Overdue, overdue_invoices, reminder_paper
from ui.context import Context
from ui.printing import write_paper
from ui.widgets.basic import caption, label
from ui.widgets.sheet import WorkSheet
from ui.widgets.two_lines import LEAST_ROWS, MOST_ROWS, TwoLinesList

SHOWN = 8


class RemindersDialog(WorkSheet):
    """The accounts, what is overdue of the one chosen, and Enter writes its letter."""

    def __init__(self, context: Context, overdue: Sequence[Overdue], parent: QWidget) -> None:
        """Take the accounts, the most first."""
        super().__init__(context, "Overdue accounts", parent, go="Write the reminder", width=680)
        self._overdue, fmt = list(overdue), context.fmt
        self.list = TwoLinesList("Overdue accounts")
        self.list.make_room(min(len(overdue), MOST_ROWS - LEAST_ROWS))
        self.list.show_rows(
            [(one.name, f"owes {fmt.money(one.owed)} in all", fmt.money(one.overdue)) for one in self._overdue]
        )
        self.list.currentRowChanged.connect(lambda _: self._choose())
        self.list.itemActivated.connect(lambda _: self.submit())
        self.body.addWidget(self.list, 1)
        self.body.addWidget(caption("Overdue invoices"))
        self._invoices = label("", "muted", name="Overdue invoices")
        self._invoices.setWordWrap(True)
        self.body.addWidget(self._invoices)
        self._choose()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def current(self) -> Overdue:
        """The account chosen."""
        return self._overdue[max(self.list.currentRow(), 0)]

    def _choose(self) -> None:
        self.tasks.start(self._read(self.current), key="invoices")

    async def _read(self, one: Overdue) -> None:
        fmt = self.context.fmt
        invoices = await overdue_invoices(self.context.app, one)
        said = [
            f"{due.number} of {fmt.date(due.bought_on)}, due {fmt.date(due.due_on)}: {fmt.money(due.left)}"
            + (f" of {fmt.money(due.amount)}" if due.left < due.amount else "")
            for due in invoices[:SHOWN]
        ]
        said += [f"and {len(invoices) - SHOWN} more, all in the letter"] if invoices[SHOWN:] else []
        text = "\n".join(said)
        self._invoices.setText(text)
        self._invoices.setAccessibleName(f"Overdue invoices: {text}")

    def submit(self) -> None:
        """Enter: write the letter to the account chosen."""
        self.tasks.start(self._write(self.current), key="write")

    async def _write(self, one: Overdue) -> None:
        paper = await reminder_paper(self.context.app, one)
        path = write_paper(paper, self.context.app.config.data_dir, f"reminder-{one.customer_id}.pdf")
        self.message.say(f"It is in {path}.", "ok")
