"""Pictures from outside made into covers: looked at before they are decoded, decoded small, written anew."""

from PySide6.QtCore import QBuffer, QByteArray, QFile, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter

from pos_app.errors import Refused
from pos_app.services.cover import MAX_BYTES

MAX_FILE = 20_000_000
MAX_SIDE = 12_000
MAX_PIXELS = 40_000_000
MEMORY_MB = 192
COVER = QSize(320, 480)
FORMATS = frozenset({b"jpeg", b"png", b"webp"})


def cover_from_file(path: str) -> bytes:
    """Make a cover of a file. Raises Refused("cover.picture" | "cover.large")."""
    file = QFile(path)
    if not file.open(QIODevice.OpenModeFlag.ReadOnly):
        raise Refused("cover.picture")
    if file.size() > MAX_FILE:
        raise Refused("cover.large", side=f"{MAX_SIDE:,}")
    return cover_from_bytes(bytes(file.readAll().data()))


def cover_from_bytes(content: bytes) -> bytes:
    """Make a JPEG of at most 320 × 480 points and 60 kB; a picture too large by its own word is never decoded.

    Raises Refused("cover.picture" | "cover.large").
    """
    if len(content) > MAX_FILE:
        raise Refused("cover.large", side=f"{MAX_SIDE:,}")
    QImageReader.setAllocationLimit(MEMORY_MB)
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    if bytes(reader.format().data()) not in FORMATS:
        raise Refused("cover.picture")
    size = reader.size()
    if not size.isValid():
        raise Refused("cover.picture")
    if max(size.width(), size.height()) > MAX_SIDE or size.width() * size.height() > MAX_PIXELS:
        raise Refused("cover.large", side=f"{MAX_SIDE:,}")
    if size.width() > COVER.width() or size.height() > COVER.height():
        reader.setScaledSize(size.scaled(COVER, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1)))
    image = reader.read()
    if image.isNull():
        raise Refused("cover.picture")
    return cover_from_image(image)


def cover_from_image(image: QImage) -> bytes:
    """Make a cover of a picture that is decoded already, such as one pasted. Raises Refused("cover.picture")."""
    if image.isNull() or image.width() * image.height() > MAX_PIXELS:
        raise Refused("cover.picture")
    if image.width() > COVER.width() or image.height() > COVER.height():
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        image = image.scaled(COVER, keep, smooth)
    # JPEG knows no transparency: what was clear becomes white, not black.
    flat = QImage(image.size(), QImage.Format.Format_RGB32)
    flat.fill(Qt.GlobalColor.white)
    painter = QPainter(flat)
    painter.drawImage(0, 0, image)
    painter.end()
    for quality in (85, 70, 50, 30):
        out = QBuffer()
        out.open(QIODevice.OpenModeFlag.WriteOnly)
        if flat.save(out, "JPEG", quality) and out.size() <= MAX_BYTES:  # type: ignore[call-overload] # a device is taken
            return bytes(out.data().data())
    raise Refused("cover.picture")
