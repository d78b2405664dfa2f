"""Which order the list is in: that of all books as it was left, and that of what is searched, which is by relevance."""

from pos_app.services.book_list import ListOrder


class Orders:
    """Two orders, of which one is in force.

    A search has its own: sorted by price or stock, as the list was left days ago, it would hide the title meant among
    others. So it ranks, until somebody sorts what it found; that holds while they search on.
    """

    def __init__(self) -> None:
        """Start as a list usually is."""
        self.left = ListOrder()
        self._found = ListOrder()
        self._words = ""

    @property
    def searching(self) -> bool:
        """Whether there are words to search by."""
        return bool(self._words.strip())

    @property
    def now(self) -> ListOrder:
        """The order in force."""
        return self._found if self.searching else self.left

    def choose(self, order: ListOrder) -> None:
        """Take another order for what is listed now."""
        if self.searching:
            self._found = order
        else:
            self.left = order

    def search(self, words: str) -> None:
        """Learn what is searched now; another search is ranked again."""
        if begins_anew(self._words, words):
            self._found = ListOrder()
        self._words = words


def begins_anew(before: str, now: str) -> bool:
    """Whether words are others, and not those before with some letters more or fewer: all went, or was typed over."""
    before, now = before.strip(), now.strip()
    if not (before and now):
        return before != now
    kept = before[0] == now[0] or before[-1] == now[-1]
    # One letter in the place of several: whatever was there was marked as somebody began to type.
    return not kept or (len(now) == 1 and len(before) > len(now) + 1)
