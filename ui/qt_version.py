"""Loads what the windows need of Qt, for `doctor`, which stays free of it itself."""

from PySide6 import QtCore, QtPrintSupport, QtSvg, QtWidgets

# Loaded to see that they can be.
LOADED = (QtPrintSupport, QtSvg, QtWidgets)


def tell() -> int:
    """Write Qt's version."""
    print(QtCore.qVersion())
    return 0
