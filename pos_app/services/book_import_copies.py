"""Used copies in a file: titles of their own, that stay copies of the title they are told to be of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from pos_app.domain.kinds import BookKind
from pos_app.domain.used import Grade
from pos_app.models import UsedCopy, table
from pos_app.services.book_import_row import Copy

NOT_HERE = "The title it is a used copy of ({of}) is not in the catalogue. Take the file in again once it is."
OF_COPY = "A used copy has no used copies."
OF_SERVICE = "A service has no used copies."
OF_ANOTHER = "Its code is that of something else, which is no such copy."
NOTE_KEPT = "The note on a used copy that is there stays as it is."


@dataclass(slots=True)
class CopiesTold:
    """The used copies there are among some titles, and those that a batch adds."""

    # By number: the title a copy is of, its grade and its note.
    stored: dict[int, tuple[int, Grade, str | None]]
    new: list[tuple[Any, Any, Copy]] = field(default_factory=list)

    def why_not(self, copy: Copy, title: Any, original: Any) -> str:
        """Say why something cannot be a used copy; "" where it can. `title` is None for what is not there yet."""
        if original is None:
            return NOT_HERE.format(of=copy.of[:80])
        if original.copied or original.id in self.stored:
            return OF_COPY
        if original.fields["kind"] == BookKind.SERVICE:
            return OF_SERVICE
        if title is None or title.id is None:
            return OF_ANOTHER if title is not None and not title.copied else ""
        known = self.stored.get(title.id)
        return "" if known is not None and known[:2] == (original.id, copy.grade) else OF_ANOTHER

    def note(self, copy: Copy, title: Any) -> str:
        """Say what of a copy that is there is not taken."""
        known = self.stored.get(title.id)
        return NOTE_KEPT if known is not None and known[2] != copy.note else ""


def read_copies(session: Session, ids: Iterable[int]) -> CopiesTold:
    """Read which of some titles are used copies."""
    column = table(UsedCopy).c
    found = select(column.book_id, column.copy_of_id, column.grade, column.note)
    rows = session.execute(found.where(column.book_id.in_(list(ids)))) if ids else ()
    return CopiesTold({book_id: (of, Grade(grade), note) for book_id, of, grade, note in rows})


def write_copies(session: Session, copies: CopiesTold) -> None:
    """Write down what new titles are copies of, once both are stored."""
    rows = [
        {"book_id": title.id, "copy_of_id": original.id, "grade": copy.grade, "note": copy.note}
        for title, original, copy in copies.new
    ]
    if rows:
        session.execute(insert(table(UsedCopy)), rows)
