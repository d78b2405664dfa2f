"""One order beside the list: where it stands, what is in it, how it came to be, and where it may go."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from pos_app.domain.customer_order import Way
from pos_app.domain.order_status import OrderKind, OrderStatus, allowed_moves
from pos_app.domain.payment import Tender
from pos_app.services.customer_order import OrderStand
from pos_app.services.order_view import OrderDetail, OrderStep
from ui.format import Formatter
from ui.orders.table import STATUS, pieces, state
from ui.style.theme import font, tokens
from ui.widgets.basic import ElidedLabel, Message, Pill, label, panel, separator
from ui.widgets.flow import FlowLayout
from ui.widgets.key_button import KeyButton

WAY = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.SHIPPED, OrderStatus.DELIVERED)
MOVES = {
    OrderStatus.CONFIRMED: "Confirm",
    OrderStatus.SHIPPED: "Mark shipped",
    OrderStatus.DELIVERED: "Mark delivered",
    OrderStatus.CANCELLED: "Cancel order",
}
ACTS = {
    "placed": "Placed",
    "paid": "Paid, receipt",
    "reprinted": "Receipt reprinted",
    "deposit": "Deposit taken, receipt",
    "deposit_back": "Deposit given back, receipt",
    "arrived": "Arrived:",
    "ready": "Ready to collect",
    "collected": "Collected, receipt",
    "kept": "Kept until",
    "expired": "Not collected in time,",
    "told": "Customer told:",
    "changed": "Changed:",
    "taken back": "No longer held:",
    "reopened": "Stands again, its sale voided by",
    "voided": "Voided by",
}


class Steps(QWidget):
    """The way of an order as numbered dots; the ones behind it are filled."""

    def __init__(self) -> None:
        """Start at the first."""
        super().__init__()
        self._status, self._names = OrderStatus.PENDING, [STATUS[status][0] for status in WAY]
        self._fit()

    def show_status(self, status: OrderStatus, way: Way | None) -> None:
        """Show how far it is, in the words of how it comes; a cancelled order is nowhere on the way."""
        self._status, self._names = status, [state(one, way)[0] for one in WAY]
        self.setAccessibleName(f"Status: {state(status, way)[0]}")
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take a second row for the names where one has no room for them."""
        self._fit()
        super().resizeEvent(event)

    @property
    def _staggered(self) -> bool:
        """Whether every other name stands a row lower: each has twice the room then."""
        metrics = QFontMetrics(font(12))
        return any(metrics.horizontalAdvance(name) > self.width() / len(WAY) - 4 for name in self._names)

    def _fit(self) -> None:
        line = QFontMetrics(font(12)).height()
        self.setFixedHeight(max(44, 28 + line * (1 + self._staggered)))

    def sizeHint(self) -> QSize:
        """Room for four."""
        return QSize(300, self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the dots, the lines between and the names under them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        reached = WAY.index(self._status) if self._status in WAY else -1
        width, staggered = self.width() / len(WAY), self._staggered
        for place, name in enumerate(self._names):
            middle = width * (place + 0.5)
            if place:
                painter.setPen(QPen(QColor(tokens().accent if place <= reached else tokens().line), 2))
                painter.drawLine(int(middle - width + 15), 12, int(middle - 15), 12)
            done = place <= reached
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens().accent if done else tokens().line))
            painter.drawEllipse(QRectF(middle - 11, 1, 22, 22))
            painter.setFont(font(12))
            painter.setPen(QColor(tokens().accent_ink if done else tokens().ink_2))
            painter.drawText(QRectF(middle - 11, 1, 22, 22), Qt.AlignmentFlag.AlignCenter, str(place + 1))
            painter.setPen(QColor(tokens().ink_2))
            used = painter.fontMetrics()
            wide = max(width, used.horizontalAdvance(name) + 4)
            left = min(max(middle - wide / 2, 0), self.width() - wide)
            top = 26 + used.height() * (staggered and place % 2)
            painter.drawText(QRectF(left, top, wide, used.height()), Qt.AlignmentFlag.AlignCenter, name)


