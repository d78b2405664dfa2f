"""Whether two records may be of one book."""

import pytest

from pos_app.domain.same_book import same_author, same_language, same_year


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jane Austen", "Austen, Jane"),
        ("J. Austen", "Jane Austen"),
        ("Ursula K. Le Guin", "Le Guin, Ursula"),
        ("Stephen King", "Stephen King, Jerry N. Uelsmann"),
        ("Homer", "HOMER"),
        ("Émile Zola", "Emile Zola"),
        ("", ""),
    ],
)
def test_the_same_people_in_another_order_or_with_initials(one: str, other: str) -> None:
    assert same_author(one, other)
    assert same_author(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("John Smith", "John Brown"),
        ("Sylvia Plath, Ted Hughes", "Langston Hughes"),
        ("", "Jane Austen"),
        ("Homer", "Homer Hickam"),
        ("J. S.", "John Smith"),
        ("Jane Austen", "Joan Aiken"),
    ],
)
def test_others(one: str, other: str) -> None:
    assert not same_author(one, other)
    assert not same_author(other, one)


def test_what_is_not_known_may_be_any() -> None:
    assert same_language("en", "en-GB")
    assert same_language(None, "de")
    assert not same_language("en", "de")
    assert same_year("2021", "2021-03-02")
    assert same_year(None, "1813")
    assert not same_year("2021", "2022")
    assert not same_year("-0350", "0350")
