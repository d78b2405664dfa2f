"""The further barcodes of a title: added by typing or scanning, taken away."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from pos_app.errors import Refused
from pos_app.services.book import BookDetail
from pos_app.services.book_code import add_code, list_codes, remove_code
from ui.actions import shortcut
from ui.context import Context
from ui.style.theme import px
from ui.widgets.basic import label
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import WorkSheet


class CodesSheet(WorkSheet):
    """Enter adds what is typed or scanned, Del takes the code chosen away; `told` is what was done last."""

    def __init__(self, context: Context, book: BookDetail, parent: QWidget) -> None:
        """Lay out; codes are read by `load`."""
        super().__init__(context, "Barcodes", parent, go="Add")
        self._book = book
        self.told = ""
        title = label(book.title, "title")
        title.setWordWrap(True)
        self.body.addWidget(title)
        self.body.addWidget(label(f"ISBN {book.isbn}" if book.isbn else "It has no ISBN.", "muted"))
        self.list = QListWidget()
        self.list.setAccessibleName("Further barcodes")
        self.list.setProperty("role", "results")
        self.list.setFixedHeight(px(120))
        self._none = label("No further barcodes yet.", "muted")
        for widget in (self.list, self._none):
            self.body.addWidget(widget)
        self.field = self.add_field("Another barcode", placeholder="Type or scan it")
        self.away = KeyButton("Take away", "Del", size="big")
        self.away.clicked.connect(self.take_away)
        self.foot.insertWidget(1, self.away)
        shortcut(self.list, "Del", self.take_away)
        self._show([])
        self.field.setFocus()

    async def load(self) -> None:
        """Read the codes."""
        self._show(await list_codes(self.context.app, self._book.id))

    def scanned(self, code: str) -> None:
        """Take a scan."""
        self.field.setText(code)
        self.submit()

    def submit(self) -> None:
        """Let the title be found by what is typed."""
        if self.tasks.idle:
            self.tasks.start(self._add(self.field.text()))

    async def _add(self, text: str) -> None:
        try:
            codes = await add_code(self.context.app, self.context.operator, self._book.id, text)
        finally:
            self.field.setFocus()
            self.field.selectAll()
        self.field.clear()
        self._show(codes)
        self._tell(f"“{self._book.title}” has the further codes {', '.join(codes)}.")

    def take_away(self) -> None:
        """Take the code chosen away."""
        item = self.list.currentItem()
        if item is not None and self.tasks.idle:
            self.tasks.start(self._take_away(item.text()))

    async def _take_away(self, code: str) -> None:
        try:
            codes = await remove_code(self.context.app, self.context.operator, self._book.id, code)
        except Refused:
            await self.load()
            raise
        self._show(codes)
        self._tell(f"“{self._book.title}” is no longer found by {code}.")

    def _show(self, codes: list[str]) -> None:
        self.list.clear()
        for code in codes:
            item = QListWidgetItem(code)
            item.setSizeHint(QSize(0, px(32)))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setVisible(bool(codes))
        self._none.setVisible(not codes)
        self.away.setEnabled(bool(codes))
        if not codes:
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell(self, text: str) -> None:
        self.told = text
        self.message.say(text, "ok")
