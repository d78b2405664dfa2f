"""Draw pictures in the colours that most of them is made of: FILE …; they go into every package."""

import sys
from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

# A page with its covers; a question has no pictures.
PAGE, QUESTION = 200, 16


def few_colours(picture: QImage, colours: int) -> QImage:
    """Keep the colours that most of a picture is made of; the others become what is next to them."""
    picture = picture.convertToFormat(QImage.Format.Format_RGB32)
    found = Counter(memoryview(picture.constBits()).cast("B").cast("I")).most_common(colours)
    return picture.convertToFormat(
        QImage.Format.Format_Indexed8, [colour for colour, _ in found], Qt.ImageConversionFlag.AvoidDither
    )


if __name__ == "__main__":
    for name in sys.argv[1:]:
        few_colours(QImage(name), PAGE).save(name, "PNG")
