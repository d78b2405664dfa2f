"""Languages as people read them: by name, with the code that books and files carry."""

from functools import lru_cache

from babel import Locale

COUNTRY_LETTERS = 2


@lru_cache(maxsize=512)
def language_words(tag: str) -> str:
    """Say a language by name and code: German (de), English, United Kingdom (en-GB); other words stay as they are."""
    code, _, place = tag.partition("-")
    english = Locale("en")
    name = english.languages.get(code.lower())
    if name is None:
        return tag
    country = english.territories.get(place.upper()) if len(place) == COUNTRY_LETTERS else None
    return f"{name}, {country} ({tag})" if country else f"{name} ({tag})"
