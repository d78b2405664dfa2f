"""A big table: fixed rows, no grid, columns of known width."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QAbstractTableModel, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QTableView

from ui.style.theme import px, tokens


class ListTable(QTableView):
    """The list of a page; one row is chosen at a time. Letters typed in it are told by `typed`."""

    typed = Signal(str)

    def __init__(
        self,
        name: str,
        model: QAbstractTableModel,
        delegate: QStyledItemDelegate,
        widths: Mapping[Any, int],
        row_height: int,
    ) -> None:
        """Take the accessible name, and the widths of all columns but the first, which takes the rest."""
        super().__init__()
        self.setModel(model)
        delegate.setParent(self)
        self.setItemDelegate(delegate)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(row_height)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setFixedHeight(32)
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in widths.items():
            self.setColumnWidth(column, px(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill the ground oneself: only what paints all of itself is moved as a picture when it is scrolled."""
        ground = QPainter(self.viewport())
        ground.fillRect(event.rect(), QColor(tokens().surface))
        ground.end()
        super().paintEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Tell what is typed: Qt would ask every row of a million whether it starts so.

        Ctrl+Space chooses a row, and comes as a sign that nobody types.
        """
        if search.isprintable():
            self.typed.emit(search)
