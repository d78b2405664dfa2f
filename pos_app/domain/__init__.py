"""Rules as pure functions on frozen dataclasses: no Qt, no SQL."""