def _wrapped(text: str, role: str) -> QLabel:
    """Words that take a second line before they push the amount beside them out of the panel."""
    made = label(text, role)
    made.setWordWrap(True)
    return made


class Detail(QWidget):
    """The panel; it asks the page to move the order."""

    move_to = Signal(object)
    move_on = Signal()
    cancel = Signal()
    show_receipt = Signal()
    explain = Signal()
    more = Signal()

    def __init__(self, fmt: Formatter, now: Callable[[], datetime]) -> None:
        """Lay out as the mock-up has it; `now` tells what the time is."""
        super().__init__()
        self._fmt, self._now = fmt, now
        self.shown: OrderDetail | None = None
        self.stand: OrderStand | None = None
        frame = panel("aside")
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(frame)
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(12)
        head = QHBoxLayout()
        self._title, self._pill = label("", "heading"), Pill()
        layout.addWidget(self._title)
        head.addWidget(self._pill)
        head.addStretch(1)
        self._more = KeyButton("More", "F10", role="quiet")
        self._more.clicked.connect(self.more.emit)
        head.addWidget(self._more)
        layout.addLayout(head)
        self._steps = Steps()
        layout.addWidget(self._steps)
        self._about = label("", "muted")
        self._about.setWordWrap(True)
        layout.addWidget(self._about)
        self._expired = Message()
        self._expired.hide()
        layout.addWidget(self._expired)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.viewport().setAutoFillBackground(False)
        layout.addWidget(self._scroll, 1)
        # Each whole with its key: where a row has no room for all, they go on in the next.
        self._buttons = FlowLayout(spacing=8)
        layout.addLayout(self._buttons)
        self.show_nothing()

    def show_nothing(self) -> None:
        """Show that no order is chosen."""
        self.shown = self.stand = None
        self._title.setText("No order chosen")
        self._about.setText("Choose an order in the list to see what is in it.")
        self._pill.hide()
        self._expired.hide()
        self._more.hide()
        self._steps.hide()
        self._scroll.setWidget(panel("clear"))
        self._clear_buttons()

    def show_many(self, count: int, total: str) -> None:
        """Show that several orders are chosen, and what is done to all of them."""
        self.show_nothing()
        self._title.setText(f"{count} orders chosen")
        self._about.setText(f"{total} in all. F7 prints their picking list; to see one whole, choose it alone.")
        for words, key, role, signal in (
            (f"Cancel {count} orders", "Ctrl Del", "danger", self.cancel),
            (f"Move {count} on", "Ctrl →", "primary", self.move_on),
        ):
            button = KeyButton(words, key, role=role)
            button.clicked.connect(signal.emit)
            self._buttons.addWidget(button)

    def show_order(self, detail: OrderDetail, stand: OrderStand | None = None) -> None:
        """Show an order as it is stored, and how it is fulfilled where that is followed."""
        self.shown, self.stand = detail, stand
        order = detail.order
        sale = order.kind is OrderKind.SALE
        self._title.setText(f"Sale {order.number}" if sale else f"Order {order.number}")
        self._pill.show_state(*state(order.status, None if stand is None else stand.way))
        self._pill.show()
        self._more.setVisible(stand is not None)
        self._steps.show_status(order.status, None if stand is None else stand.way)
        self._steps.setVisible(not sale and order.status is not OrderStatus.CANCELLED)
        parts = [order.customer or ("Counter sale" if sale else "No name")]
        parts.append(order.shipping_address or ("sold at the counter" if sale else "collects in shop"))
        parts += self._stand_words(stand) if stand is not None else []
        parts += [order.note] if order.note else []
        self._about.setText(" · ".join(parts))
        said = "" if stand is None else self._next_step(stand)
        self._expired.say(said, "warn")
        self._expired.setVisible(bool(said))
        self._scroll.setWidget(self._make_content(detail))
        ready = stand is not None and stand.way is Way.COLLECT
        self._show_buttons(order.status, paid=order.paid_at is not None, collect=ready)

    def _stand_words(self, stand: OrderStand) -> list[str]:
        """When it is promised, what was paid, and how long it is kept."""
        fmt = self._fmt
        said = [f"promised {fmt.date(stand.promised_on)}"] if stand.promised_on else []
        said += [f"deposit {fmt.money(stand.deposit)} paid"] if stand.deposit else []
        said += [f"{fmt.money(stand.unpaid)} to pay"] if stand.unpaid else []
        if stand.hold_until is not None and stand.held:
            said.append(f"{'EXPIRED: kept' if stand.expired else 'kept'} until {fmt.date(stand.hold_until)}")
        return said

    def _next_step(self, stand: OrderStand) -> str:
        """What a person does about copies that lie too long; empty where none do."""
        if not stand.expired:
            return ""
        back = " F10, D then gives the deposit back." if stand.deposit else ""
        return f"Nobody came: F6 tells them again, F10, K keeps it longer, or Ctrl+Del lets it go.{back}"

    def _make_content(self, detail: OrderDetail) -> QWidget:
        order = detail.order
        content = panel("clear")
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(8)
        stands = [None] * len(order.lines) if self.stand is None else self.stand.lines
        for line, stand in zip(order.lines, stands, strict=True):
            row = QHBoxLayout()
            words = QVBoxLayout()
            words.setSpacing(1)
            words.addWidget(ElidedLabel(line.title))
            words.addWidget(_wrapped(" · ".join(part for part in (line.isbn, stand and stand.words) if part), "small"))
            row.addLayout(words, 1)
            row.addWidget(label(f"{line.quantity} × {self._fmt.amount(line.price)}"))
            column.addLayout(row)
            column.addWidget(separator())
        total = QHBoxLayout()
        total.addWidget(_wrapped(f"Total · {pieces(order.item_count)}", "sum"), 1)
        explain = KeyButton("Explain", "=", role="quiet", name="Explain the amounts")
        explain.clicked.connect(self.explain.emit)
        total.addWidget(explain)
        # A deposit's document sells nothing: what it took, or gave back, is what its other payments come to.
        moved = sum(paid.amount for paid in order.payments if paid.tender != Tender.DEPOSIT)
        total.addWidget(label(self._fmt.money(order.total if order.item_count else moved), "title"))
        column.addLayout(total)
        column.addSpacing(6)
        column.addWidget(label("Timeline", "small"))
        column.addLayout(self._make_timeline(detail.steps))
        column.addStretch(1)
        return content

    def _make_timeline(self, steps: tuple[OrderStep, ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, step in enumerate(steps):
            act = ACTS.get(step.act, step.act.capitalize())
            text = " ".join(part for part in (act, step.details) if part)
            text += f" by {step.operator}" if step.operator else ""
            text += f", till {step.till}" if step.till else ""
            moment = label(self._fmt.when(step.happened_at, self._now()), "small")
            grid.addWidget(moment, row, 0, Qt.AlignmentFlag.AlignTop)
            said = label(text)
            said.setWordWrap(True)
            grid.addWidget(said, row, 1)
        return grid

    def _clear_buttons(self) -> None:
        while (item := self._buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def _show_buttons(self, status: OrderStatus, *, paid: bool, collect: bool) -> None:
        self._clear_buttons()
        self._names = MOVES | ({OrderStatus.SHIPPED: "Mark ready"} if collect else {})
        moves = allowed_moves(status)
        if OrderStatus.CANCELLED in moves:
            self._add_move(OrderStatus.CANCELLED, "Ctrl Del", "danger")
        if paid:
            button = KeyButton("Receipt", "Ctrl R", name="Show receipt")
            button.clicked.connect(self.show_receipt.emit)
            self._buttons.addWidget(button)
        forward = [move for move in moves if move is not OrderStatus.CANCELLED]
        for move in reversed(forward[1:]):
            self._add_move(move, "", None)
        if forward:
            self._add_move(forward[0], "Ctrl →", "primary")

    def _add_move(self, move: OrderStatus, key: str, role: str | None) -> None:
        button = KeyButton(self._names[move], key, role=role)
        button.clicked.connect(lambda: self.move_to.emit(move))
        self._buttons.addWidget(button)
