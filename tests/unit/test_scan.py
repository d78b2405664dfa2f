"""Scans told from typing by time alone."""

from hypothesis import given
from hypothesis import strategies as st

from pos_app.domain.scan import Outcome, Scan, ScanDetector, Typed

ENTER = object()


def feed(
    detector: ScanDetector, text: str, start_ms: int, gap_ms: int, enter_lag_ms: int | None
) -> tuple[list[Outcome], int]:
    outcomes: list[Outcome] = []
    now = start_ms
    for place, letter in enumerate(text):
        now = start_ms + place * gap_ms
        outcomes += detector.idle(now)
        outcomes += detector.character(letter, letter, now)
    if enter_lag_ms is not None:
        now += enter_lag_ms
        outcomes += detector.idle(now - 1) if enter_lag_ms > 120 else []
        outcomes += detector.enter(ENTER, now)
    return outcomes, now


def typed_keys(outcomes: list[Outcome]) -> list[object]:
    return [key for outcome in outcomes if isinstance(outcome, Typed) for key in outcome.keys]


def test_forty_scans_at_twenty_a_second_are_forty_scans() -> None:
    detector = ScanDetector()
    codes = [f"97800000{number:05d}" for number in range(40)]
    outcomes: list[Outcome] = []
    for number, code in enumerate(codes):
        outcomes += feed(detector, code, number * 50, 2, 2)[0]
    assert outcomes == [Scan(code) for code in codes]


def test_thirteen_digits_at_a_persons_speed_are_typing() -> None:
    detector = ScanDetector()
    outcomes, now = feed(detector, "9780141439518", 0, 60, 60)
    assert typed_keys([*outcomes, *detector.idle(now + 500)]) == [*"9780141439518", ENTER]
    assert not [outcome for outcome in outcomes if isinstance(outcome, Scan)]


def test_digits_at_thirty_a_second_are_still_typing() -> None:
    detector = ScanDetector()
    outcomes, now = feed(detector, "9780141439518", 0, 31, 31)
    assert typed_keys([*outcomes, *detector.idle(now + 500)]) == [*"9780141439518", ENTER]


def test_one_long_gap_on_a_busy_machine_does_not_break_a_scan() -> None:
    detector = ScanDetector()
    assert feed(detector, "9780141", 0, 8, None)[0] == []
    assert feed(detector, "439518", 48 + 34, 8, 8)[0] == [Scan("9780141439518")]


def test_an_enter_that_lags_behind_still_ends_a_scan() -> None:
    assert feed(ScanDetector(), "9780141439518", 0, 1, 110)[0] == [Scan("9780141439518")]


def test_two_keys_rolled_over_quickly_come_out_as_typed() -> None:
    detector = ScanDetector()
    outcomes, now = feed(detector, "th", 0, 20, None)
    assert typed_keys([*outcomes, *detector.idle(now + 35)]) == ["t", "h"]


def test_a_number_of_times_typed_just_before_a_scan_stays_typed() -> None:
    detector = ScanDetector()
    outcomes, now = feed(detector, "3*", 0, 30, None)
    outcomes += feed(detector, "9780141439518", now + 30, 2, 2)[0]
    assert outcomes == [Typed(("3", "*")), Scan("9780141439518")]


def test_a_star_that_is_not_after_a_number_is_the_codes_own() -> None:
    outcomes, _ = feed(ScanDetector(), "AB*12345", 0, 2, 2)
    assert outcomes == [Scan("AB*12345")]


def test_a_function_key_lets_held_digits_go_first() -> None:
    detector = ScanDetector()
    outcomes, _ = feed(detector, "50", 0, 10, None)
    outcomes += detector.other("F12")
    assert typed_keys(outcomes) == ["5", "0", "F12"]


@given(
    st.lists(
        st.tuples(
            st.text("0123456789Xab", min_size=1, max_size=20),
            st.integers(1, 200),
            st.none() | st.integers(1, 300),
            st.integers(1, 400),
        )
    )
)
def test_no_key_is_lost_doubled_or_reordered(bursts: list[tuple[str, int, int | None, int]]) -> None:
    detector = ScanDetector()
    sent, got, now = [], [], 0
    for text, gap, lag, pause in bursts:
        outcomes, now = feed(detector, text, now + pause, gap, lag)
        sent += list(text) + ([ENTER] if lag is not None else [])
        for outcome in outcomes:
            got += [*outcome.code, ENTER] if isinstance(outcome, Scan) else list(outcome.keys)
    for outcome in detector.idle(now + 10_000):
        got += outcome.keys if isinstance(outcome, Typed) else []
    assert got == sent
