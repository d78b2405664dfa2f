"""Draw questions of the inventory, of stock and of reports, for docs/images: FOLDER THEME, the folder with a demo shop.

Each alone, without the window beneath, and in few colours: they go into every package.
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from fewer_colours import QUESTION, few_colours
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from pos_app.config import load
from pos_app.domain.sales_report import ReportKind
from ui import dialogs, loop
from ui.inventory.import_sheet import import_from
from ui.inventory.label_dialog import ask_labels
from ui.main_window import MainWindow
from ui.start import Starter
from ui.stock import flows
from ui.style import theme

Key = Qt.Key
IMAGES = Path("docs/images")
# What a file says of titles that are there, that are new, and that cannot be taken.
FILE = """isbn,title,author,price,stock
9780439023481,The Hunger Games,Suzanne Collins,12.50,6
9780571364879,Klara and the Sun,Kazuo Ishiguro,9.99,4
9780141439518,Pride and Prejudice,Jane Austen,7.99,3
9780571364870,A wrong number,Nobody,5.00,1
,Bookmark,,1.50,40
"""


async def rests() -> None:
    """Let what was asked be read and drawn."""
    await asyncio.sleep(0.8)


async def press(*keys: Key) -> None:
    """Press keys in what has the focus."""
    for key in keys:
        within: QWidget = dialogs.topmost() or next(
            one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow)
        )
        QTest.keyClick(within.focusWidget() or within, key)
        await rests()


class Drawer:
    """Draws one question after the other."""

    def __init__(self, window: MainWindow, look: str, folder: Path) -> None:
        self._window, self._look, self._folder = window, look, folder

    @property
    def _page(self) -> Any:
        return self._window.current_page

    async def draw(self, name: str, *acts: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Carry acts out, draw the question that is there then, and leave it."""
        for act in acts:
            await act()
        question = dialogs.topmost()
        assert isinstance(question, QDialog), name  # noqa: S101 - after so long it is there
        picture = question.grab()
        painter = QPainter(picture)
        # Where it ends a desktop shows by its own means.
        painter.setPen(QColor(theme.tokens().ink_3))
        painter.drawRect(0, 0, picture.width() - 1, picture.height() - 1)
        painter.end()
        few_colours(picture.toImage(), QUESTION).save(str(IMAGES / f"{name}-{self._look}-question.png"), "PNG")
        while (question := dialogs.topmost()) is not None:
            QDialog.done(question, 0)
            await rests()

    def start(self, flow: Callable[[Any], Coroutine[Any, Any, Any]]) -> Callable[[], Coroutine[Any, Any, None]]:
        """Give an act that begins a flow of the page."""

        async def act() -> None:
            self._page.start(flow(self._page))
            await rests()

        return act

    async def all_of_them(self) -> None:
        """Those that the guide shows."""
        file = self._folder / "delivery-note.csv"
        file.write_text(FILE, "utf-8")
        await self.draw("filters", lambda: press(Key.Key_F3))
        for _ in range(4):
            QTest.keyClick(self._page.table, Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        await self.draw("change-of-many", self.start(lambda page: page.book_actions.bulk()), self._five_per_cent)
        await self.draw("import", self.start(lambda page: import_from(page, file)))
        await self.draw("delivery", self.start(flows.receive_delivery), lambda: press(Key.Key_F4))
        await self.draw("count-review", self._review)
        await self.draw("purchase-order", self.start(flows.purchase_orders), lambda: press(Key.Key_Return))
        await self.draw("publisher-return", self.start(flows.return_to_publisher))
        await self.draw("labels", self.start(ask_labels))
        self._window.show_page("Reports")
        await rests()
        await self.draw("documents", self._documents)

    async def _five_per_cent(self) -> None:
        question: Any = dialogs.topmost()
        QTest.keyClicks(question.focusWidget(), "+5")
        await press(Key.Key_Return)

    async def _review(self) -> None:
        await self.start(flows.count_stock)()
        await press(Key.Key_F12)
        for isbn in ("9780439023481", "9780439554930", "9780316015844"):
            question: Any = dialogs.topmost()
            question.scanned(isbn)
            await rests()
        await press(Key.Key_F12)
        await rests()

    async def _documents(self) -> None:
        page = self._page
        page._report.setCurrentIndex(page._report.findText(ReportKind.CATEGORY.words))  # noqa: SLF001 - as F4 does
        page.choose("This year")
        await rests()
        page._show_behind()  # noqa: SLF001 - as Enter does
        await rests()


async def draw(qt: QApplication, folder: str, look: str) -> None:
    """Open the shop, and one question after the other."""
    config = load({"data_dir": folder, "window_size": "1366x768"})
    window = MainWindow(config.window_size)
    starter = Starter(qt, window, config, demo=False, asks=False)
    window.show()
    try:
        await starter.open()
        await starter.sign_in("Sam", "3333", "Inventory")
        await window.settled()
        await Drawer(window, look, Path(folder)).all_of_them()
    finally:
        await starter.close()


application = QApplication([])
theme.apply(application, sys.argv[2])
loop.run(application, lambda: draw(application, *sys.argv[1:]))
