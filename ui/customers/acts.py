"""What is asked on the page of customers: somebody new, money, consent, joining, giving out, erasing."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QScrollArea, QWidget

from pos_app.domain.payment import PaymentIn, Tender
from pos_app.errors import PosError, Refused, Unavailable
from pos_app.receipts.layout import Document
from pos_app.receipts.text import document_text
from pos_app.services.account_ledger import print_statement, receive_payment, statement_paper
from pos_app.services.customer import CustomerRow, set_credit_limit
from pos_app.services.customer_edit import give_consent, list_consents, withdraw_consent
from pos_app.services.customer_erase import Erasure, erase_customer, plan_erasure
from pos_app.services.customer_export import export_customer
from pos_app.services.customer_merge import Alike, alike_groups, alike_to, merge_customers
from pos_app.services.receipt import keep_receipt
from ui import dialogs
from ui.actions import shortcut
from ui.customers.dialog import CustomerDialog
from ui.customers.list import contact_words
from ui.errors import kind_of, sentence
from ui.files import ask_folder, ask_where
from ui.inventory.ask import AskSheet, ask
from ui.printing import write_pdf
from ui.style.theme import px
from ui.widgets.basic import label
from ui.widgets.key_button import KeyButton
from ui.widgets.paper import PaperView
from ui.widgets.sheet import Menu, Sheet, Sure

if TYPE_CHECKING:
    from ui.customers.page import CustomersPage

HOWS = ("At the till", "In writing", "By phone", "On the web site")
TALLEST = 420


class CustomerActs:
    """The questions of one page, each a coroutine that it starts."""

    def __init__(self, page: "CustomersPage") -> None:
        """Answer the keys of a page."""
        self.page = page

    @property
    def _row(self) -> CustomerRow:
        """The customer shown. Raises Refused("customer.missing") where there is none."""
        if self.page.detail.shown is None:
            raise Refused("customer.missing")
        return self.page.detail.shown.row

    async def new(self) -> None:
        """Ctrl+N: add somebody."""
        page = self.page
        dialog = CustomerDialog(page.context, None, page)
        dialog.start_new()
        await dialogs.show(dialog)
        await dialog.tasks.close()
        if dialog.chosen is not None:
            page.show_one(dialog.chosen.id, dialog.chosen.name)

    async def limit(self) -> None:
        """F8: up to what the customer may owe."""
        row, page = self._row, self.page

        async def act(sheet: AskSheet) -> None:
            await set_credit_limit(page.app, page.context.operator, row.id, page.fmt.parse(sheet.answers[0]))

        fields = {"Credit limit": page.fmt.plain(row.credit_limit)}
        note = f"{row.name} owes {page.fmt.money(row.balance)} now. Nothing on account: 0."
        blame = {"customer.limit": "Credit limit", "amount": "Credit limit"}
        if await ask(page.context, page, "Credit limit", fields, "Set", act=act, note=note, blame=blame):
            page.steps.append((row.id, "limit", row.credit_limit))
            page.message.say(f"{row.name}'s limit is set. Undo: Ctrl+Z.", "ok")
            await page.show_customer(row.id)

    async def receive(self) -> None:
        """F6: take money the customer owes."""
        row, page = self._row, self.page
        if row.balance <= 0:
            raise Refused("account.amount", name=row.name)
        uid = page.app.ids.new()

        def taken(sheet: AskSheet) -> tuple[int, int]:
            """What is taken, and the change: a note may be more than what is owed."""
            given = page.fmt.parse(sheet.answers[0])
            change = max(given - row.balance, 0) if sheet.chosen == Tender.CASH else 0
            return given - change, change

        async def act(sheet: AskSheet) -> None:
            payment = PaymentIn(uid, sheet.chosen, taken(sheet)[0])
            await keep_receipt(page.app, await receive_payment(page.app, page.context.operator, row.id, payment))

        options = {"Cash": Tender.CASH} | ({} if page.app.terminal is not None else {"Card": Tender.CARD})
        note = f"{row.name} owes {page.fmt.money(row.balance)}. The receipt is printed, and the payment kept for good."
        sheet = await ask(
            page.context, page, "Payment to the account", {"Amount": page.fmt.plain(row.balance)}, "Take",
            act=act, note=note, options=options, choose="Paid by", blame={"account": "Amount", "amount": "Amount"},
        )  # fmt: skip
        if sheet is not None:
            amount, change = taken(sheet)
            back = f" Change {page.fmt.money(change)}." if change else ""
            page.message.say(f"{row.name} paid {page.fmt.money(amount)} of what they owed.{back}", "ok")
            await page.show_customer(row.id)

    async def statement(self) -> None:
        """F7: the account over some days, to print or keep."""
        row, page = self._row, self.page
        sheet = await ask(
            page.context, page, "Statement", {}, "Show", options=periods(page.app.clock.now().date()), choose="Of"
        )
        if sheet is not None:
            paper = await statement_paper(page.app, row.id, *sheet.chosen)
            await dialogs.show(StatementDialog(page, paper, row.name))

    async def consent(self) -> None:
        """F9: keep what the customer agreed to."""
        row, page = self._row, self.page

        async def act(sheet: AskSheet) -> None:
            await give_consent(page.app, page.context.operator, row.id, sheet.answers[0], sheet.chosen)

        sheet = await ask(
            page.context, page, "Consent", {"What for": ""}, "Keep", act=act,
            note=f"What {row.name} agrees to, such as: news by email.", options={how: how for how in HOWS},
            choose="How", blame={"consent.purpose": "What for", "code": "What for"},
        )  # fmt: skip
        if sheet is not None:
            page.message.say("The consent is kept, with your name and the time.", "ok")
            await page.show_customer(row.id)

    async def withdraw(self) -> None:
        """Keep that a consent was taken back."""
        row, page = self._row, self.page
        given = [one for one in await list_consents(page.app, row.id) if one.withdrawn_at is None]
        if not given:
            page.message.say(f"{row.name} has agreed to nothing that could be taken back.", "warn")
            return
        options = {f"{one.purpose} ({page.fmt.dated(one.given_at)})": one.id for one in given}
        sheet = await ask(
            page.context, page, "Take back consent", {}, "Take it back", options=options, choose="Which one"
        )
        if sheet is not None:
            await withdraw_consent(page.app, page.context.operator, row.id, sheet.chosen)
            page.message.say("Kept: the consent was taken back.", "ok")
            await page.show_customer(row.id)

    async def more(self) -> None:
        """F10: what is done seldom."""
        acts = [
            ("J", "Join with another customer", self.join),
            ("D", "Find duplicates", self.duplicates),
            ("W", "Take back a consent", self.withdraw),
            ("X", "Give out everything kept", self.give_out),
            ("E", "Erase this person's data", self.erase),
        ]
        menu = Menu("Customers", acts, self.page)
        if await dialogs.show(menu) == QDialog.DialogCode.Accepted and menu.chosen is not None:
            await menu.chosen()

    async def join(self) -> None:
        """Join another customer into the one shown."""
        row, page = self._row, self.page
        rows = await alike_to(page.app, row.id)
        dialog = JoinDialog(page, row, rows)
        if await dialogs.show(dialog) == QDialog.DialogCode.Accepted and dialog.other is not None:
            await self._join(row, dialog.other)
        await dialog.tasks.close()

    async def _join(self, row: CustomerRow, other: CustomerRow) -> None:
        page = self.page
        note = (
            f"{other.name} ({contact_words(other) or 'no contacts'}) becomes {row.name} "
            f"({contact_words(row) or 'no contacts'}). Purchases, account, points, orders and cards count there from "
            "now on. This cannot be undone."
        )
        if not await sure(page, "Join two customers", note, "Join them"):
            return
        await merge_customers(page.app, page.context.operator, row.id, other.id)
        page.message.say(f"{other.name} and {row.name} are one customer now.", "ok")
        page.read_list()
        await page.show_customer(row.id)

    async def duplicates(self) -> None:
        """Show who may be one person, and go to whoever is chosen."""
        page = self.page
        dialog = DuplicatesDialog(page, await alike_groups(page.app))
        if await dialogs.show(dialog) == QDialog.DialogCode.Accepted and dialog.chosen is not None:
            page.show_one(dialog.chosen.id, dialog.chosen.name)
            if dialog.other is not None:
                await self._join(dialog.chosen, dialog.other)

    async def give_out(self) -> None:
        """Write everything kept of the person into a folder."""
        row, page = self._row, self.page
        folder = await ask_folder(page.context, page, f"Folder for {row.name}'s data")
        if folder is not None:
            await self.give_out_to(folder)

    async def give_out_to(self, folder: Path) -> None:
        """Write the files into a folder, and say where they are."""
        row, page = self._row, self.page
        files = await export_customer(page.app, page.context.operator, row.id, folder)
        page.message.say(f"Everything kept of {row.name} is in {files[0]} and, to be read, in {files[1].name}.", "ok")

    async def erase(self) -> None:
        """Ask once, then erase."""
        row, page = self._row, self.page
        plan = await plan_erasure(page.app, page.context.operator, row.id)
        if plan.obstacle is not None:
            raise plan.obstacle
        if not await sure(page, "Erase a person's data", erasure_words(plan), "Erase", key="E"):
            return
        await erase_customer(page.app, page.context.operator, row.id)
        page.steps.clear()
        page.message.say("The person's data is erased. Documents, totals and the journal are as they were.", "ok")
        page.detail.show_nobody()
        page.read_list()


async def sure(page: QWidget, title: str, said: str, go: str, key: str = "") -> bool:
    """Ask once, before what cannot be undone; with a `key` Enter leaves it, and that letter does it."""
    if key:
        return await dialogs.show(Sure(title, (said,), page, go=go, key=key)) == QDialog.DialogCode.Accepted
    sheet = Sheet(title, page, go=go, width=520)
    words = label(said)
    words.setWordWrap(True)
    sheet.body.addWidget(words)
    sheet.go.setFocus()
    return await dialogs.show(sheet) == QDialog.DialogCode.Accepted


def erasure_words(plan: Erasure) -> str:
    """What erasing means, before it is done."""
    receipts = "1 receipt keeps its" if plan.documents == 1 else f"{plan.documents} receipts keep their"
    what = f"Name, contacts, address, notes and consents of {plan.name} are erased, for good."
    said = [what, *([f"{receipts} lines and totals, without the name."] if plan.documents else [])]
    if plan.points:
        said.append(f"{plan.points} points or stamps are lost.")
    if plan.gift_cards:
        said.append(f"{plan.gift_cards} gift cards bought still hold money, and stay good for whoever has them.")
    if plan.line_notes:
        said.append(f"Notes on lines are part of what was sold and stay: look at {', '.join(plan.line_notes[:5])}.")
    said.append("Backups made before hold the data until they are deleted.")
    return " ".join(said)


def periods(today: date) -> Mapping[str, tuple[date, date]]:
    """The days a statement can be of."""
    month = today.replace(day=1)
    last = month - timedelta(days=1)
    return {
        "This month": (month, today),
        "Last month": (last.replace(day=1), last),
        "This year": (today.replace(month=1, day=1), today),
        "All": (date(2000, 1, 1), today),
    }


class StatementDialog(Sheet):
    """A statement on the screen, to be printed or written as PDF or text."""

    def __init__(self, page: "CustomersPage", paper: Document, name: str) -> None:
        """Take the paper."""
        super().__init__(f"Statement of {name}", page, go="Close", width=520)
        self._page, self._paper, self._name = page, paper, name
        self.back.hide()
        view = PaperView("Statement")
        view.show_document(paper)
        area = QScrollArea()
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(view)
        area.setMinimumSize(view.width() + 24, min(view.sizeHint().height() + 8, TALLEST))
        self.body.addWidget(area)
        for place, (text, key, act) in enumerate(
            (("Print", "Ctrl P", self.print), ("Write PDF or text", "Ctrl E", self.ask_file))
        ):
            button = KeyButton(text, key, size="big")
            button.clicked.connect(act)
            shortcut(self, key.replace(" ", "+"), act, within=False)
            self.foot.insertWidget(place, button)

    def print(self) -> None:
        """Hand it to the receipt printer."""
        self._page.start(self._print(), "statement")

    async def _print(self) -> None:
        if self._page.app.printing.printer == "none":
            self.message.say("This till has no printer. Write it as PDF (Ctrl+E) instead.", "warn")
            return
        await print_statement(self._page.app, self._paper)
        self.message.say("It is printed now.", "ok")

    def ask_file(self) -> None:
        """Ask where to, then write it."""
        self._page.start(self._ask_file(), "statement")

    async def _ask_file(self) -> None:
        kinds = {"PDF (*.pdf)": "pdf", "Text (*.txt)": "txt"}
        try:
            path = await ask_where(self._page.context, self, "Statement", "statement.pdf", kinds)
        except PosError as error:
            self.message.say(sentence(error), kind_of(error))
            return
        if path is not None:
            self.write(path)

    def write(self, path: Path) -> None:
        """Write it as the file's name says."""
        try:
            if path.suffix.lower() == ".txt":
                path.write_text(document_text(self._paper), encoding="utf-8")
            else:
                write_pdf(self._paper, path)
        except OSError as error:
            reason = error.strerror or str(error)
            self.message.say(sentence(Unavailable("export.not_written", path=str(path), reason=reason)), "bad")
            return
        self.message.say(f"It is in {path}.", "ok")


