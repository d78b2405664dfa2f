"""Finding customers among a hundred thousand by whatever part of them is typed, inside an act."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, case, column, false, func, literal_column, or_, select
from sqlalchemy import table as sql_table
from sqlalchemy.orm import Session

from pos_app.domain.search import fold, grams, is_storable, sort_key
from pos_app.models import Customer, table

LIMIT = 20
MAX_QUERY, MAX_WORDS = 100, 8
SHORTEST_NUMBER = 3
# A whole card, address or number of so many signs is meant as that and nothing else.
CERTAIN_LENGTH = 6
# So many hits inside an address, a card or a number tell nobody anything; the first of them are shown.
FEW = 500
# So many hits of the index are read; more are met in the order of names before long.
MANY = 2_000
# Fewer digits tell too little to call two people the same.
TELLING_DIGITS = 6
# Numbers of the same line differ in front: 07700 900123 is +44 7700 900123.
LINE_DIGITS = 9
PHONE_LIKE = re.compile(r"\+?[\d\s()/.-]+")
_PHONE_SIGNS = " -()/.+"
# The highest code point: every key that starts with a prefix sorts below the prefix and this.
_AFTER = "\U0010ffff"
_C = table(Customer).c


def found_ids(session: Session, text: str, limit: int) -> list[int]:
    """Give the ids a text finds, the best first, each once; an empty text finds none."""
    text = text.strip()[:MAX_QUERY]
    if not text or not is_storable(text):
        return []
    found: dict[int, None] = {}
    for query, certain in _ways(session, text):
        found |= dict.fromkeys(session.scalars(query.limit(limit)))
        if len(found) >= limit or (found and certain):
            break
    if not found and fold(text):
        # Address and notes last: what is said of oneself at the counter is a name, a number or a card.
        anywhere = select(_C.id).where(_C.active, *holding(session, text))
        found = dict.fromkeys(session.scalars(anywhere.order_by(_C.name_key, _C.id).limit(limit)))
    return list(found)[:limit]


def alike_ids(session: Session, name: str, phone: str, email: str) -> list[int]:
    """Give the ids of who may be the same person: same number, same address, same words in the name."""
    found: dict[int, None] = {}
    people = select(_C.id, _C.name_key).where(_C.active).order_by(_C.id).limit(LIMIT)
    digits, email = digits_of(phone), email.strip()
    if len(digits) >= TELLING_DIGITS:
        same_line = _on_line(_line(digits), session.get_bind().dialect.name)
        found |= dict.fromkeys(session.scalars(people.where(same_line)))
    if "@" in email and is_storable(email):
        found |= dict.fromkeys(session.scalars(people.where(func.lower(_C.email) == email.lower())))
    words = fold(name).split()[:MAX_WORDS]
    if len(words) == 1:
        found |= dict.fromkeys(session.scalars(people.where(_C.name_key == sort_key(name))))
    elif words:
        rows = session.execute(people.where(*_having(words, "% {}%")))
        found |= {row.id: None for row in rows if sorted(row.name_key.split()) == sorted(words)}
    return list(found)[:LIMIT]


def digits_of(text: str) -> str:
    """Give a text's digits alone."""
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())


def bare_card(code: str) -> str:
    """Give a card's code as it is stored: without spaces, in capitals."""
    return "".join(code.split()).upper()


def _ways(session: Session, text: str) -> Iterator[tuple[Select[Any], bool]]:
    """The ways to look for a text, the most telling first, each with whether what it finds is surely meant.

    Each is asked only while there is room for more.
    """
    dialect = session.get_bind().dialect.name
    by_name = (_C.name_key, _C.id)
    people = select(_C.id).where(_C.active).order_by(*by_name)
    whole = or_(_C.card.in_({text, bare_card(text)}), _C.email.in_({text, text.lower()}))
    yield people.where(_some(whole)), len(text) >= CERTAIN_LENGTH
    digits = digits_of(text)
    is_number = len(digits) >= SHORTEST_NUMBER and bool(PHONE_LIKE.fullmatch(text))
    if is_number:
        first = case((stored_digits(dialect) == digits, 0), else_=1)
        on_line = _on_line(_line(digits), dialect)
        by_phone = select(_C.id).where(_C.active, *_few(session, [_line(digits)]), on_line).order_by(first, *by_name)
        yield by_phone, len(digits) >= CERTAIN_LENGTH
    words = fold(text).split()[:MAX_WORDS]
    # What all the words are part of is looked through; without the index that is everybody.
    people = people.where(*_few(session, words))
    if words and not (is_number and len(digits) >= CERTAIN_LENGTH):
        start = " ".join(words)
        yield people.where(_C.name_key >= start, _C.name_key < start + _AFTER), False
        yield people.where(*_having(words, "% {}%")), False
        yield people.where(*_having(words, "%{}%")), False
    if not re.search(r"\s", text):
        yield people.where(_some(_holds(_C.card, bare_card(text), dialect))), False
        yield people.where(_some(_holds(func.lower(_C.email), text.lower(), dialect))), False


