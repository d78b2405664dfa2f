"""The guide's window: contents and search on the left, the page on the right; printed or kept as PDF."""

import asyncio
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, QUrl, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QResizeEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QTextBrowser,
    QTextEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from pos_app.errors import Unavailable
from ui.actions import shortcut
from ui.errors import sentence
from ui.guide.pages import CARD, PICTURE_PX, GuidePage, Topic, find_topics, fit_pictures, folded, place_of
from ui.guide.paper import paper_here, print_page, write_pdf
from ui.printers import ask_printer
from ui.style.theme import px, tokens
from ui.tasks import Tasks
from ui.widgets.basic import label
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import Sheet

# The contents take so much, and of a small window no more than so many per cent.
CONTENTS_WIDTH, SHARE, AROUND = 250, 36, 80
# So soon what is said stands on the screen.
SHOWN_S = 0.02
ROLE = Qt.ItemDataRole.UserRole


class _Browser(QTextBrowser):
    """The page; `resized` tells that it has another size."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell of it."""
        super().resizeEvent(event)
        self.resized.emit()


class GuideDialog(Sheet):
    """Shift+F1, or F1 in the list of keys."""

    def __init__(
        self,
        parent: QWidget,
        pages: Sequence[GuidePage],
        page: str,
        topic: str,
        papers: Path,
        on_error: Callable[[BaseException], None],
        named: Callable[[str], str] = str,
    ) -> None:
        """Open at one of the pages and what is called so on it; `papers` is where its PDFs go."""
        super().__init__("Guide", parent)
        self.tasks = Tasks(on_error)
        self._papers, self._named = papers, named
        self.pages = pages
        self.shown = self.pages[0].topics[0]
        self._before: list[Topic] = []
        self._found: list[Topic] = []
        across = QHBoxLayout()
        across.setSpacing(16)
        across.addLayout(self._make_contents())
        self.browser = _Browser()
        # Later: another page has a size of its own before it is laid out.
        self.browser.resized.connect(self._to_place, Qt.ConnectionType.QueuedConnection)
        self.browser.setAccessibleName("Page of the guide")
        self.browser.setOpenLinks(False)
        self.browser.anchorClicked.connect(self._follow)
        across.addWidget(self.browser, 1)
        self.body.addLayout(across, 1)
        self._make_foot()
        self.message.hide()
        window = self._window_beneath()
        self.resize(window.width() - AROUND, window.height() - AROUND)
        self._fill(self.search.text())
        wanted = next(one for one in self.pages if one.name == page)
        self.open_at(next((one for one in wanted.topics if one.title == topic), wanted.topics[0]), keep=False)
        self.contents.setFocus()

    def _make_contents(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        self.search = QLineEdit()
        self.search.setAccessibleName("Search the guide")
        self.search.setPlaceholderText("Search (F2)")
        self.search.textChanged.connect(self._fill)
        column.addWidget(self.search)
        self.contents = QTreeWidget()
        self.contents.setAccessibleName("Contents")
        self.contents.setHeaderHidden(True)
        self.contents.setIndentation(16)
        self.contents.currentItemChanged.connect(self._chosen)
        column.addWidget(self.contents, 1)
        self._none = label("No page says anything of it. Try another word, or fewer.", "muted")
        self._none.setWordWrap(True)
        self._none.hide()
        column.addWidget(self._none)
        wide = min(px(CONTENTS_WIDTH), self._window_beneath().width() * SHARE // 100)
        for widget in (self.search, self.contents, self._none):
            widget.setFixedWidth(wide)
        return column

    def _make_foot(self) -> None:
        self.go.hide()
        self.back.show_text("Close")
        for words, key, act in (
            ("Back", "Alt ←", self.go_back),
            ("Cashier's card", "F4", self.show_card),
            ("Print", "Ctrl P", self.print_shown),
            ("PDF", "Ctrl E", self.write),
        ):
            button = KeyButton(words, key, size="big")
            button.clicked.connect(act)
            shortcut(self, key.replace(" ", "+").replace("←", "Left"), act, within=False)
            self.foot.addWidget(button)
        shortcut(self, "F2", self._to_search, within=False)

    def ask_help(self) -> None:
        """Stay: it is open already."""

    def _to_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    # Contents and search

    def _fill(self, words: str) -> None:
        """List all there is, or what the words of the search stand in; the page stays until one is chosen."""
        found = find_topics(self.pages, words) if words.strip() else None
        self._found = found or []
        quiet = QSignalBlocker(self.contents)
        self.contents.clear()
        for page in self.pages:
            item = QTreeWidgetItem([page.title])
            item.setData(0, ROLE, page.topics[0])
            topics = page.topics[1:] if found is None else [one for one in found if one.page == page.name]
            if found is not None and not topics:
                continue
            for topic in topics:
                below = QTreeWidgetItem([topic.title])
                below.setData(0, ROLE, topic)
                item.addChild(below)
            self.contents.addTopLevelItem(item)
            item.setExpanded(found is not None)
        quiet.unblock()
        self._none.setVisible(found is not None and not found)
        self._mark()
        if found is None:
            self._show_place()

    def _chosen(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.open_at(item.data(0, ROLE))

    def _show_place(self) -> None:
        """Choose in the contents what the page shows."""
        for top in range(self.contents.topLevelItemCount()):
            page = self.contents.topLevelItem(top)
            assert page is not None  # noqa: S101 - counted
            for item in [*filter(None, map(page.child, range(page.childCount()))), page]:
                if item.data(0, ROLE) == self.shown:
                    quiet = QSignalBlocker(self.contents)
                    page.setExpanded(True)
                    self.contents.setCurrentItem(item)
                    self.contents.scrollToItem(item)
                    quiet.unblock()
                    return

    # The page

    def open_at(self, topic: Topic, *, keep: bool = True) -> None:
        """Show what a topic says; `keep` lets Back come back to what was shown before."""
        if keep and topic != self.shown:
            self._before.append(self.shown)
        self.shown = topic
        page = next(one for one in self.pages if one.name == topic.page)
        if self.browser.document() is not page.document:
            self.browser.setDocument(page.document)
        self._mark()
        self.browser.setTextCursor(QTextCursor(page.document.findBlockByNumber(topic.block)))
        self._to_place()
        self._show_place()

    def _to_place(self) -> None:
        """Put the first line of what is shown at the top, as far up as it goes; pictures have the room there is."""
        document = self.browser.document()
        room = self.browser.viewport().width() - 2 * int(document.documentMargin())
        fit_pictures(document, max(min(room, px(PICTURE_PX)), 1))
        block = document.findBlockByNumber(self.shown.block)
        top = document.documentLayout().blockBoundingRect(block).top() if self.shown.block else 0
        bar, high = self.browser.verticalScrollBar(), self.browser.viewport().height()
        bar.setValue(int(top))
        if (found := self._first_found()) is not None and (low := self.browser.cursorRect(found).bottom()) > high:
            # Below a picture or a long paragraph: what was searched for is to be seen.
            bar.setValue(bar.value() + low - high * 2 // 3)

    def _first_found(self) -> QTextCursor | None:
        """Where the first word of the search stands in what is shown."""
        page = next(one for one in self.pages if one.name == self.shown.page)
        end = min((one.block for one in page.topics if one.block > self.shown.block), default=None)
        places = []
        for word in folded(self.search.text()).split():
            found = page.document.find(word, page.document.findBlockByNumber(self.shown.block).position())
            if not found.isNull() and (end is None or found.blockNumber() < end):
                places.append(found)
        return min(places, key=QTextCursor.position, default=None)

    def _mark(self) -> None:
        """Mark the words of the search on the page."""
        document = self.browser.document()
        marked = QTextCharFormat()
        marked.setBackground(QBrush(QColor(tokens().warn_soft)))
        marked.setForeground(QBrush(QColor(tokens().ink)))
        marks = []
        for word in folded(self.search.text()).split():
            cursor = document.find(word)
            while not cursor.isNull():
                mark = QTextEdit.ExtraSelection()
                mark.cursor, mark.format = cursor, marked
                marks.append(mark)
                cursor = document.find(word, cursor)
        self.browser.setExtraSelections(marks)

    def go_back(self) -> None:
        """Show what was shown before a link, a search or a choice."""
        if self._before:
            self.open_at(self._before.pop(), keep=False)

    def show_card(self) -> None:
        """Show the page that is made to be printed."""
        self.open_at(next(page.topics[0] for page in self.pages if page.name == CARD))

    def _follow(self, link: QUrl) -> None:
        """Follow a link within the guide; another is told, since a till may have no network."""
        text = link.toString()
        topic = place_of(self.pages, text, self.shown.page)
        if topic is not None:
            self.open_at(topic)
        else:
            self._say(f"{text} is not in this guide.")

    def _say(self, text: str, kind: str = "none") -> None:
        self.message.show()
        self.message.say(text, kind)

    def submit(self) -> None:
        """Enter goes from the search to what it found, and from the contents to the page."""
        if self.search.hasFocus():
            self._to_found()
        else:
            self.browser.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from the search into what it found with an arrow."""
        if event.key() == Qt.Key.Key_Down and self.search.hasFocus():
            self._to_found()
        else:
            super().keyPressEvent(event)

    def _to_found(self) -> None:
        """Open the first of what was found, and go on among it; where that is nothing, stay for another word."""
        if self._found:
            self.open_at(self._found[0])
        if self.contents.topLevelItemCount():
            self.contents.setFocus()
        else:
            self.search.selectAll()

    # Paper

    def print_shown(self) -> None:
        """Print the page shown on a printer that is asked for."""
        self.tasks.start(self._print(), key="paper")

    async def _print(self) -> None:
        printer = await ask_printer(self, None, "Ctrl+E writes the page as PDF.")
        if printer is not None:
            printer.setPageSize(paper_here())
            await self._carry(print_page(self.shown.page, printer, self._named), "It is sent to the printer…")
            self._say(f"It is sent to {printer.printerName() or 'the printer'}.", "ok")

    def write(self) -> None:
        """Write the page shown as PDF to where such papers go: anybody reads the guide, and not everybody the disk."""
        self.tasks.start(self._write(), key="paper")

    async def _write(self) -> None:
        path = self._papers / f"guide-{Path(self.shown.page).stem}.pdf"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            await self._carry(write_pdf(self.shown.page, path, paper_here(), self._named), "The page is written…")
        except OSError as error:
            reason = error.strerror or str(error)
            self._say(sentence(Unavailable("export.not_written", path=str(path), reason=reason)), "bad")
            return
        self._say(f"It is in {path}.", "ok")

    async def _carry(self, steps: Generator[None, None, None], said: str) -> None:
        """Draw in steps of some hundredths of a second, said while it is under way: keys are taken between."""
        self._say(said)
        await asyncio.sleep(SHOWN_S)
        with closing(steps):
            for _ in steps:
                await asyncio.sleep(0)
