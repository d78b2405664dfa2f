"""Writing the rows of a file into the catalogue: many at once, without an object for each.

On PostgreSQL an act runs on the event loop between its statements; a unit of work of five hundred objects held it up
for a quarter of a second.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.kinds import BookKind, StockReason
from pos_app.domain.search import book_keys
from pos_app.errors import Refused
from pos_app.models import Book, BookCode, Category, StockMovement, TaxRate, table
from pos_app.services.book_history import begin_act, changed_rows, write_rows
from pos_app.services.book_import_row import Fate, NewBook, RowFate
from pos_app.services.book_import_tried import Tried
from pos_app.services.bulk import insert_rows, listed, update_rows
from pos_app.services.right import Operator
from pos_app.services.setting import shop_settings

# What a file may say of a title, and what stands where it says nothing of a new one.
BLANK: dict[str, Any] = {
    "title": "", "author": "", "price": 0, "cost": None, "publisher": None, "language": None, "format": None,
    "shelf": None, "series": None, "series_number": None, "published_on": None, "reorder_at": 0, "category_id": None,
}  # fmt: skip
FOLDED = ("title", "author", "publisher", "series")
_B = table(Book).c


@dataclass(slots=True)
class _Title:
    """A title as it will be: `id` is None for a new one, `counted` what the file says of its stock."""

    id: int | None
    isbn: str | None
    fields: dict[str, Any]
    stock: int = 0
    counted: int | None = None
    changed: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, str] | None = None


def store_rows(
    session: Session,
    app: App,
    operator: Operator | None,
    act_uid: str,
    batch: Sequence[NewBook | RowFate],
    *,
    keep_prices: bool,
    tried: Tried | None = None,
) -> list[RowFate]:
    """Write a batch inside an act, its changes into the history under `act_uid`; gives what became of each row.

    With `tried` nothing is written: what would be is kept there, for the rows that follow.
    """
    rows = [row for row in batch if isinstance(row, NewBook)]
    known = _known(session, {row.isbn for row in rows}, locked=tried is None)
    if tried is not None:
        _recall(tried, known, {row.isbn for row in rows})
    categories = _categories(session, {row.category for row in rows if row.category}, made=tried is None)
    fates: list[RowFate] = []
    history: list[dict[str, Any]] = []
    for row in batch:
        if isinstance(row, RowFate):
            fates.append(row)
            continue
        said = row.fields | ({"category_id": categories[row.category]} if row.category else {})
        title = known.get(row.isbn)
        changes: list[tuple[str, Any, Any]] = []
        if title is None:
            title = known[row.isbn] = _Title(None, row.isbn, BLANK | said, keys=row.keys)
            fate = Fate.NEW
        else:
            changes = _changes(title, said, history, keep_prices=keep_prices)
            here = title.stock if title.counted is None else title.counted
            if row.stock is not None and row.stock != here:
                changes.append(("stock", here, row.stock))
            fate = Fate.CHANGED if changes else Fate.UNCHANGED
        if row.stock is not None:
            title.counted = row.stock
        told = tuple(("category", None, row.category) if change[0] == "category_id" else change for change in changes)
        fates.append(RowFate(row.line, fate, title.fields["title"], row.isbn, title.fields["price"], told))
    titles = list({id(title): title for title in known.values()}.values())
    new = [title for title in titles if title.id is None]
    if tried is not None:
        if new:
            _default_tax_rate(session)
        kept = [title for title in titles if title.id is None or title.changed or title.counted is not None]
        tried.keep({_key(title): (title.isbn or "", title.fields, title.stock, title.counted) for title in kept})
        return fates
    _insert(session, new)
    _update(session, [title for title in titles if title.changed])
    if history:
        act_id = begin_act(session, operator, act_uid, "import")
        write_rows(session, [{**row, "act_id": act_id} for row in history])
    _move_stock(session, app, operator, titles)
    return fates


def _changes(
    title: _Title, said: Mapping[str, Any], history: list[dict[str, Any]], *, keep_prices: bool
) -> list[tuple[str, Any, Any]]:
    """Take what a row says of a title that is there; gives field, old and new value."""
    changes = [
        (name, title.fields[name], value)
        for name, value in said.items()
        if title.fields[name] != value and not (keep_prices and name == "price")
    ]
    new = {name: value for name, _, value in changes}
    if title.id is not None:
        history += changed_rows(0, title.id, {name: old for name, old, _ in changes}, new)
        title.changed |= new
    elif new:
        title.keys = None
    title.fields |= new
    return changes


def _known(session: Session, isbns: set[str], *, locked: bool) -> dict[str, _Title]:
    """Give the titles there are by ISBN or by a further code, locked in the order in which sales lock.

    What is read here is still so when it is written.
    """
    # Found first and locked then: asked for both at once, PostgreSQL walks the titles in their order to find them.
    ids, codes = find_titles(session, isbns)
    if not ids:
        return {}
    reading = select(_B.id, _B.isbn, _B.stock, *(_B[name] for name in BLANK)).where(_B.id.in_(ids)).order_by(_B.id)
    found: dict[int, _Title] = {}
    for book_id, isbn, stock, *said in session.execute(reading.with_for_update() if locked else reading):
        found[book_id] = _Title(book_id, isbn, dict(zip(BLANK, said, strict=True)), stock)
    by_code = {code: found[book_id] for code, book_id in codes.items() if book_id in found}
    return by_code | {title.isbn: title for title in found.values() if title.isbn in isbns}


def find_titles(session: Session, isbns: Collection[str]) -> tuple[set[int], dict[str, int]]:
    """Give the ids of titles by ISBN or by a further code, and those of further codes by the code."""
    if not isbns:
        return set(), {}
    code = table(BookCode).c
    wanted = listed(session, isbns)
    codes: dict[str, int] = dict(session.execute(select(code.code, code.book_id).where(code.code == wanted)).all())
    return {*session.scalars(select(_B.id).where(_B.isbn == wanted)), *codes.values()}, codes


def lock_titles(session: Session, ids: Sequence[int]) -> None:
    """Keep titles from others until the transaction ends, in the order in which sales lock."""
    session.execute(select(_B.id).where(_B.id.in_(ids)).order_by(_B.id).with_for_update()).all()


def _recall(tried: Tried, known: dict[str, _Title], isbns: set[str]) -> None:
    """Put titles as earlier rows of the file would have left them in the place of those that are stored."""
    titles = {_key(title): title for title in known.values()}
    for key, (isbn, fields, stock, counted) in tried.recall({*titles, *(isbns - known.keys())}).items():
        title = titles.get(key)
        if title is None:
            known[isbn] = _Title(None, isbn, fields, stock, counted)
        else:
            title.fields, title.counted = fields, counted


def _key(title: _Title) -> str:
    return title.isbn or "" if title.id is None else f"id {title.id}"


def _insert(session: Session, titles: Sequence[_Title]) -> None:
    if not titles:
        return
    tax_rate_id = _default_tax_rate(session)
    same = {"stock": 0, "tax_rate_id": tax_rate_id, "kind": BookKind.BOOK, "active": True, "open_price": False}
    same |= {"reserved": 0, "sold_count": 0, "version": 1}
    # Columns that would be empty all the way down are left out: most files tell little.
    names = [name for name, blank in BLANK.items() if blank is not None or any(title.fields[name] for title in titles)]
    rows = []
    for title in titles:
        said = {name: title.fields[name] for name in names}
        rows.append({"isbn": title.isbn, **said, **(title.keys or _folded(title)), **same})
    insert_rows(session, table(Book), rows)
    if counted := {title.isbn: title for title in titles if title.counted}:
        made = select(_B.id, _B.isbn).where(_B.isbn == listed(session, [isbn for isbn in counted if isbn]))
        for book_id, isbn in session.execute(made):
            counted[isbn].id = book_id


def _folded(title: _Title) -> dict[str, str]:
    return book_keys(*(title.fields[name] for name in FOLDED))


def _update(session: Session, titles: Iterable[_Title]) -> None:
    """Write what changed; titles in which the same fields did go together, in the order in which sales lock."""
    together: dict[frozenset[str], list[_Title]] = defaultdict(list)
    for title in titles:
        together[frozenset(title.changed)].append(title)
    for names, group in together.items():
        rows = []
        for title in group:
            values = title.changed | (_folded(title) if not names.isdisjoint(FOLDED) else {})
            rows.append({"id": title.id, "version": 1, **{name: values[name] for name in sorted(values)}})
        update_rows(session, table(Book), rows, added=("version",))


def _move_stock(session: Session, app: App, operator: Operator | None, titles: Iterable[_Title]) -> None:
    moves = {
        title.id: title.counted - title.stock
        for title in titles
        if title.id is not None and title.counted is not None and title.counted != title.stock
    }
    if not moves:
        return
    ordered = sorted(moves.items())
    update_rows(session, table(Book), [{"id": book_id, "stock": by} for book_id, by in ordered], added=("stock",))
    insert_rows(
        session,
        table(StockMovement),
        [
            {
                "uid": app.ids.new(),
                "book_id": book_id,
                "delta": delta,
                "reason": StockReason.IMPORT,
                "user_id": operator.user_id if operator else None,
                "till_id": operator.till_id if operator else None,
            }
            for book_id, delta in ordered
        ],
    )


def _categories(session: Session, names: set[str], *, made: bool) -> dict[str, Any]:
    """The ids of categories by name; new ones are made, or stand for themselves where they are not to be."""
    if not names:
        return {}
    column = table(Category).c
    found: dict[str, Any] = dict(
        session.execute(select(column.name, column.id).where(column.name.in_(names)).order_by(column.id.desc())).all()
    )
    for name in sorted(names - found.keys()):
        found[name] = name
        if made:
            category = Category(name=name)
            session.add(category)
            session.flush()
            found[name] = category.id
    return found


def _default_tax_rate(session: Session) -> int:
    """The shop's choice, else its lowest rate: books are taxed least where rates differ."""
    chosen = shop_settings(session).default_tax_rate_id
    if chosen is not None and session.get(TaxRate, chosen) is not None:
        return chosen
    lowest = session.scalar(select(TaxRate.id).where(TaxRate.active).order_by(TaxRate.rate, TaxRate.id).limit(1))
    if lowest is None:
        raise Refused("import.no_tax_rate")
    return lowest
