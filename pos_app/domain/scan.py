"""Telling a scanner from a person by the time between keys.

A scanner types its characters some 1 to 20 ms apart, evenly, and ends with Enter; people do not. Characters that may
still be a scan are held for the length of such a gap and are then either a scan or typing, whole and in order.
"""

import re
from dataclasses import dataclass, field

GAP_MS = 35
# A single gap may be long on a busy machine; all together a scanner keeps its pace, which the fastest typist does not.
MEAN_GAP_MS = 25
MIN_LENGTH = 6
# Some drivers send the closing key through another path, a little later than the characters.
ENTER_LAG_MS = 120
_TIMES = re.compile(r"\d{1,4}\*")


@dataclass(frozen=True, slots=True)
class Scan:
    """A code that a scanner sent."""

    code: str


@dataclass(frozen=True, slots=True)
class Typed:
    """Keys that a person pressed, to be handed on as they came."""

    keys: tuple[object, ...]


Outcome = Scan | Typed


@dataclass(slots=True)
class ScanDetector:
    """Takes keys with their times and gives back scans and typing. `key` is any token the caller wants back."""

    _held: list[object] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _first_ms: int = 0
    _last_ms: int = 0

    def character(self, key: object, text: str, at_ms: int) -> list[Outcome]:
        """Take a key that types `text`."""
        outcomes = self._release() if self._held and at_ms - self._last_ms >= GAP_MS else []
        if not self._held:
            self._first_ms = at_ms
        self._held.append(key)
        self._text.append(text)
        self._last_ms = at_ms
        return outcomes

    def enter(self, key: object, at_ms: int) -> list[Outcome]:
        """Take an Enter: the end of a scan, or a person's."""
        if len(self._held) >= MIN_LENGTH and self._keeps_pace and at_ms - self._last_ms <= ENTER_LAG_MS:
            code, typed = "".join(self._text), 0
            if (times := _TIMES.match(code)) and len(code) - times.end() >= MIN_LENGTH:
                # “3*” typed just before a scan is the person's; no barcode has it.
                typed = times.end()
            keys = tuple(self._held[:typed])
            self._drop()
            return [*([Typed(keys)] if keys else []), Scan(code[typed:])]
        return [*self._release(), Typed((key,))]

    def other(self, key: object) -> list[Outcome]:
        """Take any other key: what is held comes first, so that order is kept."""
        return [*self._release(), Typed((key,))]

    def idle(self, at_ms: int) -> list[Outcome]:
        """Tell that time has passed without a key."""
        return self._release() if self._held and at_ms - self._last_ms >= self.patience_ms else []

    @property
    def _keeps_pace(self) -> bool:
        return self._last_ms - self._first_ms <= MEAN_GAP_MS * (len(self._held) - 1)

    @property
    def patience_ms(self) -> int:
        """How long after the last key the held ones are to be released; longer once they look like a scan."""
        return ENTER_LAG_MS if len(self._held) >= MIN_LENGTH and self._keeps_pace else GAP_MS

    @property
    def holding(self) -> bool:
        """Whether keys are held."""
        return bool(self._held)

    def _release(self) -> list[Outcome]:
        if not self._held:
            return []
        keys = tuple(self._held)
        self._drop()
        return [Typed(keys)]

    def _drop(self) -> None:
        self._held.clear()
        self._text.clear()
