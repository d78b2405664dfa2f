"""Codes of gift cards that the till makes itself."""

import re
import secrets

PREFIX = "GC"
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_MADE_LENGTH = 12
_MADE = re.compile(f"{PREFIX}[{_ALPHABET}]{{{_MADE_LENGTH}}}")


def new_code() -> str:
    """Make up a code that nobody can guess: 60 bits, in letters that are not mistaken for one another."""
    return PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_MADE_LENGTH))


def is_made(code: str) -> bool:
    """Whether the till made a code, so that no card bears it."""
    return _MADE.fullmatch(code) is not None
