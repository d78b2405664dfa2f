"""MARC 21: every sample is read, broken ones too, and each record that cannot be taken says why."""

from pathlib import Path

import pytest

from pos_app.errors import Refused
from pos_app.exchange.marc import END, MAX_RECORD, read_marc
from pos_app.exchange.title import MAX_TITLE, FileTitle

SAMPLES = Path(__file__).parents[1] / "data" / "marc"
# Records, and those of them that cannot be taken: most of these samples carry no ISBN.
COUNTS = {
    "1251.dat": (6, 6),
    "alphatag.dat": (1, 1),
    "bad_eacc_encoding.dat": (1, 1),
    "bad_indicator.dat": (1, 0),
    "bad_marc8_escape.dat": (1, 1),
    "bad_records.mrc": (9, 9),
    "bad_subfield_code.dat": (1, 0),
    "bad_tag.xml": (1, 1),
    "batch.xml": (2, 2),
    "diacritic.dat": (1, 0),
    "loc_books_sample.mrc.gz": (3_438, 0),
    "marc.dat": (20, 0),
    "marc8-to-unicode.dat": (1, 1),
    "marc8.dat": (1, 1),
    "multi_isbn.dat": (1, 0),
    "one.dat": (1, 0),
    "regression45.dat": (12, 12),
    "test.dat": (10, 1),
    "testunimarc.dat": (1, 1),
    "utf8.xml": (1, 1),
    "utf8_errors.dat": (1, 1),
    "utf8_invalid.mrc": (1, 1),
    "utf8_with_leader_flag.dat": (1, 1),
    "utf8_without_leader_flag.dat": (1, 1),
}


def read(name: str) -> list[FileTitle]:
    return list(read_marc(SAMPLES / name))


def test_every_sample_is_read_and_counted() -> None:
    names = [path.name for path in SAMPLES.iterdir() if path.suffix != ".txt" and ".csv" not in path.name]
    found = {name: read(name) for name in names}
    assert {name: (len(rows), sum(row.fault is not None for row in rows)) for name, rows in found.items()} == COUNTS


def test_a_record_comes_with_what_a_shop_wants_to_know() -> None:
    book = read("marc.dat")[0]
    assert (book.number, book.isbn) == (1, "9780201616224")
    assert (book.title, book.author) == (
        "The pragmatic programmer: from journeyman to master",
        "Andrew Hunt, David Thomas",
    )
    assert (book.publisher, book.published_on, book.language) == ("Addison-Wesley", "2000", "eng")


def test_broken_records_say_what_is_wrong_and_stop_no_other() -> None:
    faults = [row.fault or "" for row in read("bad_records.mrc")]
    assert sum("no whole MARC record" in fault for fault in faults) == 6
    assert faults.count("it has no ISBN") + faults.count("it has no title") == 3


def test_a_title_that_is_too_long_is_told_without_what_stands_below_it() -> None:
    titles = [row.title for row in read("loc_books_sample.mrc.gz")]
    assert max(map(len, titles)) <= MAX_TITLE
    assert "Federal Royalty Certainty Act" in titles


def test_a_packed_file_that_breaks_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.mrc.gz"
    path.write_bytes((SAMPLES / "loc_books_sample.mrc.gz").read_bytes()[:200])
    with pytest.raises(Refused, match="unreadable"):
        list(read_marc(path))


def test_letters_with_marks_are_composed() -> None:
    assert read("bad_eacc_encoding.dat")[0].title == "Beikoku no tōchi no shikumi"


def test_what_is_no_marc_or_endless_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "file.mrc"
    for content in (b"", b"isbn,title", b"<collection/>"):
        path.write_bytes(content)
        with pytest.raises(Refused, match="unreadable"):
            list(read_marc(path))
    path.write_bytes(b"00100" + b"x" * 3 * MAX_RECORD + END + (SAMPLES / "one.dat").read_bytes())
    rows = list(read_marc(path))
    assert [row.isbn for row in rows] == ["", "9780471383147"]
    assert "longer" in (rows[0].fault or "")


RECORD = (
    "<record><leader>00000nam a2200000 a 4500</leader>"
    '<datafield tag="020" ind1=" " ind2=" "><subfield code="a">9780141439518</subfield></datafield>'
    '<datafield tag="245" ind1=" " ind2=" "><subfield code="a">{}</subfield></datafield></record>'
)
ATTACKS = {
    "grows": "<!ENTITY e0 'xxxxxxxxxx'>" + "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12)),
    "outside": "<!ENTITY e11 SYSTEM '{}'>",
    "parameter": "<!ENTITY % p SYSTEM '{}'> %p;",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_entities_that_grow_or_come_from_outside_are_refused(tmp_path: Path, attack: str) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    declared = ATTACKS[attack].replace("{}", (tmp_path / "secret.txt").as_uri())
    path = tmp_path / "a.xml"
    path.write_text(f"<!DOCTYPE x [{declared}]><collection>{RECORD.format('&e11;')}</collection>", encoding="utf-8")
    with pytest.raises(Refused, match=r"import\.unreadable") as refused:
        list(read_marc(path))
    assert "declares an entity of its own" in refused.value.params["reason"]


def test_an_entity_that_nobody_declared_is_no_other_file(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(
        f'<!DOCTYPE x SYSTEM "{(tmp_path / "none.dtd").as_uri()}"><collection>{RECORD.format("A &odd; B")}</collection>',
        encoding="utf-8",
    )
    assert [title.title for title in read_marc(path)] == ["A &odd; B"]
