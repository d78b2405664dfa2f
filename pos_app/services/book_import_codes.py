"""Further barcodes that a file gives titles, and goods that have no ISBN: known by a barcode, else by their name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from pos_app.models import Book, BookCode, table
from pos_app.services.book_import_row import NAMED, NewBook

LEFT_OUT = "Barcode {code} is another title's and is left out."


def named_goods(session: Session, rows: Iterable[NewBook]) -> dict[str, int]:
    """Give the goods there are without an ISBN that rows know by their name only; of several the first."""
    names: dict[str, str] = {}
    for row in rows:
        if row.key.startswith(NAMED):
            names[row.key] = row.fields["title"]
        if row.copy is not None:
            names[NAMED + row.copy.of] = row.copy.of
    if not names:
        return {}
    query = select(Book.title, func.min(Book.id)).where(Book.isbn.is_(None), Book.title.in_(names.values()))
    found: dict[str, int] = dict(session.execute(query.group_by(Book.title)).all())
    return {key: found[name] for key, name in names.items() if name in found}


@dataclass(slots=True)
class CodesGiven:
    """The codes of a batch: whose they are, and which titles get which."""

    owners: dict[str, object] = field(default_factory=dict)
    given: list[tuple[Any, str]] = field(default_factory=list)

    def give(self, title: Any, codes: Sequence[str]) -> tuple[list[str], str]:
        """Give a title codes; tells those that are new to it, and what to say of those that are another's.

        A title is what has an `id`, which is None before it is stored.
        """
        new: list[str] = []
        note = ""
        for code in codes:
            owner = self.owners.get(code)
            if owner is None:
                self.owners[code] = title
                self.given.append((title, code))
                new.append(code)
            elif owner is not title and owner != title.id:
                note = LEFT_OUT.format(code=code)
        return new, note


def read_codes(session: Session, rows: Iterable[NewBook]) -> CodesGiven:
    """Read whose the codes of some rows are."""
    codes = {code for row in rows for code in row.codes}
    owners: dict[str, object] = {}
    if codes:
        own = select(Book.isbn, Book.id).where(Book.isbn.in_(codes))
        further = select(BookCode.code, BookCode.book_id).where(BookCode.code.in_(codes))
        owners = {code: book_id for query in (own, further) for code, book_id in session.execute(query) if code}
    return CodesGiven(owners)


def write_codes(session: Session, codes: CodesGiven) -> None:
    """Write the codes given, once their titles are stored."""
    if codes.given:
        session.execute(insert(table(BookCode)), [{"book_id": title.id, "code": code} for title, code in codes.given])
