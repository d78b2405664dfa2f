"""The subjects that titles have: which are in use, and how many titles each has."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.search import fold
from pos_app.domain.subject import SCHEMES, below, read_subject
from pos_app.domain.subject_name import NAMES
from pos_app.models import BookSubject, table

# Of each subject so many titles are counted: nothing offered is counted through.
MOST_COUNTED = 500
MOST_CODES = 2 * MOST_COUNTED
OFFERED = 20
BISAC = ("10:", "11:", "22:")
_code: ColumnElement[str] = table(BookSubject).c.subject


@dataclass(frozen=True, slots=True)
class SubjectInUse:
    """A subject as it is kept ("93:FF"), and how many titles have it or a narrower one: `MOST_COUNTED` + 1 for more."""

    subject: str
    titles: int


async def list_subjects(app: App, typed: str = "", limit: int = OFFERED) -> list[SubjectInUse]:
    """Give subjects in use: the broad ones, those below a code that is typed, or those whose words are typed."""

    def act(session: Session) -> list[SubjectInUse]:
        return [SubjectInUse(subject, _count(session, subject)) for subject in _offered(session, typed.strip(), limit)]

    return await app.db.read(act)


def _offered(session: Session, typed: str, limit: int) -> list[str]:
    if not typed:
        return _broad(session, limit)
    found: list[str] = []
    asked = read_subject(typed)
    if asked is not None and (first := _next(session, asked)) is not None and first < below(asked)[1]:
        found += [asked, *(one for one in _narrower(session, asked, limit) if one != asked)]
    if found:
        return found[:limit]
    words = fold(typed)
    for scheme, names in NAMES.items():
        named = [f"{scheme}:{code}" for code, name in names.items() if words in fold(name)]
        for one in named:
            if len(found) >= limit:
                break
            first = _next(session, one)
            if first is not None and first < below(one)[1]:
                found.append(one)
    return found


def _broad(session: Session, limit: int) -> list[str]:
    """Of each scheme in use the broadest subjects in use."""
    found: list[str] = []
    for scheme in SCHEMES:
        found += _narrower(session, f"{scheme}:", limit - len(found))
    return found


def _narrower(session: Session, subject: str, limit: int) -> list[str]:
    """The subjects in use just below one; BISAC's go on by three letters or digits, all others by one."""
    return _steps(session, subject, len(subject) + (3 if subject.startswith(BISAC) else 1), limit)


def _steps(session: Session, begin: str, length: int, limit: int) -> list[str]:
    """The different beginnings of so many letters among the codes that begin so, hopping along their index."""
    found: list[str] = []
    value = _next(session, begin)
    while value is not None and value.startswith(begin) and len(found) < limit:
        shared = value[:length]
        others = select(func.min(_code)).where(_code > value, _code < below(shared)[1])
        # What is the only one below it is offered as it is: six digits are not chosen one by one.
        found.append(shared if session.scalar(others) else value)
        value = _next(session, below(shared)[1])
    return found


def _next(session: Session, code: str) -> str | None:
    return session.scalar(select(func.min(_code)).where(_code >= code))


def _count(session: Session, subject: str) -> int:
    """Count through so many codes: a title has few of one subject."""
    first, after = below(subject)
    codes = table(BookSubject).c
    some = select(codes.book_id).where(_code >= first, _code < after).limit(MOST_CODES).subquery()
    row = session.execute(select(func.count(), func.count(some.c.book_id.distinct()))).one()
    return MOST_COUNTED + 1 if row[0] == MOST_CODES else min(row[1], MOST_COUNTED + 1)
