"""The shop's logo as it is shown, chosen and taken away."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPixmap
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from pos_app.services.logo import set_logo, shop_and_logo
from pos_app.services.setting import change_settings
from ui.files import ask_file
from ui.inventory.picture import logo_from_file
from ui.settings.section import Section, hint
from ui.widgets.drop import one_file
from ui.widgets.flow import FlowLayout
from ui.widgets.key_button import KeyButton

HINT = "Printed in black and white at every till, at most 5 cm wide. JPEG, PNG or WebP; a file can be dropped here."
OWN_FILE = "This till prints the picture logo.png in its data folder, until one is chosen here for all tills."
# Half of what is printed: the fields below it stay in sight.
SHOWN = QSize(200, 100)
Act = Callable[[], Coroutine[Any, Any, None]]


class LogoField(QWidget):
    """The picture as it is kept, and two buttons; a picture's file may be dropped on it."""

    dropped = Signal(str)

    def __init__(self, section: Section) -> None:
        """Take the section it stands in."""
        super().__init__()
        self._section = section
        self._digest = ""
        self.setAcceptDrops(section.may)
        column, row = QVBoxLayout(self), FlowLayout()
        column.setContentsMargins(0, 0, 0, 0)
        self.picture = QLabel()
        column.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignLeft)
        choose, self._away = KeyButton("Choose a picture…"), KeyButton("Take it away")
        for button, key, act in ((choose, "Ctrl+O", self._choose), (self._away, "Ctrl+Shift+O", self._take_away)):
            section.add_key(button, key)
            button.clicked.connect(partial(self._start, act))
            button.setEnabled(section.may)
            row.addWidget(button)
        column.addLayout(row)
        self._said = hint("")
        column.addWidget(self._said)
        self.dropped.connect(lambda path: self._start(partial(self._keep, path)))

    async def load(self) -> None:
        """Show it as it is kept."""
        settings, content = await shop_and_logo(self._section.context.app)
        self._digest = settings.logo
        shown = QPixmap()
        if content is not None and self._digest:
            # It was made small, put on white and checked when it was kept.
            shown.loadFromData(content)
            if shown.width() > SHOWN.width() or shown.height() > SHOWN.height():
                keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
                shown = shown.scaled(SHOWN, keep, smooth)
        own_file = content is not None and not self._digest
        self._said.setText(OWN_FILE if own_file else HINT)
        self.picture.setPixmap(shown)
        self.picture.setVisible(not shown.isNull())
        self.picture.setAccessibleName("None" if shown.isNull() else "The shop's logo")
        self._away.setEnabled(self._section.may and bool(self._digest))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take one file of this machine."""
        one_file(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Pass the file on."""
        if path := one_file(event):
            self.dropped.emit(path)

    def _start(self, act: Act, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - what a click brings
        if self._section.tasks.idle:
            self._section.start(act())

    async def _choose(self) -> None:
        path = await ask_file(self, "Logo from a file", ["Pictures (*.jpg *.jpeg *.png *.webp)"])
        if path is not None:
            await self._keep(str(path))

    async def _keep(self, path: str) -> None:
        before, context = self._digest, self._section.context
        await set_logo(context.app, context.operator, logo_from_file(path))
        await self._changed("The logo is kept, and printed from the next receipt on.", before)

    async def _take_away(self) -> None:
        before, context = self._digest, self._section.context
        await change_settings(context.app, context.operator, logo="")
        await self._changed("The logo is gone.", before)

    async def _changed(self, text: str, before: str) -> None:
        context = self._section.context

        async def undo() -> None:
            await change_settings(context.app, context.operator, logo=before)
            await self.load()

        await self.load()
        self._section.kept(text, undo)
