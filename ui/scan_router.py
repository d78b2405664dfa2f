"""Takes a scanner's keys before any window or field sees them, and hands the scans on one by one."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QWidget

from pos_app.aside import window_works
from pos_app.domain.scan import Outcome, Scan, ScanDetector, Typed
from ui import dialogs
from ui.scans import scans

ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
MODIFIERS = (
    Qt.Key.Key_Shift,
    Qt.Key.Key_Control,
    Qt.Key.Key_Alt,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Meta,
    Qt.Key.Key_CapsLock,
)
# What says that somebody is there.
TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.TouchBegin,
        QEvent.Type.Wheel,
    }
)
CLICKS = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.TouchBegin)
_PLAIN = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
# A little more than the detector's own patience: keys already on their way come first.
SLACK_MS = 10
# A timer this late says that the program was busy, so that keys may be waiting unseen.
STALL_MS = 40

Target = Callable[[str], Awaitable[None]]


class ScanRouter(QObject):
    """An event filter on the application. Scans wait in one queue with one consumer: order kept, none lost.

    The only such filter: PySide makes a Python object of each event of every widget for each of them, which is a tenth
    of the time in which a window draws and answers.
    """

    def __init__(self, app: QApplication, on_error: Callable[[BaseException], None]) -> None:
        """Start filtering; scans are beeped away until somebody takes them."""
        super().__init__(app)
        self.target: Target | None = None
        self.touched: Callable[[], None] | None = None
        """Called at every key, click and move, whatever becomes of it."""
        self._on_error = on_error
        self._detector = ScanDetector()
        # A scan belongs to whoever was at the till when it was made, also when it is carried out after they left.
        self._queue: asyncio.Queue[tuple[Target | None, str]] = asyncio.Queue()
        self._swallow: set[int] = set()
        self._releasing = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._idle)
        self._since_key = QElapsedTimer()
        self._consumer = asyncio.get_event_loop().create_task(self._consume())
        app.installEventFilter(self)
        # Set while no key is held that may be of a scan.
        self._calm = asyncio.Event()
        self._calm.set()
        dialogs.scan_ended = self._calm.wait

    @property
    def idle(self) -> bool:
        """Whether no key is held and no scan waits."""
        return not self.holding and self._queue.empty() and not self._busy

    @property
    def holding(self) -> bool:
        """Whether keys are held that may still be a scan."""
        return self._detector.holding

    _busy = False

    async def drained(self) -> None:
        """Wait until every scan made so far is carried out."""
        await self._queue.join()

    async def close(self) -> None:
        """Stop filtering and taking scans."""
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        if dialogs.scan_ended == self._calm.wait:
            dialogs.scan_ended = None
        self.target = None
        self._timer.stop()
        self._consumer.cancel()
        with suppress(asyncio.CancelledError):
            await self._consumer
        scans.carry_out(self._queue.qsize())
        # The application would keep it, and all that a window has with it.
        self.setParent(None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See each key once, on its way into a window, and before any shortcut of it fires."""
        # Here comes all that the window does, from a key to a drawing.
        window_works()
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and not self._releasing:
            if _types(event) or dialogs.opening():
                # A character is no shortcut of any window: the first of a scan would fire it before it is seen here.
                # And nothing is one of the window below a question that is about to be shown.
                event.accept()
                return True
            if self._detector.holding and event.key() not in (*ENDS, *MODIFIERS):
                self._release()
            return False
        if not isinstance(watched, QWindow):
            return False
        if self.touched is not None and kind in TOUCHES:
            self.touched()
        return self._clicked() if kind in CLICKS else self._struck(event)

    def _clicked(self) -> bool:
        """See a click before it is carried out: what was typed before it is for the field that has the focus still."""
        if self._detector.holding:
            self._release()
        return dialogs.opening()

    def _struck(self, event: QEvent) -> bool:
        """See a key pressed or let go."""
        if not isinstance(event, QKeyEvent):
            return False
        kind = event.type()
        if kind == QEvent.Type.KeyPress:
            return self._pressed(event) or dialogs.opening()
        if kind == QEvent.Type.KeyRelease and event.key() in self._swallow:
            if not event.isAutoRepeat():
                self._swallow.discard(event.key())
            return True
        return False

    def _pressed(self, event: QKeyEvent) -> bool:
        if event.key() in MODIFIERS:
            return False
        if _types(event):
            # Also where Qt calls it a repeat: X tells a digit that a scanner sends twice within a millisecond from a
            # key held down by nothing but time, and the detector knows better.
            self._swallow.add(event.key())
            self._act(self._detector.character(_copy(event), event.text(), self._now(event)))
            self._since_key.start()
            self._timer.start(self._detector.patience_ms + SLACK_MS)
            return True
        if event.key() in ENDS and self._detector.holding:
            self._swallow.add(event.key())
            self._act(self._detector.enter(_copy(event), self._now(event)))
            return True
        if self._detector.holding:
            self._release()
        return False

    def _now(self, event: QKeyEvent) -> int:
        """When the key was pressed, by the window system's clock: a stalled window changes nothing."""
        return event.timestamp() or time.monotonic_ns() // 1_000_000

    def _idle(self) -> None:
        """Let held keys go, unless more may be waiting behind a stall of the program: those are seen first."""
        late_ms = self._since_key.elapsed() - self._detector.patience_ms
        if late_ms > STALL_MS:
            self._since_key.start()
            self._timer.start(SLACK_MS)
        else:
            self._release()

    def _release(self) -> None:
        self._act(self._detector.idle(2**62))

    def _act(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Scan):
                self._queue.put_nowait((self.target, outcome.code))
                scans.add(outcome.code)
                if dialogs.taker() is None:
                    dialogs.tell_waiting(self._queue.qsize() + self._busy)
            else:
                self._hand_on(outcome)
        if self._detector.holding:
            self._calm.clear()
        else:
            self._calm.set()

    def _hand_on(self, typed: Typed) -> None:
        """Give keys a person pressed to whatever has the focus now, as press and release."""
        if dialogs.opening():
            # For the question, as soon as it is there.
            QTimer.singleShot(SLACK_MS, lambda: self._hand_on(typed))
            return
        self._releasing = True
        try:
            for key in typed.keys:
                target = self._target()
                if target is not None and isinstance(key, QKeyEvent):
                    QApplication.sendEvent(target, key)
                    QApplication.sendEvent(target, _copy(key, QEvent.Type.KeyRelease))
        finally:
            self._releasing = False

    @staticmethod
    def _target() -> QWidget | None:
        """Whom typed keys are for: X gives a question the focus a little after it is shown."""
        if (top := dialogs.topmost()) is not None:
            return top.focusWidget() or top
        return QApplication.focusWidget() or QApplication.activeWindow()

    async def _consume(self) -> None:
        while True:
            target, code = await self._queue.get()
            self._busy = True
            try:
                if (taker := dialogs.taker()) is not None:
                    taker(code)
                    continue
                await dialogs.none_open()
                if target is None:
                    QApplication.beep()
                else:
                    await target(code)
            except Exception as error:  # noqa: BLE001 - told to the person; the next scan is still taken
                self._on_error(error)
            finally:
                self._busy = False
                self._queue.task_done()
                scans.carry_out()


def _types(event: QKeyEvent) -> bool:
    """Whether a key types a character."""
    return bool(event.text()) and event.text().isprintable() and not (event.modifiers() & ~_PLAIN)


def _copy(event: QKeyEvent, kind: QEvent.Type = QEvent.Type.KeyPress) -> QKeyEvent:
    """Keep a key: the event itself does not outlive its delivery. A repeat stays one: it must not press a button."""
    return QKeyEvent(kind, event.key(), event.modifiers(), event.text(), event.isAutoRepeat(), event.count())
