"""Choosing rows of the list: with Shift, Ctrl and the mouse as Qt has it, kept by title and not by row.

Of a million rows only those about to be seen are marked in the view: Qt, and an assistive program through it, looks at
every cell of what is marked. Which titles are chosen is known by their numbers, or
as all but some: a choice so stays what it was while pages come and go and the list is read anew.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from pos_app.errors import Refused
from pos_app.services.book_filter import MOST_CHOSEN
from ui.inventory.chosen import Chosen
from ui.inventory.table import BooksModel
from ui.tasks import Tasks
from ui.widgets.table import ListTable

Flag = QItemSelectionModel.SelectionFlag
Span = tuple[int, int]
AROUND = 40
ReadIds = Callable[[int, int], Awaitable[Sequence[int]]]


class Host(Protocol):
    """What choosing needs of its page."""

    books: BooksModel
    tasks: Tasks

    def tell(self, error: BaseException) -> None:
        """Tell of an error."""


@dataclass(eq=False)
class _Stroke:
    """Rows that one stroke chose, took out or turned over; `titles` once they are known."""

    how: Flag
    spans: list[Span]
    titles: Chosen | None = None

    def on(self, chosen: Chosen) -> Chosen:
        """What is chosen after it."""
        assert self.titles is not None  # noqa: S101 - strokes are folded once all are known
        if self.how & Flag.Select:
            return chosen | self.titles
        return chosen ^ self.titles if self.how & Flag.Toggle else chosen - self.titles


class Choice(QItemSelectionModel):
    """The selection of the list; `told` is emitted when other titles are chosen."""

    told = Signal()

    def __init__(self, host: Host, read_ids: ReadIds) -> None:
        """Take what reads the numbers of titles by their rows, where those are not here."""
        super().__init__(host.books)
        self._host, self._books, self._read_ids = host, host.books, read_ids
        self.titles = Chosen()
        self._base = Chosen()
        # The last stroke goes on while Shift or the mouse is held: it is replaced, not added to.
        self._strokes: list[_Stroke] = []
        self._marking = False
        # Which rows are in sight; the list says so.
        self.seen: Callable[[], Span] = lambda: (0, 0)
        self._books.dataChanged.connect(lambda *_: self.mark_again())
        self._books.rowsInserted.connect(lambda *_: self.mark_again())

    @property
    def count(self) -> int:
        """How many titles are chosen."""
        return self.titles.count(self._books.rowCount())

    @property
    def several(self) -> bool:
        """Whether it is more than one."""
        return self.count > 1

    @property
    def all_shown(self) -> bool:
        """Whether it is all that the list shows."""
        return self.titles.every and not self.titles.ids

    def select(self, given: QItemSelection | QModelIndex, command: Flag) -> None:  # type: ignore[override]
        """Carry out a stroke."""
        if self._marking or not isinstance(given, QItemSelection):
            super().select(given, command)
            return
        spans = [(one.top(), one.bottom()) for one in given.toList()]
        if command & Flag.Clear:
            self._base, self._strokes = Chosen(), []
        elif command & Flag.Current and self._strokes:
            self._strokes.pop()
        if spans and command & (Flag.Select | Flag.Deselect | Flag.Toggle):
            self._strokes.append(_Stroke(command, spans))
        if command & Flag.Clear and _rows(spans) <= 1:
            super().select(given, command)
            self._say(Chosen(), mark=False)
            return
        self._fold()

    def reset(self) -> None:
        """The rows are other ones; the titles chosen are not, until `forget`."""
        self._marking = True
        try:
            super().reset()
        finally:
            self._marking = False

    def choose_one(self) -> None:
        """Choose the current row alone."""
        self.select(QItemSelection(self.currentIndex(), self.currentIndex()), Flag.ClearAndSelect | Flag.Rows)

    def forget(self) -> None:
        """Choose nothing: the list is to be another one."""
        self._base, self._strokes = Chosen(), []
        self._say(Chosen(), mark=False)

    async def settled(self) -> Chosen:
        """Give the titles, once all of them are known."""
        if any(stroke.titles is None for stroke in self._strokes) and _rows(*(one.spans for one in self._strokes)) > 1:
            await self._find()
        return self.titles

    def stay(self, move: Callable[[], object]) -> None:
        """Make another row the current one, by `move`; the titles stay chosen, whatever rows they are in now."""
        if self.several:
            self._base, self._strokes = self.titles, []
        self._marking = True
        try:
            move()
        finally:
            self._marking = False
        self.mark_again()

    def _fold(self) -> None:
        for stroke in self._strokes:
            if stroke.titles is None:
                stroke.titles = self._known(stroke.spans)
        if all(stroke.titles is not None for stroke in self._strokes):
            self._apply()
        else:
            self._host.tasks.start(self._find(), key="choice")

    async def _find(self) -> None:
        """Read which titles the strokes mean."""
        for stroke in list(self._strokes):
            if stroke.titles is not None:
                continue
            try:
                stroke.titles = await self._found(stroke.spans)
            except Refused as error:
                if stroke in self._strokes:
                    self._strokes.remove(stroke)
                self._host.tell(error)
        if all(stroke.titles is not None for stroke in self._strokes):
            self._apply()

    def _apply(self) -> None:
        chosen = self._base
        for stroke in self._strokes:
            chosen = stroke.on(chosen)
        self._say(chosen, mark=True)

    def _say(self, chosen: Chosen, *, mark: bool) -> None:
        changed, self.titles = chosen != self.titles, chosen
        if mark:
            self._mark()
        if changed:
            self.told.emit()

    def _known(self, spans: list[Span]) -> Chosen | None:
        """The titles of rows, where those are here or all of the list is meant."""
        total = self._books.rowCount()
        if total > 1 and _rows(spans) >= total:
            return Chosen(every=True)
        if _rows(spans) > MOST_CHOSEN:
            return None
        ids: list[int] = []
        for first, last in spans:
            for number in range(first, last + 1):
                row = self._books.here(number)
                if row is None:
                    return None
                ids.append(row.id)
        return Chosen(frozenset(ids))

    async def _found(self, spans: list[Span]) -> Chosen:
        """The titles of rows, read; of very many those that are left out. Raises Refused("choice.many")."""
        if (known := self._known(spans)) is not None:
            return known
        total = self._books.rowCount()
        every = _rows(spans) > MOST_CHOSEN
        if every:
            ends = [(-1, -1), *sorted(spans), (total, total)]
            spans = [(one[1] + 1, other[0] - 1) for one, other in pairwise(ends) if other[0] - one[1] > 1]
        if _rows(spans) > MOST_CHOSEN:
            raise Refused("choice.many", limit=f"{MOST_CHOSEN:,}")
        ids: set[int] = set()
        for first, last in spans:
            ids |= set(await self._read_ids(first, last - first + 1))
        return Chosen(frozenset(ids), every=every)

    # What is seen of it

    def mark_again(self) -> None:
        """Mark what is about to be seen, after the list was scrolled or changed."""
        if self.several:
            self._mark()

    def _mark(self) -> None:
        """Mark the rows that are seen, and a few around them for whoever goes on by keys."""
        top, bottom = self.seen()
        marked = QItemSelection()
        around = range(max(top - AROUND, 0), min(bottom + AROUND + 1, self._books.rowCount()))
        rows = ((number, self._books.here(number, stale=True)) for number in around)
        for first, last in _runs(number for number, row in rows if row is not None and row.id in self.titles):
            marked.select(self._books.index(first, 0), self._books.index(last, self._books.columnCount() - 1))
        self._marking = True
        try:
            super().select(marked, Flag.ClearAndSelect | Flag.Rows)
        finally:
            self._marking = False


class ChoosingTable(ListTable):
    """The list, in which several rows are chosen at once."""

    choice: Choice
    _alone = False
    # The column in which a block of cells begins that goes to the current one.
    _block_from: int | None = None

    def take(self, choice: Choice) -> None:
        """Take what knows which titles are chosen."""
        self.choice = choice
        self.setSelectionMode(ListTable.SelectionMode.ExtendedSelection)
        self.setSelectionModel(choice)
        choice.seen = self._seen
        self.verticalScrollBar().valueChanged.connect(lambda _: choice.mark_again())

    def _seen(self) -> Span:
        height = self.rowHeight(0) or 1
        first = max(self.rowAt(0), 0)
        return first, first + self.viewport().height() // height

    def moveCursor(self, action: ListTable.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Home and End go to the first and the last row, in the same column."""
        ends = {ListTable.CursorAction.MoveHome: 0, ListTable.CursorAction.MoveEnd: self.model().rowCount() - 1}
        if (row := ends.get(action)) is not None and row >= 0:
            return self.model().index(row, max(self.currentIndex().column(), 0))
        return super().moveCursor(action, modifiers)

    def selectionCommand(self, index: QModelIndex | QPersistentModelIndex, event: QEvent | None = None) -> Flag:
        """What a key or the mouse chooses, and what the program does."""
        return Flag.ClearAndSelect | Flag.Rows if self._alone else super().selectionCommand(index, event)

    def setCurrentIndex(self, index: QModelIndex | QPersistentModelIndex) -> None:
        """Choose one row alone; Qt by itself would look which keys are held, such as Shift for a capital letter."""
        self._alone = True
        try:
            super().setCurrentIndex(index)
        finally:
            self._alone = False

    @property
    def block(self) -> list[int]:
        """The columns shown that are marked beside each other; none where it is but one."""
        if self._block_from is None:
            return []
        first, last = sorted((self._block_from, self.currentIndex().column()))
        shown = [column for column in range(first, last + 1) if not self.isColumnHidden(column)]
        return shown if len(shown) > 1 else []

    def widen(self, step: int) -> None:
        """Take a further column into the block, or give one back; the rows chosen stay so."""
        current = self.currentIndex()
        columns = self.model().columnCount()
        column = current.column() + step
        while 0 <= column < columns and self.isColumnHidden(column):
            column += step
        if current.isValid() and 0 <= column < columns:
            begun = current.column() if self._block_from is None else self._block_from
            self.stand_at(self.model().index(current.row(), column))
            self._block_from = begun
            self.viewport().update()

    def currentChanged(
        self, now: QModelIndex | QPersistentModelIndex, before: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Another column ends the block."""
        super().currentChanged(now, before)
        if self._block_from is not None and now.column() != before.column():
            self._block_from = None
            self.viewport().update()

    def stand_at(self, index: QModelIndex | QPersistentModelIndex) -> None:
        """Make a row the current one; where several are chosen they stay so."""
        if self.choice.several:
            self.choice.stay(lambda: self.setCurrentIndex(index))
        else:
            self.setCurrentIndex(index)


def _rows(*spans: Iterable[Span]) -> int:
    return sum(last - first + 1 for some in spans for first, last in some)


def _runs(numbers: Iterable[int]) -> Iterable[Span]:
    """Numbers that follow each other, from the first to the last of each run."""
    first = last = -2
    for number in sorted(numbers):
        if number == last + 1:
            last = number
            continue
        if last >= 0:
            yield first, last
        first = last = number
    if last >= 0:
        yield first, last