def holding(session: Session, text: str) -> list[ColumnElement[bool]]:
    """Customers of whom every word of a text is part of anything kept, or whose number has its digits, inside an act.

    The index of parts gives few of them at once. Where it gives many, they are soon met in the order of names.
    """
    dialect = session.get_bind().dialect.name
    digits = digits_of(text)
    if len(digits) >= SHORTEST_NUMBER and PHONE_LIKE.fullmatch(text):
        words = [_line(digits)]
    else:
        words = fold(text).split()[:MAX_WORDS]
    kept = _C.name_key + " " + _C.search_text
    conditions = [_holds(kept, word, dialect) for word in words]
    return [*_few(session, words), *conditions] if conditions else [false()]


def _few(session: Session, words: list[str]) -> list[ColumnElement[bool]]:
    """The condition that a customer is among the few of whom all words are part, where the index gives few."""
    parts = grams(" ".join(words))
    if not parts:
        return []
    some = list(session.scalars(_indexed(parts, session.get_bind().dialect.name)))
    return [_C.id.in_(some)] if len(some) <= MANY else []


def _indexed(parts: list[str], dialect: str) -> Select[Any]:
    """The first ids under which all parts stand in the index."""
    if dialect == "postgresql":
        indexed = func.to_tsvector(literal_column("'simple'::regconfig"), _C.search_grams)
        asked = func.to_tsquery(literal_column("'simple'::regconfig"), " & ".join(parts))
        return select(_C.id).where(indexed.op("@@")(asked)).limit(MANY + 1)
    hits = sql_table("customers_fts", column("rowid"), column("customers_fts"))
    wanted = " AND ".join(f'"{part}"' for part in parts)
    return select(hits.c.rowid).where(hits.c.customers_fts.op("MATCH")(wanted)).limit(MANY + 1)


def _having(words: Iterable[str], pattern: str) -> list[ColumnElement[bool]]:
    """Names with all words somewhere; folded words hold no sign that a pattern knows."""
    return [(" " + _C.name_key).like(pattern.format(word)) for word in words]


def _line(digits: str) -> str:
    """What a number's forms have in common: without the country's and the trunk's digits in front."""
    return digits[-LINE_DIGITS:] if len(digits) > LINE_DIGITS else digits.lstrip("0") or digits


def _on_line(line: str, dialect: str) -> ColumnElement[bool]:
    """Numbers with these digits in a row: a cheap look for them in their order spares most rows the careful one."""
    return _some(_C.phone.like(f"%{'%'.join(line)}%"), _holds(stored_digits(dialect), line, dialect))


def _some(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """The first rows that meet conditions on one column, read off its index: in the order of names would be slow."""
    return _C.id.in_(select(_C.id).where(*conditions).limit(FEW).correlate(None))


def _holds(column: ColumnElement[Any], part: str, dialect: str) -> ColumnElement[bool]:
    """Whether a text holds another as it is; twice as fast as a pattern, and no sign of it means anything."""
    return (func.strpos(column, part) if dialect == "postgresql" else func.instr(column, part)) > 0


def stored_digits(dialect: str) -> ColumnElement[str]:
    """A stored number without the signs people write between its digits."""
    if dialect == "postgresql":
        return func.translate(_C.phone, _PHONE_SIGNS, "", type_=_C.phone.type)
    number: ColumnElement[Any] = _C.phone
    for sign in _PHONE_SIGNS:
        number = func.replace(number, sign, "", type_=_C.phone.type)
    return number
