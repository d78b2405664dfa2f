"""The counter's keys: what each does, and which others a shop may put in their place."""

import re
from collections.abc import Mapping

from pos_app.errors import Refused

# Each usual key and what it does; a shop may put another key in its place. F1, F2 and Esc stay what they are.
COUNTER_KEYS: Mapping[str, str] = {
    "F3": "Price check",
    "F4": "Customer",
    "F5": "Gift card, and other ways to pay",
    "F6": "Park; in a return: where it goes",
    "F7": "Recall; in a return: why",
    "F8": "Discount; in a return: without receipt",
    "F9": "Return",
    "F10": "More",
    "F11": "Card",
    "F12": "Cash",
    "Ctrl+F12": "Refund all in cash",
    "Ctrl+K": "Quick keys",
    "Ctrl+O": "The basket becomes an order",
    "Ctrl+T": "Take what is held for the customer",
    "Ctrl+A": "Everything comes back",
    "Ctrl+R": "Show the last receipt",
    "Ctrl+P": "Reprint the last receipt",
    "Shift+F10": "X report",
    "Ctrl+F10": "Close the shift",
}
# A letter or digit alone is typed, a scanner ends with Enter or Tab, and these are the same in every window.
_KEY = re.compile(r"(?:(?:Ctrl\+)?(?:Alt\+)?(?:Shift\+)?F(?:[3-9]|1[0-2]))|(?:Ctrl\+(?:Shift\+)?[A-Z])")
_TAKEN = frozenset({"Alt+F4", "Ctrl+C", "Ctrl+L", "Ctrl+Q", "Ctrl+Shift+P", "Ctrl+V", "Ctrl+X", "Ctrl+Y", "Ctrl+Z"})


def check_counter_keys(own: Mapping[str, str]) -> None:
    """See that a shop's own keys, by the usual ones they stand for, can be pressed and told apart.

    Raises Refused("key.unfit", key) and Refused("key.taken", key, act).
    """
    for key in own.values():
        if not _KEY.fullmatch(key) or key in _TAKEN:
            raise Refused("key.unfit", key=key[:20])
    if not own.keys() <= COUNTER_KEYS.keys():
        raise Refused("key.unfit", key=next(key[:20] for key in own if key not in COUNTER_KEYS))
    seen: dict[str, str] = {}
    for usual, act in COUNTER_KEYS.items():
        key = own.get(usual, usual)
        if key in seen:
            raise Refused("key.taken", key=key, act=seen[key] if usual in own else act)
        seen[key] = act


def read_counter_keys(text: str) -> dict[str, str]:
    """Read a shop's own keys as they are stored: `F6=F7 F7=F6`, the usual key first. Raises as they are checked."""
    pairs = [pair.partition("=") for pair in text.split()]
    own = {usual: key for usual, _, key in pairs}
    check_counter_keys(own)
    return own


def counter_keys_text(own: Mapping[str, str]) -> str:
    """A shop's own keys as they are stored; those that are the usual ones are left out."""
    return " ".join(f"{usual}={key}" for usual, key in own.items() if key != usual)
