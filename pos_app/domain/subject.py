"""Subject codes of the book trade, as they are kept: scheme and code, of each scheme the main one first.

Schemes are numbered as in EDItEUR's ONIX code list 27. Kept as "93:FBA 94:1DFG 10:FIC019000".
"""

import re
from collections.abc import Iterable, Iterator

from pos_app.domain.subject_name import NAMES

SCHEMES = {
    "93": "Thema", "94": "Thema place", "95": "Thema language", "96": "Thema time", "97": "Thema education",
    "98": "Thema interest", "99": "Thema style",
    "12": "BIC", "13": "BIC place", "14": "BIC language", "15": "BIC time", "16": "BIC education",
    "17": "BIC interest",
    "10": "BISAC", "11": "BISAC region", "22": "BISAC theme",
}  # fmt: skip
# Schemes of which a title has one main subject.
MAIN = frozenset({"93", "12", "10"})
MOST_LETTERS = 500
_PLACES = {number: place for place, number in enumerate(SCHEMES)}
_NUMBERS = {name.casefold(): number for number, name in SCHEMES.items()}
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,24}")
_BETWEEN = re.compile(r"\s*[|,;]\s*")
# What is no letter of a code and comes after all of them.
_AFTER = "~"
_BISAC = re.compile(r"[A-Z]{3}[0-9]{1,6}")


def kept_subjects(told: Iterable[tuple[str, str]]) -> str:
    """Give subjects, scheme and code each, as they are kept; what is of no known scheme or is no code is left out.

    Scheme by scheme in the order of `SCHEMES`, of each in the order given, its main subject first.
    """
    kept: list[str] = []
    letters = 0
    known = [(scheme, given.strip().upper()) for scheme, given in told if scheme in SCHEMES]
    for scheme, code in sorted(known, key=lambda one: _PLACES[one[0]]):
        one = f"{scheme}:{code}"
        if _CODE.fullmatch(code) and one not in kept:
            letters += len(one) + 1
            if letters > MOST_LETTERS:
                break
            kept.append(one)
    return " ".join(kept)


def subjects_of(kept: str | None) -> Iterator[tuple[str, str]]:
    """Give the scheme and code of each subject that is kept."""
    for one in (kept or "").split():
        scheme, _, code = one.partition(":")
        yield scheme, code


def subject_words(kept: str | None) -> list[str]:
    """Say each subject: "Thema FBA", "BISAC FIC019000"."""
    return [f"{SCHEMES.get(scheme, scheme)} {code}" for scheme, code in subjects_of(kept)]


def read_subjects(text: str) -> str:
    """Give subjects as they are kept, from how they are kept or said ("Thema FBA | BISAC FIC019000"); "" for none."""
    if ":" in text:
        return kept_subjects(subjects_of(text))
    said = (one.rpartition(" ") for one in _BETWEEN.split(text.strip()))
    return kept_subjects((_NUMBERS.get(" ".join(name.split()).casefold(), ""), code) for name, _, code in said)


def subject_name(subject: str) -> str:
    """Say what a subject that is kept ("93:FBA") means: in its own words or those of a broader one, "" for none."""
    scheme, _, code = subject.partition(":")
    names = NAMES.get(scheme, {})
    return next((names[code[:size]] for size in range(len(code), 0, -1) if code[:size] in names), "")


def subject_title(subject: str) -> str:
    """Say a subject in words and with its code: "Crime and mystery (Thema FFC)"."""
    (said,) = subject_words(subject)
    name = subject_name(subject)
    return f"{name} ({said})" if name else said


def below(subject: str) -> tuple[str, str]:
    """Give the bounds of a subject and all narrower ones, whose codes begin with its own: the second is left out."""
    return subject, subject + _AFTER


def read_subject(text: str) -> str | None:
    """Give one subject as it is kept: from how it is kept or said, or a bare code of Thema or BISAC; None for none."""
    told = text.strip()
    kept = read_subjects(told)
    if not kept and " " not in told:
        kept = kept_subjects([("10" if _BISAC.fullmatch(told.upper()) else "93", told)])
    return kept if kept and " " not in kept else None
