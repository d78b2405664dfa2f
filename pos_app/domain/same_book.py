"""Whether two records may be of one book: written by the same people, and nothing known of both speaks against it."""

from pos_app.domain.search import fold

# A name of one word, as Homer, says too little unless it is all there is on both sides.
LEAST_WORDS = 2


def same_author(one: str, other: str) -> bool:
    """Tell whether two authors as written may be the same people, in whatever order their names stand.

    "Ishiguro, Kazuo", "K. Ishiguro" and "Kazuo Ishiguro" are; "John Smith" and "John Brown" are not, and neither is
    nobody and somebody.
    """
    words, others = sorted((fold(one).split(), fold(other).split()), key=len)
    if sorted(words) == sorted(others):
        return True
    if len(words) < LEAST_WORDS:
        return False
    left = list(others)
    whole = 0
    # Whole words first: an initial takes no name that another word needs.
    for word in sorted(words, key=len, reverse=True):
        found = next((each for each in left if each == word), None)
        whole += found is not None and len(word) > 1
        if found is None:
            found = next((each for each in left if 1 in (len(word), len(each)) and each[0] == word[0]), None)
        if found is None:
            return False
        left.remove(found)
    return whole > 0


def same_language(one: str | None, other: str | None) -> bool:
    """Tell whether two language tags may be the same: en and en-GB are, and what is not known may be any."""
    return not one or not other or one.partition("-")[0] == other.partition("-")[0]


def same_year(one: str | None, other: str | None) -> bool:
    """Tell whether two dates of publication may be the same year; what is not known may be any."""
    return not one or not other or one[:5].rstrip("-") == other[:5].rstrip("-")
