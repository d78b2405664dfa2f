"""A cover where there is no picture: two colours that a title always gets."""

from zlib import crc32

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter

PAIRS = (
    ("#7C3A2D", "#C9863B"),
    ("#22405C", "#6FA3C8"),
    ("#3E5C3A", "#A3B97B"),
    ("#5A2E5C", "#C18BC3"),
    ("#8A6A1F", "#E0C05A"),
    ("#2E2E2E", "#8C8C8C"),
    ("#1F6F6B", "#5FB8A8"),
    ("#6B2737", "#C97B84"),
)


def paint_cover(painter: QPainter, where: QRectF, title: str, radius: float = 3) -> None:
    """Paint a cover into a rectangle."""
    dark, light = PAIRS[crc32(title.encode()) % len(PAIRS)]
    shade = QLinearGradient(where.topLeft(), where.bottomRight())
    shade.setColorAt(0, QColor(dark))
    shade.setColorAt(1, QColor(light))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(shade)
    painter.drawRoundedRect(where, radius, radius)
    painter.restore()
