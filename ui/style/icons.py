"""Lucide icons, tinted for the theme in use."""

from functools import lru_cache
from importlib import resources

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer


@lru_cache(maxsize=128)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    source = (resources.files("ui.style") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(source.replace("currentColor", colour).encode()))


def draw(painter: QPainter, name: str, where: QRectF, colour: str) -> None:
    """Draw an icon into a rectangle."""
    _renderer(name, colour).render(painter, where)


def pixmap(name: str, size: int, colour: str, ratio: float = 1.0) -> QPixmap:
    """Give an icon as a picture for a screen of some pixel ratio."""
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    draw(painter, name, QRectF(0, 0, size, size), colour)
    painter.end()
    return made
