"""The book trade's codes for forms and languages, and the shop's words for them."""

import pytest

from pos_app.exchange.onix_table import authors
from pos_app.exchange.trade_codes import (
    _KNOWN,
    _LONG_LANGUAGES,
    FORMS,
    form_code,
    form_words,
    language_codes,
    language_tag,
    shop_category,
    table_form,
    table_language,
)


@pytest.mark.parametrize("code", FORMS)
def test_a_form_is_the_same_there_and_back(code: str) -> None:
    assert form_code(form_words(code)) == code


@pytest.mark.parametrize(
    ("code", "described", "words"),
    [
        ("BC", "", "Paperback"),
        ("BC", "320 pages, with flaps", "Paperback"),
        ("BC", "paperback", "paperback"),
        ("00", "", ""),
        ("00", "Tête-bêche", "Tête-bêche"),
        ("XX", "", "XX"),
        ("XX", "Tea towel", "Tea towel"),
    ],
)
def test_a_form_is_said_in_words(code: str, described: str, words: str) -> None:
    assert form_words(code, described) == words


def test_words_of_no_form_have_no_code() -> None:
    assert [form_code(words) for words in (None, "", "Tête-bêche")] == ["00", "00", "00"]


@pytest.mark.parametrize(
    ("code", "tag"),
    [("eng", "en"), ("ger", "de"), ("chi", "zh"), ("eng-US", "en-US"), ("grc", "grc"), ("mul", "mul"), ("", "")],
)
def test_a_language_is_the_same_there_and_back(code: str, tag: str) -> None:
    assert language_tag(code) == tag
    assert "-".join(filter(None, language_codes(tag))) == code


@pytest.mark.parametrize(
    ("tag", "codes"),
    [
        ("deu", ("ger", "")),
        ("EN-gb", ("eng", "GB")),
        ("English", ("", "")),
        ("zh-Hant", ("chi", "")),
        (None, ("", "")),
    ],
)
def test_a_language_written_otherwise_has_its_code_or_none(tag: str | None, codes: tuple[str, str]) -> None:
    assert language_codes(tag) == codes


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("Homer", ["Homer"]),
        ("Maj Sjöwall, Per Wahlöö", ["Maj Sjöwall", "Per Wahlöö"]),
        ("Martin Luther King, Jr., Clayborne Carson, Ph.D.", ["Martin Luther King, Jr.", "Clayborne Carson, Ph.D."]),
    ],
)
def test_people_are_told_apart(text: str, names: list[str]) -> None:
    assert authors(text) == names


@pytest.mark.parametrize(
    ("subjects", "category"),
    [
        ([("93", "FBA")], "Fiction"),
        ([("93", "DNBL"), ("93", "F")], "Biography & Memoir"),
        ([("12", "HPCA")], "Religion & Philosophy"),
        ([("12", "HBLW")], "History"),
        ([("10", "JUV001000")], "Children’s Books"),
        # Thema says more than BISAC, which says more than a place or a keyword.
        ([("10", "HIS001000"), ("93", "UMX")], "Computing"),
        ([("94", "1DNS"), ("20", "Fiction"), ("10", "NON000000")], ""),
        ([], ""),
    ],
)
def test_subjects_say_where_a_shop_keeps_a_title(subjects: list[tuple[str, str]], category: str) -> None:
    assert shop_category(subjects) == category


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("BC", "Paperback"),
        ("bb", "Hardback"),
        ("paperback", "Paperback"),
        ("E-BOOK", "E-book"),
        ("Hardback", "Hardback"),
        ("XX", "XX"),
        ("00", "00"),
        ("Tête-bêche", "Tête-bêche"),
    ],
)
def test_a_form_in_a_table_becomes_the_shops_word(text: str, words: str) -> None:
    assert table_form(text) == words == table_form(words)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("ger", "de"),
        ("deu", "de"),
        ("fre", "fr"),
        ("fra", "fr"),
        ("dut", "nl"),
        ("nld", "nl"),
        ("ENG", "en"),
        ("eng-US", "en-US"),
        ("DE", "de"),
        ("en-GB", "en-GB"),
        ("tw", "tw"),
        ("grc", "grc"),
        ("xqz", "xqz"),
        ("English", "English"),
        ("XY", "XY"),
    ],
)
def test_a_language_in_a_table_becomes_the_shops_tag(text: str, tag: str) -> None:
    assert table_language(text) == tag == table_language(tag)


@pytest.mark.parametrize("code", [code for code in sorted(_KNOWN - _LONG_LANGUAGES) if code != "twi"])
def test_each_code_of_the_trade_has_its_tag(code: str) -> None:
    assert language_codes(table_language(code)) == (code, "")
