"""Subject codes as they are kept, said and read back."""

from pos_app.domain.subject import (
    MOST_LETTERS,
    SCHEMES,
    kept_subjects,
    read_subject,
    read_subjects,
    subject_name,
    subject_title,
    subject_words,
    subjects_of,
)
from pos_app.domain.subject_name import NAMES


def test_codes_of_known_schemes_are_kept_in_their_order_once() -> None:
    told = [("93", "fbA"), ("10", "FIC019000"), ("20", "love; war"), ("24", "X1"), ("93", "FBA"), ("94", "1DDU-GB-ESL")]
    kept = kept_subjects(told)
    assert kept == "93:FBA 94:1DDU-GB-ESL 10:FIC019000"
    assert list(subjects_of(kept)) == [("93", "FBA"), ("94", "1DDU-GB-ESL"), ("10", "FIC019000")]
    assert list(subjects_of(None)) == []


def test_they_are_said_in_words_and_read_from_them() -> None:
    kept = "93:FBA 94:1DDU-GB-ESL 12:FA 10:FIC019000"
    words = subject_words(kept)
    assert words == ["Thema FBA", "Thema place 1DDU-GB-ESL", "BIC FA", "BISAC FIC019000"]
    for text in (kept, "|".join(words), " ; ".join(words), ", ".join(words).lower()):
        assert read_subjects(text) == kept
    for text in ("", "Fiction", "FBA", "Thema", "love: war", "Dewey 823"):
        assert read_subjects(text) == ""


def test_no_code_is_cut_where_there_are_too_many() -> None:
    kept = kept_subjects(("93", f"FBA{number}") for number in range(500))
    assert MOST_LETTERS - 12 < len(kept) <= MOST_LETTERS
    assert kept.split()[-1].startswith("93:FBA")
    assert read_subjects(kept) == kept


def test_a_subject_is_said_with_the_words_of_the_nearest_broader_one() -> None:
    said = {
        "93:FFC": "Crime and mystery (Thema FFC)",
        "93:FBA": "Modern fiction (Thema FBA)",
        "93:SFH": "Ball games (Thema SFH)",
        "94:1DDU": "Europe (Thema place 1DDU)",
        "99:6AC": "Styles (Thema style 6AC)",
        "12:HBLW": "History (BIC HBLW)",
        "13:1DBK": "Places (BIC place 1DBK)",
        "10:FIC019000": "Fiction (BISAC FIC019000)",
        "11:ABC": "BISAC region ABC",
    }
    assert {kept: subject_title(kept) for kept in said} == said
    assert subject_name("93:ZZ") == ""
    assert set(NAMES) <= set(SCHEMES)
    assert all(kept_subjects([(scheme, code)]) for scheme, names in NAMES.items() for code in names)


def test_a_name_means_one_code_of_its_scheme_as_commands_ask_by_names() -> None:
    assert {scheme: len(set(names.values())) for scheme, names in NAMES.items()} == {
        scheme: len(names) for scheme, names in NAMES.items()
    }


def test_each_code_that_is_told_stands_below_one_that_is() -> None:
    for scheme in ("93", "94", "12"):
        assert {code[:-1] for code in NAMES[scheme] if len(code) > 1} <= NAMES[scheme].keys()


def test_one_subject_is_read_as_it_is_kept_said_or_typed() -> None:
    for text in ("93:FFC", "Thema FFC", " ffc "):
        assert read_subject(text) == "93:FFC"
    assert read_subject("fic019") == "10:FIC019"
    for text in ("", "crime and mystery", "Thema FBA, Thema FFC", "Dewey 823"):
        assert read_subject(text) is None
