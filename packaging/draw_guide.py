"""Draw the guide's window over the checkout's, for docs/images: FOLDER THEME SIZE FILE, the folder with a demo shop."""

import asyncio
import sys

from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QApplication

from pos_app.config import load
from ui import dialogs, loop
from ui.guide.window import GuideDialog
from ui.main_window import MainWindow
from ui.start import Starter
from ui.style import theme

# Its pages and their pictures are read meanwhile.
LOOKS = 60


async def draw(qt: QApplication, folder: str, size: str, file: str) -> None:
    """Open the shop, and the guide where it tells of selling."""
    config = load({"data_dir": folder, "window_size": size})
    window = MainWindow(config.window_size)
    starter = Starter(qt, window, config, demo=False, asks=False)
    window.show()
    try:
        await starter.open()
        await starter.sign_in("Ana", "1111", "Checkout")
        await window.settled()
        window.show_guide()
        for _ in range(LOOKS):
            await asyncio.sleep(0.05)
        guide = dialogs.topmost()
        assert isinstance(guide, GuideDialog)  # noqa: S101 - after so long it is there
        picture, over = window.grab(), guide.grab()
        painter = QPainter(picture)
        left, top = (picture.width() - over.width()) // 2, (picture.height() - over.height()) // 2
        painter.drawPixmap(left, top, over)
        # Where it ends a desktop shows by its own means.
        painter.setPen(QColor(theme.tokens().ink_3))
        painter.drawRect(left - 1, top - 1, over.width() + 1, over.height() + 1)
        painter.end()
        picture.save(file, "PNG")
    finally:
        await starter.close()


application = QApplication([])
theme.apply(application, sys.argv[2])
loop.run(application, lambda: draw(application, sys.argv[1], *sys.argv[3:]))
