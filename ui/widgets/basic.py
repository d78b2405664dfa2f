"""Small widgets: labels that tell, pills, panels, empty lists."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFontMetrics,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.widgets.key_button import KeyButton
from ui.widgets.tip import plain_tip

SMALLEST_FIGURE = 12
LEAST_LETTERS = 6


def label(text: str = "", role: str | None = None, *, name: str | None = None) -> QLabel:
    """Make a label that shows its text as it is: data must not be able to draw."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    if name:
        made.setAccessibleName(name)
    return made


def caption(text: str) -> QLabel:
    """Make a field's caption; the field carries the name itself, so the caption is told from it by a colon."""
    return label(text, "small", name=f"{text}:")


def panel(role: str = "panel") -> QFrame:
    """Make a surface."""
    made = QFrame()
    made.setProperty("role", role)
    return made


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def separator() -> QFrame:
    """Make a thin line."""
    made = panel("separator")
    made.setFixedHeight(1)
    return made


class Pill(QLabel):
    """A short state with a dot: never colour alone."""

    def __init__(self, text: str = "", kind: str = "off", *, name: str | None = None) -> None:
        """Start with a text and a kind: ok, warn, bad, info or off."""
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "pill")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self.show_state(text, kind, name=name)

    def show_state(self, text: str, kind: str, *, name: str | None = None, dot: bool = True) -> None:
        """Show another state."""
        self.setText(f"● {text}" if dot else text)
        self.setAccessibleName(name or text)
        restyle(self, "kind", kind)


class Message(QLabel):
    """What just happened, errors too: one line that is read out as it changes."""

    def __init__(self) -> None:
        """Start silent; `named` puts the keys in force into what is said."""
        super().__init__()
        self.named: Callable[[str], str] = str
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("role", "message")
        self.setMinimumHeight(34)
        self.say("", "none")

    def say(self, text: str, kind: str = "none", *, aloud: bool = True) -> None:
        """Tell something: kind is ok, warn, bad or none; what merely counts down is not read out each time."""
        text = self.named(text)
        self.setText(text)
        self.setAccessibleName(f"Message: {text}")
        kind = kind if text else "none"
        restyle(self, "kind", kind)
        # Not by the style sheet: a label keeps the padding it was first shown with.
        side = 2 if kind == "none" else 12
        self.setContentsMargins(side, 5, side, 5)
        if text and aloud:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))


class ThinProgress(QProgressBar):
    """A thin bar for work that takes longer than a glance; takes its room always, so that nothing jumps."""

    def __init__(self) -> None:
        """Start hidden."""
        super().__init__()
        self.setProperty("role", "thin")
        self.setTextVisible(False)
        self.setAccessibleName("Loading")
        self.setRange(0, 1)

    def busy(self, busy: bool) -> None:  # noqa: FBT001 - a switch
        """Start or stop."""
        self.setRange(0, 0 if busy else 1)
        self.setValue(0)


class EmptyState(QWidget):
    """What a list shows when it is empty: one sentence, and at most one button."""

    def __init__(
        self, sentence: str, button: str | None = None, act: Callable[[], None] | None = None, key: str = ""
    ) -> None:
        """Take the sentence, what the button does, and its key."""
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.setSpacing(16)
        self._text = label(sentence, "muted")
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text.setWordWrap(True)
        self._text.setMinimumWidth(360)
        layout.addWidget(self._text)
        if button and act:
            row = QHBoxLayout()
            made = KeyButton(button, key.replace("+", " "))
            if key:
                # Not the button's own: that waits a tenth of a second, to be seen pressed.
                pressed = QShortcut(QKeySequence(key), made)
                # Held down it is one press, as everywhere.
                pressed.setAutoRepeat(False)
                pressed.activated.connect(made.click)
            made.clicked.connect(lambda _: act())
            row.addStretch()
            row.addWidget(made)
            row.addStretch()
            layout.addLayout(row)

    def say(self, sentence: str) -> None:
        """Change the sentence."""
        self._text.setText(sentence)


class FigureLabel(QLabel):
    """An amount to the right, or under its name to the left, smaller where it is too long: never cut."""

    def __init__(self, role: str, *, left: bool = False) -> None:
        """Take the role that gives its size."""
        super().__init__()
        side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
        self.setAlignment(side | Qt.AlignmentFlag.AlignBottom)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw in the largest size that fits."""
        used = self.font()
        while used.pixelSize() > SMALLEST_FIGURE and QFontMetrics(used).horizontalAdvance(self.text()) > self.width():
            used.setPixelSize(used.pixelSize() - 1)
        painter = QPainter(self)
        painter.setFont(used)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), self.alignment(), self.text())


class ElidedLabel(QLabel):
    """A label that, where it has no room, leaves out its last parts (after a ·), or else ends in …."""

    def __init__(self, text: str = "", role: str | None = None) -> None:
        """Take the text; the whole of it is the tool tip."""
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._whole = ""
        self.show_text(text)

    def show_text(self, text: str) -> None:
        """Show another text."""
        self._whole = text
        self.setAccessibleName(text)
        self.setToolTip("")
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the text anew."""
        self._elide()
        super().resizeEvent(event)

    def _elide(self) -> None:
        metrics, room = self.fontMetrics(), max(self.width(), 20)
        text = self._whole
        while " · " in text and metrics.horizontalAdvance(text) > room:
            text = text.rpartition(" · ")[0]
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        # A letter or two say nothing; the tool tip has it all.
        self.setText(shown if shown == self._whole or len(shown) >= LEAST_LETTERS else "")
        if shown != self._whole:
            self.setToolTip(plain_tip(self._whole))
