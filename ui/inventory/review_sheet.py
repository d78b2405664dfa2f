"""What a person thinks of a title: a staff pick for the shelf or a plain review, seen, changed and taken away."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QWidget

from pos_app.errors import Refused
from pos_app.services.book import BookDetail
from pos_app.services.review import ReviewRow, keep_review, remove_review
from ui.actions import shortcut
from ui.context import Context
from ui.errors import sentence
from ui.style.theme import px
from ui.widgets.basic import ElidedLabel, caption, label, restyle
from ui.widgets.fields import Choice
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import WorkSheet

WRITTEN = "What you write of it"
KINDS = {"Staff pick, for the shelf": True, "Plain review": False}
STARS = (5, 4, 3, 2, 1)
OTHERS_SHOWN = 4
LINES = 4
TAKE_AWAY_KEY = "Alt T"


class Words(QPlainTextEdit):
    """A few lines; Enter is the question's, Shift+Enter begins a line, Tab goes on."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.setTabChangesFocus(True)
        self.setAccessibleName(WRITTEN)
        self.setFixedHeight(LINES * self.fontMetrics().lineSpacing() + px(22))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Enter to the question."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            event.ignore()
            return
        super().keyPressEvent(event)


class ReviewSheet(WorkSheet):
    """Begins with what this person said before; `said` is what became of it, empty where nothing did."""

    def __init__(
        self, context: Context, book: BookDetail, mine: ReviewRow | None, rows: Sequence[ReviewRow], parent: QWidget
    ) -> None:
        """Take the opinion of whoever asks, None where there is none, and what others think."""
        super().__init__(context, "Staff pick or review", parent, go="Save", width=560)
        self._book, self._mine = book, mine
        self.said = ""
        self.body.addWidget(ElidedLabel(book.title, role="title"))
        others = [row for row in rows if mine is None or row.id != mine.id]
        for row in others[:OTHERS_SHOWN]:
            self.body.addWidget(ElidedLabel(_said(row), role="small"))
        if len(others) > OTHERS_SHOWN:
            self.body.addWidget(label(f"{len(others) - OTHERS_SHOWN} more", "small"))
        self._kind, self._stars, self.words = Choice(), Choice(), Words()
        for name, pick in KINDS.items():
            self._kind.addItem(name, pick)
        for count in STARS:
            self._stars.addItem("★" * count, count)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        for column, (name, field) in enumerate((("Kind", self._kind), ("Stars", self._stars))):
            field.setAccessibleName(name)
            grid.addWidget(caption(name), 0, column)
            grid.addWidget(field, 1, column)
            grid.setColumnStretch(column, 1)
        grid.setRowMinimumHeight(2, 12)
        grid.addWidget(caption(f"{WRITTEN} (Shift+Enter begins a new line)"), 3, 0, 1, 2)
        grid.addWidget(self.words, 4, 0, 1, 2)
        self.body.addLayout(grid)
        self._fault = label("", "error")
        self._fault.setWordWrap(True)
        self._fault.hide()
        self.body.addWidget(self._fault)
        if mine is not None:
            self._kind.setCurrentIndex(list(KINDS.values()).index(mine.staff_pick))
            self._stars.setCurrentIndex(STARS.index(mine.rating))
            self.words.setPlainText(mine.comment)
            self.words.moveCursor(QTextCursor.MoveOperation.End)
        self.words.textChanged.connect(lambda: self._blame(""))
        self.away = KeyButton("Take it away", TAKE_AWAY_KEY, size="big")
        self.away.clicked.connect(self.take_away)
        self.away.setVisible(mine is not None)
        self.foot.insertWidget(1, self.away)
        shortcut(self, TAKE_AWAY_KEY.replace(" ", "+"), self.take_away, within=False)
        # The way forward comes before what takes away.
        self.setTabOrder(self.words, self.go)
        self.setTabOrder(self.go, self.away)
        self.setTabOrder(self.away, self.back)
        self.words.setFocus()

    def submit(self) -> None:
        """Store it, in place of what was there."""
        if self.tasks.idle:
            self.message.say("")
            self.tasks.start(self._keep())

    def take_away(self) -> None:
        """Take it away: no question, as one undo brings it back."""
        if self._mine is not None and self.tasks.idle:
            self.message.say("")
            self.tasks.start(self._remove())

    async def _keep(self) -> None:
        pick: bool = self._kind.currentData()
        await keep_review(
            self.context.app,
            self.context.operator,
            self._book.id,
            self._stars.currentData(),
            self.words.toPlainText(),
            staff_pick=pick,
        )
        title = self._book.title
        self.said = f"“{title}” is a staff pick." if pick else f"Your review of “{title}” is kept."
        self.accept()

    async def _remove(self) -> None:
        await remove_review(self.context.app, self.context.operator, self._book.id)
        what = "pick" if self._mine is not None and self._mine.staff_pick else "review"
        self.said = f"Your {what} of “{self._book.title}” is taken away."
        self.accept()

    def reject(self) -> None:
        """Leave; what is under way is carried out first."""
        if self.tasks.idle:
            super().reject()

    def tell(self, error: BaseException) -> None:
        """Say below the words what is wrong with them, and go there; anything else at the foot."""
        if isinstance(error, Refused) and error.code in ("review.invalid", "code.card_number"):
            self._blame(sentence(error))
            self.words.setFocus()
        else:
            super().tell(error)

    def _blame(self, text: str) -> None:
        self._fault.setText(text)
        self._fault.setAccessibleName(f"Message: {text}")
        self._fault.setVisible(bool(text))
        self.words.setAccessibleDescription(text)
        restyle(self.words, "invalid", value=bool(text))


def _said(row: ReviewRow) -> str:
    words = " ".join(row.comment.split())
    what = "pick" if row.staff_pick else "review"
    return f"{row.person}’s {what}: {'★' * row.rating} {words}".rstrip()
