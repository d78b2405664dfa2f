"""Used copies: how worn they are, and what they are called."""

from enum import StrEnum


class Grade(StrEnum):
    """How worn a used copy is, as the trade grades it."""

    AS_NEW = "as_new"
    VERY_GOOD = "very_good"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"

    @property
    def words(self) -> str:
        """The grade as it is said."""
        return self.value.replace("_", " ")


MAX_TITLE = 255


def copy_title(title: str, grade: Grade) -> str:
    """Give what a used copy is called on screens and receipts; a long title is cut, its grade never."""
    mark = f" (used, {grade.words})"
    return title[: MAX_TITLE - len(mark)] + mark


def copy_code(book_id: int) -> str:
    """Give a used copy's own label code: a letter, so that it is no ISBN, and the copy's number."""
    return f"U{book_id:07d}"
