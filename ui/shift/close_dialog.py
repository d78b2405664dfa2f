"""Closing the shift: count, see the difference, print the Z."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator, QKeyEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from pos_app.domain.payment import Tender, pieces
from pos_app.domain.report import ShiftReport
from pos_app.errors import Refused
from pos_app.receipts.report import open_sales_word
from pos_app.services.shift import ShiftCount, close_shift
from ui.actions import shortcut
from ui.approval import with_approval
from ui.context import Context
from ui.style.theme import px
from ui.widgets.basic import ElidedLabel, FigureLabel, caption, label, panel, restyle
from ui.widgets.fitting import FittingLabel
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import EDGE, WorkSheet

TOTAL, PIECES, BLIND = "One total", "By notes and coins", "Blind"
MOST_PIECES = 99_999
# Twelve notes and coins, and still within the smallest screen.
TALL = 512
# More movements of cash than this are shown as two sums.
MOST_MOVES = 5


class PieceField(QLineEdit):
    """How many there are of a note or coin; the arrows go to the next and the one before."""

    def __init__(self, name: str) -> None:
        """Take what is counted."""
        super().__init__()
        self.setValidator(QIntValidator(0, MOST_PIECES, self))
        self.setAccessibleName(f"Pieces of {name}")
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(px(86))

    @property
    def count(self) -> int | None:
        """How many were typed."""
        return int(self.text()) if self.text() else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the arrows before the area around scrolls with them."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)


class CloseShiftDialog(WorkSheet):
    """The mock-up's two halves: what was counted, and what should be there.

    `report` is the Z once the shift is closed; `wants_x` says that an X is to be printed instead.
    """

    def __init__(self, context: Context, report: ShiftReport, parent: QWidget, *, blind: bool = False) -> None:
        """Take the shift as it stands; counted `blind`, nothing says what should be there, an X neither."""
        number = "" if report.next_number is None else f" {report.next_number:06d}"
        go = f"Close and print Z{number}"
        super().__init__(context, "Close shift", parent, go=go, width=920, tells_below=False)
        self._fmt, self._x, self._blind = context.fmt, report, blind
        self.report: ShiftReport | None = None
        self.wants_x = False
        self._warning = ""
        self._fill_head()
        middle = QHBoxLayout()
        middle.setSpacing(24)
        middle.addWidget(self._make_count(), 5)
        middle.addLayout(self._make_sums(), 6)
        self.body.addLayout(middle)
        if not blind:
            x = KeyButton("Print X", "Shift F10", size="big")
            x.clicked.connect(self._want_x)
            shortcut(self, "Shift+F10", self._want_x, within=False)
            self.foot.insertWidget(1, x)
            self.setTabOrder(self.back, x)
        # Less air than elsewhere, for the smallest screen.
        for part, air in ((self.head, 14), (self.body, 12), (self.foot, 14)):
            part.setContentsMargins(EDGE, air, EDGE, air)
        self.choose(BLIND if blind else TOTAL)

    def _fill_head(self) -> None:
        self.head.setSpacing(8)
        x = self._x
        sales = "1 document" if x.totals.documents == 1 else f"{x.totals.documents} documents"
        opened = f"Till {x.till} · opened {self._fmt.time(x.opened_at)}"
        said = FittingLabel("muted")
        said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        said.show_wordings(
            f"{opened} by {x.opened_by} · {sales}",
            f"{opened} by {x.opened_by}",
            opened,
            f"Till {x.till} · {self._fmt.time(x.opened_at)}",
        )
        # All the room is for what is said, none for the stretch before it.
        self.head.setStretch(1, 0)
        self.head.addWidget(said, 1)
        self._ways: dict[str, KeyButton] = {}
        for place, way in enumerate((TOTAL, PIECES, BLIND), 1):
            button = KeyButton(way, f"Alt {place}", role="chip")
            button.setCheckable(True)
            button.clicked.connect(partial(self.choose, way))
            shortcut(self, f"Alt+{place}", partial(self.choose, way), within=False)
            self._ways[way] = button
            self.head.addWidget(button)

    def _make_count(self) -> QWidget:
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(0, 0, 8, 0)
        self._total_caption = caption("Counted in the drawer")
        layout.addWidget(self._total_caption)
        self._total = QLineEdit()
        self._total.setProperty("role", "pin")
        self._total.setAccessibleName("Counted in the drawer")
        self._total.textEdited.connect(lambda _: self._show())
        layout.addWidget(self._total)
        self._grid = QWidget()
        grid = QGridLayout(self._grid)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for column, word in enumerate(("Counted", "Pieces", "Amount")):
            head = caption(word)
            head.setAlignment(Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(head, 0, column)
        self._fields: dict[int, tuple[PieceField, QLabel]] = {}
        for row, piece in enumerate(pieces(self._fmt.currency), 1):
            name = self._fmt.money(piece)
            field = PieceField(name)
            field.textEdited.connect(lambda _: self._show())
            amount = label("", "figure")
            amount.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            amount.setMinimumWidth(px(80))
            grid.addWidget(label(name), row, 0)
            grid.addWidget(field, row, 1)
            grid.addWidget(amount, row, 2)
            self._fields[piece] = (field, amount)
        layout.addWidget(self._grid)
        layout.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        area.setMinimumHeight(TALL)
        area.setMinimumWidth(min(px(300), 330))
        return area

    def _make_sums(self) -> QVBoxLayout:
        layout = QVBoxLayout()
        layout.setSpacing(8)
        x = self._x
        self._sums = QWidget()
        grid = QGridLayout(self._sums)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        rows = [("Opening float", x.opening_float), ("Cash taken", x.cash_taken)]
        if x.cash_paid_back:
            rows.append(("Cash refunds", -x.cash_paid_back))
        if x.open_sales:
            rows.append((open_sales_word(x.open_sales), x.open_sales))
        rows += moved(x)
        for row, (word, amount) in enumerate(rows):
            self._add_sum(grid, row, word, "sum").setText(self._fmt.amount(amount))
        self._add_sum(grid, len(rows), "Expected in drawer", "title").setText(self._fmt.amount(x.expected))
        self._counted_figure = self._add_sum(grid, len(rows) + 1, "Counted", "title")
        layout.addWidget(self._sums)
        self._box = panel("difference")
        inner = QHBoxLayout(self._box)
        inner.setContentsMargins(16, 10, 16, 10)
        self._word = label("", "title")
        self._difference = FigureLabel("heading")
        inner.addWidget(self._word)
        inner.addWidget(self._difference, 1)
        layout.addWidget(self._box)
        layout.addWidget(caption("Reason for the difference (kept with the shift)"))
        self._reason = QLineEdit()
        self._reason.setAccessibleName("Reason for the difference (kept with the shift)")
        self._reason.setMaxLength(200)
        # The count whose difference was asked about.
        self._asked: int | None = None
        layout.addWidget(self._reason)
        others = [one for one in x.totals.tenders if one.code != Tender.CASH and one.amount]
        if others:
            said = " · ".join(f"{one.name} {self._fmt.money(one.amount)}" for one in others)
            note = label(f"{said}. These are listed on the Z report and need no count.", "small")
            note.setWordWrap(True)
            layout.addWidget(note)
        if x.open_sales > 0:
            note = label("A sale is not finished. It stays, and its cash is counted with this shift.", "small")
            note.setWordWrap(True)
            layout.addWidget(note)
        layout.addStretch(1)
        layout.addWidget(self.message)
        return layout

    @staticmethod
    def _add_sum(grid: QGridLayout, row: int, word: str, role: str) -> QLabel:
        figure = label("", "figure")
        figure.setAlignment(Qt.AlignmentFlag.AlignRight)
        grid.addWidget(ElidedLabel(word, role), row, 0)
        grid.addWidget(figure, row, 1)
        return figure

    def warn_of_training(self) -> None:
        """Say that training ends with the shift: there is none of its own to close."""
        self._warning = "You are training, but this closes the real shift, with its real Z. Esc leaves it open."
        self.message.say(self._warning, "warn")

    def tell_of_parked(self, count: int) -> None:
        """Say that sales are parked: they stay for the next shift, and nobody may be waiting for them any more."""
        which = "1 sale is" if count == 1 else f"{count} sales are"
        self._warning = f"{which} parked, for the next shift too. Esc goes back to look (F7)."
        self.message.say(self._warning, "warn")

    def _want_x(self) -> None:
        self.wants_x = True
        self.accept()

    def choose(self, way: str, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - what a button's click brings
        """Choose how the drawer is counted."""
        self._way = way
        for name, button in self._ways.items():
            button.setChecked(name == way)
        by_pieces = way == PIECES
        for widget in (self._total, self._total_caption):
            widget.setVisible(not by_pieces)
        self._grid.setVisible(by_pieces)
        shown = way != BLIND and not self._blind
        self._sums.setVisible(shown)
        self._box.setVisible(shown)
        (next(iter(self._fields.values()))[0] if by_pieces else self._total).setFocus()
        self.message.say(self._warning, "warn" if self._warning else "none")
        self._show()

    def _counted(self) -> int | None:
        """What was counted so far. Raises Refused("amount.…")."""
        if self._way == PIECES:
            counts = self._pieces()
            return sum(piece * count for piece, count in counts.items()) if counts else None
        text = self._total.text().strip()
        return self._fmt.parse(text) if text else None

    def _pieces(self) -> dict[int, int]:
        if self._way != PIECES:
            return {}
        return {piece: field.count for piece, (field, _) in self._fields.items() if field.count is not None}

    def _show(self) -> None:
        for piece, (field, amount) in self._fields.items():
            amount.setText("" if field.count is None else self._fmt.amount(piece * field.count))
        try:
            counted = self._counted()
        except Refused:
            counted = None
        self._counted_figure.setText("–" if counted is None else self._fmt.amount(counted))
        over = 0 if counted is None else counted - self._x.expected
        word = "Not counted" if counted is None else "Over" if over > 0 else "Short" if over < 0 else "It is right"
        sign = "+" if over > 0 else ""
        self._word.setText(word)
        figure = "" if counted is None else f"{sign}{self._fmt.money(over)}"
        self._difference.setText(figure)
        self._difference.setAccessibleName(f"{word} {figure}")
        restyle(self._box, "kind", "ok" if counted is not None and not over else "warn")

    def submit(self) -> None:
        """Close the shift, once."""
        if not self.tasks.idle:
            return
        try:
            count = ShiftCount(self._counted(), self._pieces(), self._reason.text())
        except Refused as refused:
            self.tell(refused)
            self._total.setFocus()
            self._total.selectAll()
            return
        if count.counted is None:
            self.message.say("Count the drawer first: type what is in it, 0 where it is empty.", "warn")
            (next(iter(self._fields.values()))[0] if self._way == PIECES else self._total).setFocus()
            return
        over = count.counted - self._x.expected
        # Asked once: a slip of the fingers would close the shift for good, and closing is never refused.
        if over and not self._sums.isHidden() and not count.reason.strip() and self._asked != count.counted:
            self._asked = count.counted
            word = "over" if over > 0 else "short"
            self.message.say(
                f"The drawer is {self._fmt.money(abs(over))} {word}. Say why, or press Enter again to close without.",
                "warn",
            )
            self._reason.setFocus()
            return
        self.tasks.start(self._close(count))

    async def _close(self, count: ShiftCount) -> None:
        context = self.context
        self.report = await with_approval(
            context,
            self,
            lambda approval: close_shift(context.app, context.operator, self._x.opened_at, count, approval),
        )
        self.accept()


def moved(x: ShiftReport) -> list[tuple[str, int]]:
    """Give the movements of cash as rows; where there are many, what was put in and what was taken out."""
    if len(x.cash_moves) <= MOST_MOVES:
        return [(f"{'Paid in' if one.amount > 0 else 'Paid out'} · {one.reason}", one.amount) for one in x.cash_moves]
    both = (("Paid in", x.totals.cash_in), ("Paid out", x.totals.cash_out))
    return [(f"{word} · {share.count} times", share.amount) for word, share in both if share.count]
