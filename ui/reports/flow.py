"""Widgets in as many columns of one width as there is room for."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

GAP = 8


class Flow(QWidget):
    """Lays its widgets out in one of several numbers of columns, the most that fit; never asks for more room."""

    def __init__(
        self, widgets: Sequence[QWidget], columns: Sequence[int], *, gap: int = GAP, even: bool = True
    ) -> None:
        """Take the numbers of columns, the most first; `even` stretches the columns over all the room."""
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._widgets, self._columns, self._gap, self._even = widgets, columns, gap, even
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(gap)
        self._used = 0
        self._lay_out(columns[-1])

    def minimumSizeHint(self) -> QSize:
        """No width of its own: what does not fit goes below."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many columns as fit."""
        super().resizeEvent(event)
        widest = max(max(one.minimumSizeHint().width(), one.minimumWidth()) for one in self._widgets)
        fitting = (count for count in self._columns if count * (widest + self._gap) - self._gap <= self.width())
        self._lay_out(next(fitting, self._columns[-1]))

    def _lay_out(self, columns: int) -> None:
        if columns == self._used:
            return
        for column in range(self._used):
            self._grid.setColumnStretch(column, 0)
        self._grid.setColumnStretch(self._used, 0)
        self._used = columns
        for place, widget in enumerate(self._widgets):
            self._grid.addWidget(widget, place // columns, place % columns, Qt.AlignmentFlag.AlignTop)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1 if self._even else 0)
        if not self._even:
            self._grid.setColumnStretch(columns, 1)
        self.updateGeometry()
