"""Writing the rows of a file into the catalogue: many at once, without an object for each.

On PostgreSQL an act runs on the event loop between its statements; a unit of work of five hundred objects held it up
for a quarter of a second.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, null, select, union_all
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.isbn import BOOK_PREFIXES
from pos_app.domain.kinds import BookKind, StockReason
from pos_app.domain.search import book_keys
from pos_app.errors import Refused
from pos_app.exchange.csv_books import INSIDE
from pos_app.exchange.title import Notice
from pos_app.messages import sentence
from pos_app.models import Book, BookCode, Category, StockMovement, table
from pos_app.services.book_addition import Added, keep_additions, switched_off
from pos_app.services.book_history import begin_act, changed_rows, write_rows
from pos_app.services.book_import_codes import CodesGiven, named_goods, read_codes, write_codes
from pos_app.services.book_import_copies import CopiesTold, read_copies, write_copies
from pos_app.services.book_import_references import keep_references, with_isbns
from pos_app.services.book_import_row import NAMED, Copy, Fate, NewBook, RowFate
from pos_app.services.book_import_tried import Tried
from pos_app.services.bulk import insert_rows, listed, plan_anew, update_rows
from pos_app.services.category import new_category
from pos_app.services.right import Operator

# What a file may say of a title, and what stands where it says nothing of a new one.
BLANK: dict[str, Any] = {
    "title": "", "author": "", "price": 0, "cost": None, "publisher": None, "language": None, "format": None,
    "shelf": None, "series": None, "series_number": None, "published_on": None, "reorder_at": 0, "category_id": None,
    "active": True, "open_price": False, "kind": BookKind.BOOK, "tax_rate_id": None, "description": None,
    "availability": None, "subjects": None,
}  # fmt: skip
# What the database has nothing of its own for.
NEEDED = ("title", "author", "price")
FOLDED = ("title", "author", "publisher", "series")
NOT_HERE = "It is not in the catalogue."
PRICE_ASKED = "The file tells no price: the till will ask for it."
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
    key: str = ""
    # Whether it is a used copy that came with this file.
    copied: bool = False


@dataclass(slots=True)
class _Batch:
    """Rows on their way into the catalogue: the titles they tell of, and what is to be written in the history."""

    known: dict[str, _Title]
    codes: CodesGiven
    copies: CopiesTold
    categories: dict[str, Any]
    # Off sale since an import was taken back: taken in again, they are on sale again.
    back: set[int]
    keep_prices: bool
    history: list[dict[str, Any]] = field(default_factory=list)

    def take(self, row: NewBook) -> RowFate:
        """Take what a row says; gives what becomes of it."""
        title = self.known.get(row.key)
        if title is None and not row.can_be_new:
            return _not_there(row)
        subject = row.subject if row.subject in self.categories and _has_no_category(title) else None
        category = row.category or subject
        said = row.fields | ({"category_id": self.categories[category]} if category else {})
        original = self._original(row.copy) if row.copy is not None else None
        if row.copy is not None and (reason := self.copies.why_not(row.copy, title, original)):
            return RowFate(row.line, Fate.REFUSED, row.fields["title"], row.key, reason=reason)
        changes: list[tuple[str, Any, Any]] = []
        if title is None:
            # Else it would be sold for nothing, and nobody would notice.
            unpriced = "price" not in said and not said.get("open_price")
            fields = BLANK | _kind_of(row.isbn) | said | ({"open_price": True} if unpriced else {})
            title = self.known[row.key] = _Title(None, row.isbn or None, fields, keys=row.keys, key=row.key)
            if row.copy is not None:
                title.copied = True
                self.copies.new.append((title, original, row.copy))
            _, note = self.codes.give(title, row.codes)
            note = _joined(row.note, note, PRICE_ASKED if unpriced else "")
            fate = Fate.NEW
        else:
            changes, note = self._change(title, row, said)
            note = _joined(row.note, note, self.copies.note(row.copy, title) if row.copy is not None else "")
            done = Fate.OUT if row.notice is Notice.OUT else Fate.CHANGED
            fate = done if changes else Fate.UNCHANGED
        if row.stock is not None:
            title.counted = row.stock
        told = tuple(("category", None, category) if change[0] == "category_id" else change for change in changes)
        shown = (title.fields["title"], row.isbn or row.key.removeprefix(NAMED + title.fields["title"]))
        price = None if _is_unpriced(title.fields) else title.fields["price"]
        return RowFate(row.line, fate, *shown, price, told, note)

    def _original(self, copy: Copy) -> _Title | None:
        return self.known.get(copy.of) or self.known.get(NAMED + copy.of)

    def _change(self, title: _Title, row: NewBook, said: dict[str, Any]) -> tuple[list[tuple[str, Any, Any]], str]:
        """Take what a row says of a title that is there; gives field, old and new value, and what is to be noted."""
        if title.id in self.back and row.notice is not Notice.OUT:
            said = {"active": True} | said
        if said.get("price") and _is_unpriced(title.fields) and not self.keep_prices:
            said = {"open_price": False} | said
        changes = _changes(title, said, self.history, keep_prices=self.keep_prices)
        here = title.stock if title.counted is None else title.counted
        if row.stock is not None and row.stock != here:
            changes.append(("stock", here, row.stock))
        further, note = self.codes.give(title, row.codes)
        changes += [("code", None, code) for code in further]
        if title.id is not None:
            self.history += [one for code in further for one in changed_rows(0, title.id, {}, {"code": code})]
        return changes, note


@dataclass(frozen=True, slots=True)
class Storing:
    """What all rows of a file are stored under: who stores them, as which act, and with which tax where none is said.

    `act_id` is the act's number where an earlier batch made it: each question less is a way to the server less.
    """

    app: App
    operator: Operator | None
    act_uid: str
    tax_rate_id: int | None
    keep_prices: bool
    act_id: int | None = None


def store_rows(
    session: Session, under: Storing, batch: Sequence[NewBook | RowFate], tried: Tried | None = None
) -> list[RowFate]:
    """Write a batch inside an act, its changes into the history; gives what became of each row.

    With `tried` nothing is written: what would be is kept there, for the rows that follow. Raises
    Refused("import.no_tax_rate").
    """
    batch = with_isbns(session, batch, tried)
    rows = [row for row in batch if isinstance(row, NewBook)]
    copies = {row.copy.of for row in rows if row.copy is not None}
    keys = {row.key for row in rows} | copies | {NAMED + of for of in copies}
    known = _known(session, keys, named_goods(session, rows), locked=tried is None)
    if tried is not None:
        _recall(tried, known, keys)
    categories = _categories(session, set(_paths(rows, known)), made=tried is None)
    inactive = {title.id for title in known.values() if title.id and not title.fields["active"]}
    told = read_copies(session, {title.id for title in known.values() if title.id} if copies else ())
    codes, back = read_codes(session, rows), switched_off(session, inactive)
    under_way = _Batch(known, codes, told, categories, back, under.keep_prices)
    fates = [row if isinstance(row, RowFate) else under_way.take(row) for row in batch]
    titles = list({id(title): title for title in known.values()}.values())
    if under.tax_rate_id is None and any(title.id is None for title in titles):
        raise Refused("import.no_tax_rate")
    if tried is not None:
        _keep_tried(tried, titles)
    else:
        _write(session, under, under_way, titles)
    keep_references(session, batch, tried)
    return fates


def _write(session: Session, under: Storing, batch: _Batch, titles: Sequence[_Title]) -> None:
    operator, act_uid, act_id = under.operator, under.act_uid, under.act_id
    new = [title for title in titles if title.id is None]
    asked_for = [*batch.codes.given, *((original, title) for title, original, _ in batch.copies.new)]
    _insert(session, under, new, {id(title) for title, _ in asked_for})
    _update(session, [title for title in titles if title.changed])
    if batch.history:
        act_id = act_id or begin_act(session, operator, act_uid, "import")
        write_rows(session, [{**row, "act_id": act_id} for row in batch.history])
    write_codes(session, batch.codes)
    write_copies(session, batch.copies)
    moved = _move_stock(session, under, titles)
    keep_additions(session, operator, act_uid, "import", _added(new), moved, act_id)


def _keep_tried(tried: Tried, titles: Sequence[_Title]) -> None:
    kept = [title for title in titles if title.id is None or title.changed or title.counted is not None]
    states = {_key(title): (title.isbn or "", title.fields, title.stock, title.counted, title.copied) for title in kept}
    tried.keep(states)


def _added(titles: Sequence[_Title]) -> Added:
    """Of a good without an ISBN the number is known by now."""
    goods = [title.id for title in titles if title.id is not None and title.isbn is None]
    return Added([title.isbn for title in titles if title.isbn is not None], goods)


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


def _paths(rows: Sequence[NewBook], known: Mapping[str, _Title]) -> Iterator[str]:
    """The categories that rows put titles into, those of their subjects where these have none."""
    new = {row.key for row in rows if row.can_be_new}
    for row in rows:
        title = known.get(row.key)
        if title is None and row.key not in new:
            # It is not taken.
            continue
        if row.category:
            yield row.category
        elif row.subject and (row.can_be_new if title is None else _has_no_category(title)):
            yield row.subject


def _has_no_category(title: _Title | None) -> bool:
    """Whether a title may be put where its subject belongs: what the shop chose stays."""
    return title is None or title.fields["category_id"] is None


def _not_there(row: NewBook) -> RowFate:
    """Tell of a row that says too little for a new title: a sender's update is of others too, a table's row is meant.

    A shop that reads "unchanged" would take the title for one it has.
    """
    if row.notice is Notice.WHOLE:
        reason = sentence(Refused("import.no_title", isbn=row.isbn))
        return RowFate(row.line, Fate.REFUSED, row.isbn, row.isbn, reason=reason)
    return RowFate(row.line, Fate.UNCHANGED, row.fields.get("title", ""), row.isbn, reason=NOT_HERE)


def _joined(*notes: str) -> str:
    return " ".join(filter(None, notes))


def _is_unpriced(fields: Mapping[str, Any]) -> bool:
    return bool(fields["open_price"]) and not fields["price"]


def _kind_of(isbn: str) -> dict[str, Any]:
    """What a new title is where the file does not say: an EAN that is no ISBN stands on other goods."""
    return {} if isbn.startswith(BOOK_PREFIXES) else {"kind": BookKind.OTHER}


def _known(session: Session, isbns: set[str], goods: Mapping[str, int], *, locked: bool) -> dict[str, _Title]:
    """Give the titles there are by ISBN, by a further code or as named, locked in the order in which sales lock.

    What is read here is still so when it is written.
    """
    # Found first and locked then: asked for both at once, PostgreSQL walks the titles in their order to find them.
    ids, codes = find_titles(session, isbns)
    ids |= set(goods.values())
    if not ids:
        return {}
    reading = select(_B.id, _B.isbn, _B.stock, *(_B[name] for name in BLANK)).where(_B.id.in_(ids)).order_by(_B.id)
    found: dict[int, _Title] = {}
    for book_id, isbn, stock, *said in session.execute(reading.with_for_update() if locked else reading):
        found[book_id] = _Title(book_id, isbn, dict(zip(BLANK, said, strict=True)), stock)
    named = codes | dict(goods)
    by_code = {code: found[book_id] for code, book_id in named.items() if book_id in found}
    return by_code | {title.isbn: title for title in found.values() if title.isbn in isbns}


def find_titles(session: Session, isbns: Collection[str]) -> tuple[set[int], dict[str, int]]:
    """Give the ids of titles by ISBN or by a further code, and those of further codes by the code."""
    if not isbns:
        return set(), {}
    plan_anew(session)
    code = table(BookCode).c
    wanted = listed(session, isbns)
    by_isbn, by_code = select(null(), _B.id).where(_B.isbn == wanted), select(code.code, code.book_id)
    found = session.execute(union_all(by_isbn, by_code.where(code.code == wanted))).all()
    return {book_id for _, book_id in found}, {given: book_id for given, book_id in found if given is not None}


def lock_titles(session: Session, ids: Sequence[int]) -> None:
    """Keep titles from others until the transaction ends, in the order in which sales lock."""
    session.execute(select(_B.id).where(_B.id.in_(ids)).order_by(_B.id).with_for_update()).all()


def _recall(tried: Tried, known: dict[str, _Title], keys: set[str]) -> None:
    """Put titles as earlier rows of the file would have left them in the place of those that are stored."""
    titles = {_key(title): title for title in known.values()}
    for key, (isbn, fields, stock, counted, copied) in tried.recall({*titles, *(keys - known.keys())}).items():
        title = titles.get(key)
        if title is None:
            known[key] = _Title(None, isbn or None, fields, stock, counted, key=key, copied=copied)
        else:
            title.fields, title.counted = fields, counted


def _key(title: _Title) -> str:
    return title.key if title.id is None else f"id {title.id}"


def _insert(session: Session, under: Storing, titles: Sequence[_Title], asked_for: Collection[int]) -> None:
    """Write new titles; those counted and those asked for (`asked_for`, by their object's id) come to know their id."""
    if not titles:
        return
    # What all leave as it is where nothing is said is left to the database: most files tell little.
    told = {name for title in titles for name, value in title.fields.items() if value != BLANK[name]}
    names = [name for name in BLANK if name in told or name in NEEDED]
    rows = []
    for title in titles:
        row = {name: title.fields[name] for name in names} | (title.keys or _folded(title))
        row["tax_rate_id"] = title.fields["tax_rate_id"] or under.tax_rate_id
        row["isbn"] = title.isbn
        if title.isbn is None:
            # Nothing but its number tells one good without an ISBN from another.
            title.id = session.execute(insert(table(Book)).values(row).returning(_B.id)).scalar_one()
        else:
            rows.append(row)
    insert_rows(session, table(Book), rows)
    if counted := {title.isbn: title for title in titles if title.isbn and (title.counted or id(title) in asked_for)}:
        made = select(_B.id, _B.isbn).where(_B.isbn == listed(session, counted))
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


def _move_stock(session: Session, under: Storing, titles: Iterable[_Title]) -> dict[int, int]:
    """Set stock to what was counted; gives by how much which titles' moved."""
    moves = {
        title.id: title.counted - title.stock
        for title in titles
        if title.id is not None and title.counted is not None and title.counted != title.stock
    }
    if not moves:
        return moves
    ordered, operator = sorted(moves.items()), under.operator
    update_rows(session, table(Book), [{"id": book_id, "stock": by} for book_id, by in ordered], added=("stock",))
    insert_rows(
        session,
        table(StockMovement),
        [
            {
                "uid": under.app.ids.new(),
                "book_id": book_id,
                "delta": delta,
                "reason": StockReason.IMPORT,
                "user_id": operator.user_id if operator else None,
                "till_id": operator.till_id if operator else None,
            }
            for book_id, delta in ordered
        ],
    )
    return moves


def _categories(session: Session, paths: set[str], *, made: bool) -> dict[str, Any]:
    """The ids of categories by path; new ones are made, or stand for themselves where they are not to be.

    Those that are there stay where they are.
    """
    if not paths:
        return {}
    names = {name for path in paths for name in path.split(INSIDE)}
    column = table(Category).c
    known = select(column.name, column.id).where(column.name.in_(names)).order_by(column.id.desc())
    found: dict[str, Any] = dict(session.execute(known).all())
    ids: dict[str, Any] = {}
    # The longest first: what is told alone too is made inside of what it is told to be in.
    for path in sorted(paths, key=lambda path: (path.count(INSIDE), path), reverse=True):
        above = None
        for name in path.split(INSIDE):
            if name not in found:
                found[name] = new_category(session, name, above).id if made else name
            above = ids[path] = found[name]
    return ids
