"""A label with shorter words for where there is less room."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSizePolicy

from ui.widgets.basic import ElidedLabel
from ui.widgets.tip import plain_tip


class FittingLabel(ElidedLabel):
    """Shows the longest of its wordings that fits; only the shortest is ever cut. The longest is its name."""

    def __init__(self, role: str | None = None) -> None:
        """Start empty; in a layout it takes the room of its longest wording, and gives it up to what cannot shrink."""
        self._wordings: tuple[str, ...] = ("",)
        super().__init__("", role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def show_wordings(self, *wordings: str) -> None:
        """Show one of these, the longest first."""
        self._wordings = wordings
        self.show_text(wordings[0])
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Room for the longest."""
        return QSize(self._needs(self._whole), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Room for the shortest."""
        return QSize(min(self._needs(self._wordings[-1]), self._needs("0" * 12)), super().minimumSizeHint().height())

    def _needs(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text) + 2

    def _elide(self) -> None:
        room = self.width()
        shown = next((one for one in self._wordings if self._needs(one) <= room), None)
        if shown is None:
            shown = self.fontMetrics().elidedText(self._wordings[-1], Qt.TextElideMode.ElideRight, room)
        self.setText(shown)
        self.setToolTip(plain_tip(self._whole) if shown != self._whole else "")
