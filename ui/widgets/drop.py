"""Files that are dragged in from elsewhere."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QDropEvent


def one_file(event: QDropEvent) -> str:
    """Take what is dragged or dropped where it is one file of this machine, and give its path; else an empty text.

    It is copied: a file manager may take away what is moved.
    """
    urls = event.mimeData().urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return ""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
    return urls[0].toLocalFile()
