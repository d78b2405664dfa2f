"""Locking a till that nobody touches."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.TouchBegin,
        QEvent.Type.Wheel,
    }
)


class IdleWatch(QObject):
    """Calls an act once nothing was pressed or moved for some time; every touch starts the time anew."""

    def __init__(self, app: QApplication, seconds: int, act: Callable[[], None]) -> None:
        """Start watching; zero seconds watch nothing."""
        super().__init__(app)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(seconds * 1000)
        self._timer.timeout.connect(act)
        self._app = app
        if seconds:
            app.installEventFilter(self)
            self._timer.start()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Start the time anew at every touch."""
        if event.type() in TOUCHES:
            self._timer.start()
        return False

    def again(self) -> None:
        """Start the time anew."""
        self._timer.start()

    def stop(self) -> None:
        """Watch no longer."""
        self._app.removeEventFilter(self)
        self._timer.stop()
        self.deleteLater()
