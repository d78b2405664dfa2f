"""Writing the rows of a file into the catalogue: many at once, without an object for each.

On PostgreSQL an act runs on the event loop between its statements; a unit of work of five hundred objects held it up
for a quarter of a second.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import String, bindparam, insert, select, update, values
from sqlalchemy import column as sql_column
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.isbn import BOOK_PREFIXES
from pos_app.domain.kinds import BookKind, StockReason
from pos_app.domain.search import book_keys
from pos_app.errors import Refused
from pos_app.exchange.csv_books import INSIDE
from pos_app.exchange.title import Notice
from pos_app.models import Book, BookCode, Category, StockMovement, TaxRate, table
from pos_app.services.book_addition import Added, keep_additions, switched_off
from pos_app.services.book_history import begin_act, changed_rows, write_rows
from pos_app.services.book_import_codes import named_goods, read_codes, write_codes
from pos_app.services.book_import_row import NAMED, Fate, NewBook, RowFate
from pos_app.services.right import Operator
from pos_app.services.setting import shop_settings

# What a file may say of a title, and what stands where it says nothing of a new one.
BLANK: dict[str, Any] = {
    "title": "", "author": "", "price": 0, "cost": None, "publisher": None, "language": None, "format": None,
    "shelf": None, "series": None, "series_number": None, "published_on": None, "reorder_at": 0, "category_id": None,
    "active": True, "open_price": False, "kind": BookKind.BOOK, "tax_rate_id": None,
}  # fmt: skip
FOLDED = ("title", "author", "publisher", "series")
NOT_HERE = "It is not in the catalogue."
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
    keys: Mapping[str, str] | None = None


def store_rows(
    session: Session,
    app: App,
    operator: Operator | None,
    act_uid: str,
    batch: Sequence[NewBook | RowFate],
    *,
    keep_prices: bool,
) -> list[RowFate]:
    """Write a batch inside an act, its changes into the history under `act_uid`; gives what became of each row."""
    rows = [row for row in batch if isinstance(row, NewBook)]
    known = _known(session, {row.key for row in rows}, named_goods(session, rows))
    codes = read_codes(session, rows)
    categories = _categories(session, {row.category for row in rows if row.category})
    # Taken in again, what was taken back is on sale again.
    back = switched_off(session, {title.id for title in known.values() if title.id and not title.fields["active"]})
    fates: list[RowFate] = []
    history: list[dict[str, Any]] = []
    for row in batch:
        if isinstance(row, RowFate):
            fates.append(row)
            continue
        said = row.fields | ({"category_id": categories[row.category]} if row.category else {})
        title = known.get(row.key)
        if title is None and not row.can_be_new:
            fates.append(RowFate(row.line, Fate.UNCHANGED, row.fields.get("title", ""), row.isbn, reason=NOT_HERE))
            continue
        changes: list[tuple[str, Any, Any]] = []
        if title is None:
            title = known[row.key] = _Title(None, row.isbn or None, BLANK | _kind_of(row.isbn) | said, keys=row.keys)
            fate = Fate.NEW
            _, note = codes.give(title, row.codes)
        else:
            if title.id in back and row.notice is not Notice.OUT:
                said = {"active": True} | said
            changes = _changes(title, said, history, keep_prices=keep_prices)
            here = title.stock if title.counted is None else title.counted
            if row.stock is not None and row.stock != here:
                changes.append(("stock", here, row.stock))
            further, note = codes.give(title, row.codes)
            changes += [("code", None, code) for code in further]
            if title.id is not None:
                history += [one for code in further for one in changed_rows(0, title.id, {}, {"code": code})]
            done = Fate.OUT if row.notice is Notice.OUT else Fate.CHANGED
            fate = done if changes else Fate.UNCHANGED
        if row.stock is not None:
            title.counted = row.stock
        told = tuple(("category", None, row.category) if change[0] == "category_id" else change for change in changes)
        shown = (title.fields["title"], row.isbn or row.key.removeprefix(NAMED + title.fields["title"]))
        fates.append(RowFate(row.line, fate, *shown, title.fields["price"], told, note))
    titles = list({id(title): title for title in known.values()}.values())
    new = [title for title in titles if title.id is None]
    _insert(session, new, {id(title) for title, _ in codes.given})
    _update(session, [title for title in titles if title.changed])
    if history:
        act_id = begin_act(session, operator, act_uid, "import")
        write_rows(session, [{**row, "act_id": act_id} for row in history])
    write_codes(session, codes)
    moved = _move_stock(session, app, operator, titles)
    keep_additions(session, operator, act_uid, "import", _added(new), moved)
    return fates


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


def _kind_of(isbn: str) -> dict[str, Any]:
    """What a new title is where the file does not say: an EAN that is no ISBN stands on other goods."""
    return {} if isbn.startswith(BOOK_PREFIXES) else {"kind": BookKind.OTHER}


def _known(session: Session, isbns: set[str], goods: Mapping[str, int]) -> dict[str, _Title]:
    """Give the titles there are by ISBN, by a further code or as named, locked in the order in which sales lock.

    What is read here is still so when it is written.
    """
    if not isbns:
        return {}
    # Joined to a list of its own: of a long IN, PostgreSQL's stored plan compares each title with each of its values.
    wanted = values(sql_column("isbn", String), name="wanted").data([(isbn,) for isbn in isbns]).cte()
    code = table(BookCode).c
    further = select(code.code, code.book_id).join(wanted, wanted.c.isbn == code.code)
    codes: dict[str, int] = dict(session.execute(further).all())
    # Found first and locked then: asked for both at once, PostgreSQL walks the titles in their order to find them.
    ids = {*session.scalars(select(_B.id).join(wanted, wanted.c.isbn == _B.isbn)), *codes.values(), *goods.values()}
    if not ids:
        return {}
    reading = select(_B.id, _B.isbn, _B.stock, *(_B[name] for name in BLANK)).where(_B.id.in_(ids))
    found: dict[int, _Title] = {}
    for book_id, isbn, stock, *said in session.execute(reading.order_by(_B.id).with_for_update()):
        found[book_id] = _Title(book_id, isbn, dict(zip(BLANK, said, strict=True)), stock)
    named = codes | dict(goods)
    by_code = {code: found[book_id] for code, book_id in named.items() if book_id in found}
    return by_code | {title.isbn: title for title in found.values() if title.isbn in isbns}


def _insert(session: Session, titles: Sequence[_Title], coded: Collection[int]) -> None:
    """Write new titles; those counted, and those with codes (`coded`, by their object's id), come to know their id."""
    if not titles:
        return
    tax_rate_id = _default_tax_rate(session)
    same = {"stock": 0, "reserved": 0, "sold_count": 0, "version": 1}
    for title in titles:
        title.fields["tax_rate_id"] = title.fields["tax_rate_id"] or tax_rate_id
    rows = {
        id(title): {"isbn": title.isbn, **title.fields, **(title.keys or _folded(title)), **same} for title in titles
    }
    # Nothing but its number tells one good without an ISBN from another.
    for title in titles:
        if title.isbn is None:
            title.id = session.execute(insert(table(Book)).values(rows.pop(id(title))).returning(_B.id)).scalar_one()
    if rows:
        session.execute(insert(table(Book)), list(rows.values()))
    if counted := {title.isbn: title for title in titles if title.isbn and (title.counted or id(title) in coded)}:
        for book_id, isbn in session.execute(select(_B.id, _B.isbn).where(_B.isbn.in_(counted))):
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
            rows.append({"of_id": title.id} | {f"new_{name}": value for name, value in values.items()})
        written: dict[str, Any] = {name.removeprefix("new_"): bindparam(name) for name in rows[0] if name != "of_id"}
        changing = update(table(Book)).where(_B.id == bindparam("of_id")).values(**written, version=_B.version + 1)
        session.connection().execute(changing, rows)


def _move_stock(session: Session, app: App, operator: Operator | None, titles: Iterable[_Title]) -> dict[int, int]:
    """Set stock to what was counted; gives by how much which titles' moved."""
    moves = {
        title.id: title.counted - title.stock
        for title in titles
        if title.id is not None and title.counted is not None and title.counted != title.stock
    }
    if not moves:
        return moves
    moving = update(table(Book)).where(_B.id == bindparam("of_id")).values(stock=_B.stock + bindparam("by"))
    ordered = sorted(moves.items())
    session.connection().execute(moving, [{"of_id": book_id, "by": delta} for book_id, delta in ordered])
    session.execute(
        insert(table(StockMovement)),
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
    return moves


def _categories(session: Session, paths: set[str]) -> dict[str, int]:
    """The ids of categories by path; new ones are made, and those that are there stay where they are."""
    if not paths:
        return {}
    names = {name for path in paths for name in path.split(INSIDE)}
    known = select(Category.name, Category.id).where(Category.name.in_(names))
    found: dict[str, int] = dict(session.execute(known).all())
    ids: dict[str, int] = {}
    # The longest first: what is told alone too is made inside of what it is told to be in.
    for path in sorted(paths, key=lambda path: (path.count(INSIDE), path), reverse=True):
        above = None
        for name in path.split(INSIDE):
            if name not in found:
                made = Category(name=name, parent_id=above)
                session.add(made)
                session.flush()
                found[name] = made.id
            above = ids[path] = found[name]
    return ids


def _default_tax_rate(session: Session) -> int:
    """The shop's choice, else its lowest rate: books are taxed least where rates differ."""
    chosen = shop_settings(session).default_tax_rate_id
    if chosen is not None and session.get(TaxRate, chosen) is not None:
        return chosen
    lowest = session.scalar(select(TaxRate.id).where(TaxRate.active).order_by(TaxRate.rate, TaxRate.id).limit(1))
    if lowest is None:
        raise Refused("import.no_tax_rate")
    return lowest
