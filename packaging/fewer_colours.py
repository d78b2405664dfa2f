"""Draw pictures in the colours that most of them is made of: FILE …; they go into every package."""

import sys
from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

# A page with its covers; a question has no pictures.
PAGE, QUESTION = 256, 16


def few_colours(picture: QImage, colours: int) -> QImage:
    """Keep the colours that most of a picture is made of, one of each that look alike; the others become the next."""
    picture = picture.convertToFormat(QImage.Format.Format_RGB32)
    alike: dict[int, tuple[int, int]] = {}
    counted: Counter[int] = Counter()
    for colour, count in Counter(memoryview(picture.constBits()).cast("B").cast("I")).most_common():
        # The upper five bits of red, green and blue; what came first is the most of them.
        key = colour & 0xF8F8F8
        alike.setdefault(key, (colour, count))
        counted[key] += count
    palette = [alike[key][0] for key, _ in counted.most_common(colours)]
    return picture.convertToFormat(QImage.Format.Format_Indexed8, palette, Qt.ImageConversionFlag.AvoidDither)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        few_colours(QImage(name), PAGE).save(name, "PNG")
