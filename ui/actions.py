"""Every key of the program, and the dialog that lists them."""

import re
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.widgets.basic import label
from ui.widgets.key_button import KeyButton

TALLEST = 560
# Function keys, Esc and chords, which no field or button takes for itself; Shift alone is typing.
_FAR = re.compile(r"(Shift\+)?F\d+|Esc|(Ctrl|Alt)\+.+")
KEYS: dict[str, tuple[tuple[str, str], ...]] = {
    "Selling": (
        ("F2 or Esc", "Back to the scan field"),
        ("F3", "Price check: the next scan shows and does not sell"),
        ("F4", "Customer"),
        ("F5", "Gift card, and other ways to pay"),
        ("F6", "Park, what is typed as its note"),
        ("F7", "Recall"),
        ("F8", "Discount: line, or whole sale"),
        ("F9", "Return; in a return, exchange"),
        ("F10", "More"),
        ("F11", "Card takes the amount typed, or all that is due"),
        ("F12", "Cash takes the amount typed, or all that is due"),
        ("Enter", "Add what is typed or chosen"),
        ("3 *", "Before a scan: three of it"),
        ("+  −  Del", "One more, one less, no more of the line"),
        ("=", "Explain this amount"),
        ("↑ ↓", "Choose a line, or a book found"),
        ("Ctrl+K", "Quick keys: what has no barcode"),
        ("Ctrl+O", "The basket becomes an order; what is typed is its deposit"),
        ("Ctrl+T", "Take what is held for the customer into the sale"),
    ),
    "Taking back": (
        ("Ctrl+A", "Everything comes back"),
        ("F6", "Where it goes: sellable, damaged, to the publisher"),
        ("F7", "Why it comes back"),
        ("F8", "Without a receipt"),
        ("Ctrl+F12", "Give it all in cash"),
    ),
    "Papers and the drawer": (
        ("Ctrl+R", "Show the last receipt"),
        ("Ctrl+P", "Reprint the last receipt (marked COPY)"),
        ("Shift+F10", "X report"),
        ("Ctrl+F10", "Close the shift"),
    ),
    "Everywhere": (
        ("F1", "This list; once more, the guide"),
        ("Shift+F1", "The guide, at what it says of this page"),
        ("Ctrl+1", "Checkout"),
        ("Ctrl+2", "Inventory"),
        ("Ctrl+3", "Orders"),
        ("Ctrl+4", "Customers"),
        ("Ctrl+5", "Reports"),
        ("Ctrl+,", "Settings"),
        ("Ctrl+Z", "Undo"),
        ("Ctrl+Shift+P", "Papers that wait for the printer"),
        ("Ctrl+Shift+R", "Print them now"),
        ("Ctrl+Shift+I", "The import that was put aside"),
        ("Ctrl+L", "Lock"),
        ("Ctrl+Q", "Quit"),
    ),
    "Inventory": (
        ("F2", "Back to the search"),
        ("F3", "Filters; Alt+1 … Alt+9 take one off"),
        ("Alt+A", "All filters off; a list that failed: read again"),
        ("F4", "Columns and order"),
        ("F5", "Views kept by name"),
        ("F6", "Receive a delivery"),
        ("F7", "Count stock"),
        ("F8", "Orders to suppliers, transfers, returns, corrections"),
        ("F9", "Movements of the title's stock"),
        ("A–Z", "In the list: go to what starts so"),
        ("Ctrl+S", "Save the book"),
        ("Esc", "Revert the book"),
        ("Enter, Tab", "Change a cell of the list: price, cost, reorder level, shelf, publisher"),
        ("Shift+↑ ↓, Ctrl+click", "Choose several rows; Esc chooses one again"),
        ("Ctrl+A", "In the list: all that it shows"),
        ("Ctrl+C, Ctrl+V", "Copy and paste cells, or the rows chosen"),
        ("Ctrl+Shift+C", "Copy the column of the cell, of the rows chosen"),
        ("Ctrl+Z, Ctrl+Y", "Undo, redo"),
        ("Ctrl+H", "History of the book"),
        ("Ctrl+B", "Change the rows chosen, or all shown"),
        ("Ctrl+I", "Import a file of titles"),
        ("Ctrl+E", "Export the rows chosen, or all shown"),
        ("Ctrl+P", "Labels: of rows chosen, the list, a delivery"),
        ("Ctrl+N", "New book"),
        ("Ctrl+D", "All fields of the book"),
        ("F10", "More: barcodes, copies, cover, merge, categories"),
        ("F11", "Scans find their title here, or are sold"),
        ("Alt+R, Alt+K", "A field two people changed: theirs, mine"),
        ("Home, End", "First, last book"),
    ),
    "Orders": (
        ("F2", "Back to the search"),
        ("Alt+O", "Where a list is empty: the open orders"),
        ("Ctrl+→, Ctrl+Del", "Move the order on, or cancel it; all those chosen"),
        ("F4", "Board or list; ← → ↑ ↓ from card to card"),
        ("F5", "Which orders: open, pending, …, sales"),
        ("Alt+1 … Alt+5", "Only mine, late, ready, unpaid, expired; F9 in a small window"),
        ("F3", "Only what is to come from a supplier"),
        ("Shift+↑ ↓, Ctrl+click", "Choose several orders"),
        ("F6", "Tell the customer: copy, e-mail draft, card"),
        ("F7", "Picking list of those chosen"),
        ("Ctrl+P", "The order on paper"),
        ("F8", "Change what is ordered: fewer, more, another title"),
        ("F10", "More: slips, keep longer, deposit back, quotes, reminders"),
        ("=", "Explain the order's amounts"),
        ("Ctrl+R", "Show the order's receipt"),
        ("Esc", "Empty the search"),
    ),
    "Customers": (
        ("F2", "Back to the search"),
        ("Alt+1 … Alt+5", "Contact, account, loyalty, bought, waiting"),
        ("Ctrl+N", "New customer"),
        ("Alt+A", "An empty list: new customer; one that failed: read again"),
        ("Ctrl+S", "Save the customer"),
        ("Esc", "Revert the customer; empty the search"),
        ("Ctrl+Z", "Undo"),
        ("F6", "Take a payment to the account"),
        ("F7", "Statement; Ctrl+P prints it, Ctrl+E writes it"),
        ("F8", "Credit limit"),
        ("F9", "Consent"),
        ("F10", "More: join, duplicates, give out, erase"),
        ("Ctrl+R, Enter", "Show the receipt chosen"),
        ("Alt+R, Alt+K", "A field two people changed: theirs, mine"),
    ),
    "Reports": (
        ("Alt+1 … Alt+6", "Which days"),
        ("F4", "Choose a report"),
        ("Enter", "Documents behind a row or a part of a chart"),
        ("← → ↑ ↓", "In a chart: figure by figure"),
        ("Esc", "Stop a report that takes long"),
        ("F6", "Beside the days shown: same dates or same weekdays a year before"),
        ("F9", "Bestsellers: a week as the trade wants it"),
        ("Ctrl+E", "Write what is shown as Excel, CSV or PDF"),
        ("Ctrl+P", "Print the report, the overview as a summary, a Z report again"),
        ("Shift+F10", "X report"),
    ),
    "Settings": (
        ("Alt+1 … Alt+9", "Section by section"),
        ("Alt+0, Alt+-", "The tenth, the eleventh section"),
        ("Alt+S", "Status; F5 looks again, F6 packs diagnostics"),
        ("Ctrl+B", "In Backups: copy the shop now"),
        ("Ctrl+N, Ctrl+S", "New; keep it, where it is edited in a form"),
        ("Ctrl+Del", "Take the chosen one away"),
        ("Alt+Up, Alt+Down", "Quick keys: move it"),
        ("Ctrl+T", "Promotions: on or off; printers: print what waits"),
        ("Ctrl+O", "Shop: choose the logo; printers: print the paper elsewhere"),
        ("Ctrl+Shift+O", "Shop: take the logo away"),
        ("F3 … F12", "Printers and devices: as their buttons say"),
        ("Shift+F11, Shift+F12", "Printers and devices: the line display"),
        ("Ctrl+Z", "Take the last change back"),
    ),
}
# Where the shop's own keys stand in the place of the usual ones.
COUNTER = ("Selling", "Taking back", "Papers and the drawer")
WIDE = (
    ("Selling",),
    ("Taking back", "Papers and the drawer", "Everywhere"),
    ("Inventory", "Orders", "Customers", "Reports", "Settings"),
)
NARROW = (
    ("Selling", "Taking back", "Inventory"),
    ("Papers and the drawer", "Everywhere", "Orders", "Customers", "Reports", "Settings"),
)
SINGLE = (tuple(KEYS),)


