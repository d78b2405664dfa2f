"""Which title a record means that tells no ISBN: one that an earlier record of the same reference told."""

import re
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.domain.isbn import try_isbn13
from pos_app.errors import Refused
from pos_app.messages import sentence
from pos_app.models import RecordReference, table
from pos_app.services.book_import_row import Fate, NewBook, RowFate
from pos_app.services.book_import_tried import Tried
from pos_app.services.bulk import insert_rows, listed

LONGEST = 100
# Most senders call a record by its ISBN, with their own name in front.
_WITHIN = re.compile(r"(?<![0-9])97[89][0-9]{10}(?![0-9])")


def with_isbns(session: Session, batch: Sequence[NewBook | RowFate], tried: Tried | None) -> list[NewBook | RowFate]:
    """Give a batch with the ISBNs of the records that only a reference tells; those it does not are refused."""
    asked = {row.reference for row in batch if isinstance(row, NewBook) and _is_asked(row)}
    if not asked:
        return list(batch)
    known = _stored(session, asked) | (tried.recall_references(asked) if tried is not None else {})
    told: list[NewBook | RowFate] = []
    for row in batch:
        if isinstance(row, RowFate) or not row.reference:
            told.append(row)
        elif not _is_asked(row):
            known[row.reference] = row.isbn
            told.append(row)
        elif isbn := known.get(row.reference) or _isbn_within(row.reference):
            told.append(replace(row, isbn=isbn))
        else:
            reason = sentence(Refused("import.reference", reference=row.reference[:LONGEST]))
            told.append(RowFate(row.line, Fate.REFUSED, row.fields.get("title", ""), reason=reason))
    return told


def keep_references(session: Session, batch: Sequence[NewBook | RowFate], tried: Tried | None) -> None:
    """Keep by which references records called their titles, as far as those do not hold the ISBN."""
    told = {
        row.reference: row.isbn
        for row in batch
        if isinstance(row, NewBook) and row.isbn and 0 < len(row.reference) <= LONGEST and row.isbn not in row.reference
    }
    if not told:
        return
    if tried is not None:
        tried.keep_references(told)
        return
    known = _stored(session, told)
    new = [{"reference": name, "isbn": isbn} for name, isbn in told.items() if known.get(name) != isbn]
    insert_rows(session, table(RecordReference), new)


def _is_asked(row: NewBook) -> bool:
    return bool(row.reference) and not row.isbn


def _stored(session: Session, references: set[str] | dict[str, str]) -> dict[str, str]:
    column = table(RecordReference).c
    query = select(column.reference, column.isbn).where(column.reference == listed(session, references))
    # The last that was told counts.
    return dict(session.execute(query.order_by(column.id)).all())


def _isbn_within(reference: str) -> str | None:
    found = _WITHIN.search(reference)
    return try_isbn13(found[0]) if found else None
