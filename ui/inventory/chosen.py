"""Which titles of a set are meant: some by number, or all but some. Sets of either kind are added and taken apart."""

from dataclasses import dataclass, replace

from pos_app.services.book_filter import BookFilter


@dataclass(frozen=True, slots=True)
class Chosen:
    """The titles of `ids`, or where `every` is set all that the list finds but those."""

    ids: frozenset[int] = frozenset()
    every: bool = False

    def __contains__(self, book_id: int) -> bool:
        return (book_id in self.ids) != self.every

    def count(self, total: int) -> int:
        """How many of a list of so many."""
        return max(total - len(self.ids), 0) if self.every else len(self.ids)

    def __invert__(self) -> "Chosen":
        return replace(self, every=not self.every)

    def __and__(self, other: "Chosen") -> "Chosen":
        match self.every, other.every:
            case False, False:
                return Chosen(self.ids & other.ids)
            case True, True:
                return Chosen(self.ids | other.ids, every=True)
            case _:
                some, but = (other, self) if self.every else (self, other)
                return Chosen(some.ids - but.ids)

    def __or__(self, other: "Chosen") -> "Chosen":
        return ~(~self & ~other)

    def __sub__(self, other: "Chosen") -> "Chosen":
        return self & ~other

    def __xor__(self, other: "Chosen") -> "Chosen":
        return Chosen(self.ids ^ other.ids, every=self.every != other.every)

    def within(self, shown: BookFilter) -> BookFilter:
        """The filter that finds them, of the list that shows them."""
        ids = tuple(sorted(self.ids))
        return replace(shown, without=ids) if self.every else BookFilter(ids=ids)
