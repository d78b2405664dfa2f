"""Subject codes as they are kept, said and read back."""

from pos_app.domain.subject import MOST_LETTERS, kept_subjects, read_subjects, subject_words, subjects_of


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