class Shown(QWidget):
    """What fills the window while it is shown: a page, whose keys reach it from the rail and the foot too."""


def shortcut(owner: QWidget, keys: str, act: Callable[[], object], *, within: bool = True) -> QShortcut:
    """Bind a key, pressed once a time, to an act: within the widget, or wherever in its window the focus is.

    A page's function keys and chords always reach it while it is shown: nobody looks for the focus in rail and foot.
    A character is no shortcut: the first of a scan would fire it. A question takes it with `Sheet.take_letter`.
    """
    if len(keys) == 1:
        raise ValueError(keys)
    made = QShortcut(QKeySequence(keys), owner)
    made.setAutoRepeat(False)
    far = not within or (isinstance(owner, Shown) and _FAR.match(keys) is not None)
    made.setContext(Qt.ShortcutContext.WindowShortcut if far else Qt.ShortcutContext.WidgetWithChildrenShortcut)
    made.activated.connect(act)
    return made


def plain(event: QKeyEvent) -> bool:
    """Whether a key is pressed by itself, or typed with Shift, and not held down."""
    alone = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
    return not event.isAutoRepeat() and not event.modifiers() & ~alone


class KeysDialog(QDialog):
    """F1: all keys; once more, the guide."""

    GUIDE = 2

    def __init__(self, parent: QWidget, own: Mapping[str, str]) -> None:
        """Lay the keys out in three columns, or two where there is no room; `own` are the shop's at the counter."""
        super().__init__(parent)
        self.setWindowTitle("All shortcuts – Bookstore POS")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 20, 24, 20)
        outer.setSpacing(16)
        outer.addWidget(label("All shortcuts", "heading"))
        most = parent.window().width() - 80
        # As many columns as there is room for: nothing is to be scrolled sideways.
        inner = _columns(WIDE, own)
        for layout in (NARROW, SINGLE):
            if inner.sizeHint().width() + 16 > most:
                inner = _columns(layout, own)
        area = QScrollArea()
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        wanted = inner.sizeHint()
        # Where the text is large or the screen small it is scrolled: there is no room for all keys then.
        area.setMinimumSize(min(wanted.width() + 16, most), min(wanted.height() + 8, TALLEST))
        outer.addWidget(area)
        close = KeyButton("Close", "Esc", role="primary")
        close.clicked.connect(self.accept)
        guide = KeyButton("Guide", "F1")
        guide.clicked.connect(self._open_guide)
        shortcut(self, "F1", self._open_guide, within=False)
        foot = QHBoxLayout()
        foot.addWidget(guide)
        foot.addStretch(1)
        foot.addWidget(close)
        outer.addLayout(foot)

    def _open_guide(self) -> None:
        self.done(self.GUIDE)


def _columns(layout: Sequence[Sequence[str]], own: Mapping[str, str]) -> QWidget:
    """Groups of keys, in columns."""
    columns = QHBoxLayout()
    columns.setSpacing(40)
    for names in layout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(7)
        grid.setColumnStretch(1, 1)
        row = 0
        for name in names:
            grid.addWidget(label(name, "title"), row, 0, 1, 2)
            row += 1
            for key, what in KEYS[name]:
                grid.addWidget(label(own.get(key, key) if name in COUNTER else key), row, 0)
                grid.addWidget(label(what, "muted"), row, 1)
                row += 1
            grid.setRowMinimumHeight(row, 8)
            row += 1
        grid.setRowStretch(row, 1)
        columns.addLayout(grid)
    made = QWidget()
    made.setLayout(columns)
    return made