class JoinDialog(CustomerDialog):
    """Which customer is the same person; those who may be stand there at once."""

    def __init__(self, page: "CustomersPage", keep: CustomerRow, rows: list[CustomerRow]) -> None:
        """Take who is kept, and who may be the same."""
        super().__init__(page.context, None, page)
        self.new.hide()
        self.go.show_text("Join")
        self._keep = keep
        if rows:
            self._results.setCurrentWidget(self.list)
            self.list.show_rows(rows)
            self.message.say(f"These may be {keep.name}. Search for another one, or press Enter.")

    @property
    def other(self) -> CustomerRow | None:
        """Who was chosen."""
        return self.chosen

    def start_new(self) -> None:
        """Nobody new is joined."""


class DuplicatesDialog(Sheet):
    """Groups of customers who share a name, a number or an address; one group is chosen, and its first two joined."""

    def __init__(self, page: "CustomersPage", groups: list[Alike]) -> None:
        """Take the groups."""
        super().__init__("Perhaps the same person", page, go="Join the first two", width=680)
        self.chosen: CustomerRow | None = None
        self.other: CustomerRow | None = None
        self._groups = groups
        self._list = QListWidget()
        self._list.setAccessibleName("Duplicates")
        self._list.setMinimumHeight(px(300))
        self._list.setWordWrap(True)
        for group in groups:
            people = " · ".join(f"{row.name} ({contact_words(row) or row.id})" for row in group.customers)
            self._list.addItem(QListWidgetItem(f"Same {group.common}: {people}"))
        self._list.setCurrentRow(0)
        self._list.setVisible(bool(groups))
        self.body.addWidget(self._list)
        if not groups:
            self.body.addWidget(label("No two customers share a name, a phone number or an email address.", "muted"))
        self.go.setEnabled(bool(groups))

    def submit(self) -> None:
        """Take the first two of the group chosen."""
        row = self._list.currentRow()
        if 0 <= row < len(self._groups):
            self.chosen, self.other = self._groups[row].customers[:2]
            self.accept()
