"""Titles found by their subjects: with all narrower ones, each once, and the subjects offered to choose from."""

from pathlib import Path

import pytest

from pos_app.errors import Refused
from pos_app.services.book import get_book
from pos_app.services.book_edit import Change, change_book
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_filter_named import NamedFilter, filter_named
from pos_app.services.book_import import import_books
from pos_app.services.book_list import ListOrder, SortBy, count_each, open_list
from pos_app.services.book_undo import undo_act
from pos_app.services.subject import SubjectInUse, list_subjects
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop

SUBJECTS = {
    PRIDE: "93:FBC 93:FRH",
    KLARA: "93:FBA 93:FL 10:FIC028010",
    DARKNESS: "93:FL 93:FLC 10:FIC028010 10:FIC028020",
    SAPIENS: "93:NHB 94:1KB",
}


async def told(shop: Shop) -> None:
    for isbn, subjects in SUBJECTS.items():
        before = (await get_book(shop.app, shop.books[isbn])).subjects
        await change_book(shop.app, shop.sam, shop.books[isbn], {"subjects": Change(before, subjects)})


async def about(shop: Shop, **wanted: object) -> list[str]:
    opened, rows = await open_list(shop.app, BookFilter(**wanted), ListOrder(SortBy.TITLE))
    assert opened.total == len(rows)
    return [row.title for row in rows]


async def test_a_subject_finds_its_titles_and_those_of_all_narrower_ones_each_once(shop: Shop) -> None:
    await told(shop)
    assert await about(shop, subject="93:FLC") == ["The Left Hand of Darkness"]
    assert await about(shop, subject="93:FL") == ["Klara and the Sun", "The Left Hand of Darkness"]
    assert await about(shop, subject="93:F") == [
        "Klara and the Sun",
        "Pride and Prejudice",
        "The Left Hand of Darkness",
    ]
    assert await about(shop, subject="10:FIC") == ["Klara and the Sun", "The Left Hand of Darkness"]
    assert await about(shop, subject="93:F", in_stock=True, text="klara") == ["Klara and the Sun"]
    assert await about(shop, subject="93:FX") == []
    assert await count_each(shop.app, [BookFilter(subject="93:F"), BookFilter(subject="93:F", in_stock=True)]) == [3, 3]


async def test_titles_that_an_import_added_go_with_their_subjects_when_it_is_taken_back(
    shop: Shop, tmp_path: Path
) -> None:
    file = tmp_path / "titles.csv"
    file.write_text("isbn,title,price,subjects\n9780060929879,Brave New World,9.99,Thema FLC\n", "utf-8")
    made = await import_books(shop.app, file, operator=shop.sam)
    assert await about(shop, subject="93:FL") == ["Brave New World"]
    undone = await undo_act(shop.app, shop.sam, made.act, kind="import")
    assert (undone.titles.gone, undone.titles.left) == (1, 0)
    assert await about(shop, subject="93:FL") == []


async def test_what_a_title_is_about_is_found_anew_when_it_changes(shop: Shop) -> None:
    await told(shop)
    await change_book(shop.app, shop.sam, shop.books[PRIDE], {"subjects": Change(SUBJECTS[PRIDE], "93:FR")})
    assert await about(shop, subject="93:FB") == ["Klara and the Sun"]
    assert await about(shop, subject="93:FR") == ["Pride and Prejudice"]
    await change_book(shop.app, shop.sam, shop.books[PRIDE], {"subjects": Change("93:FR", None)})
    assert await about(shop, subject="93:FR") == []


async def test_subjects_in_use_are_offered_from_the_broad_to_the_narrow_with_their_titles(shop: Shop) -> None:
    assert await list_subjects(shop.app) == []
    await told(shop)

    async def offered(typed: str) -> dict[str, int]:
        return {one.subject: one.titles for one in await list_subjects(shop.app, typed)}

    assert await offered("") == {"93:F": 3, "93:NHB": 1, "94:1KB": 1, "10:FIC": 2}
    assert await offered("f") == {"93:F": 3, "93:FB": 2, "93:FL": 2, "93:FRH": 1}
    assert await offered("BISAC FIC") == {"10:FIC": 2, "10:FIC028": 2}
    assert await offered("10:FIC028") == {"10:FIC028": 2, "10:FIC028010": 2, "10:FIC028020": 1}
    assert await offered("Science") == {"93:FL": 2}
    assert await offered("gardening") == {}
    assert await list_subjects(shop.app, limit=1) == [SubjectInUse("93:F", 3)]


async def test_a_command_names_a_subject_by_code_or_in_words(shop: Shop) -> None:
    await told(shop)
    for name in ("Thema FL", "fl", "science fiction"):
        assert (await filter_named(shop.app, NamedFilter(subject=name))).subject == "93:FL"
    with pytest.raises(Refused, match=r"filter\.subject") as refused:
        await filter_named(shop.app, NamedFilter(subject="gardening"))
    assert "Fiction (Thema F)" in str(refused.value.params["known"])
