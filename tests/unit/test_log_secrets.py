"""What the log keeps out, and what it says an error comes to."""

import pytest

from pos_app.log import LogEvent, without_password, without_rows


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("postgresql://till:secret@server/shop", "postgresql://till:***@server/shop"),
        ("postgresql://till:sec@ret@server:5432/shop?sslmode=require", "postgresql://till:***@server:5432/shop?sslmode=require"),
        ("postgresql://till:a/b@c@server/shop", "postgresql://till:***@server/shop"),
        ("postgresql://till@server/shop?sslpassword=secret&x=1", "postgresql://till@server/shop?sslpassword=***&x=1"),
        ("postgresql://till@server/shop?PASSWORD=secret", "postgresql://till@server/shop?PASSWORD=***"),
        ("postgresql://till@server:5432/shop", "postgresql://till@server:5432/shop"),
        ("sqlite:///C:/shop.db and ann@shop.example", "sqlite:///C:/shop.db and ann@shop.example"),
    ],
)  # fmt: skip
def test_no_password_of_an_address_is_shown(given: str, shown: str) -> None:
    assert without_password(given) == shown


TRACE = """Traceback (most recent call last):
  File "psycopg/cursor.py", line 97, in execute
    raise ex.with_traceback(None)
psycopg.errors.CheckViolation: new row for relation "customers" violates check constraint "no_zebras"
DETAIL:  Failing row contains (7, Quentin Zebulon, 1 Quay

Marlow, quentin@secret.example).

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
sqlalchemy.exc.IntegrityError: (psycopg.errors.CheckViolation) new row violates check constraint "no_zebras"
DETAIL:  Failing row contains (7, Quentin Zebulon, 1 Quay

Marlow, quentin@secret.example).
CONTEXT:  COPY customers, line 1: "Quentin"
[SQL: INSERT INTO customers]
(Background on this error at: https://sqlalche.me/e/20/gkpj)"""


def test_nothing_of_a_row_is_kept() -> None:
    kept = without_rows(TRACE)
    for secret in ("Quentin", "Quay", "Marlow", "secret.example"):
        assert secret not in kept
    for said in ("no_zebras", "The above exception", "[SQL: INSERT", "psycopg/cursor.py"):
        assert said in kept
    log = f"2026-11-30 05:00:00,000 ERROR ui: fault\n{TRACE}\n2026-11-30 05:00:01,000 INFO ui: on\nDETAIL: Anna\n2026-11-30 05:00:02,000 INFO ui: off"
    assert without_rows(log).splitlines()[-1] == "2026-11-30 05:00:02,000 INFO ui: off"
    assert "Anna" not in without_rows(log)


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        (TRACE, 'sqlalchemy.exc.IntegrityError: (psycopg.errors.CheckViolation) new row violates check constraint "no_zebras"'),
        ("Fatal Python error: Segmentation fault\n\nThread 1\n  File x\nExtension modules: shiboken6", "Fatal Python error: Segmentation fault"),
        ("Traceback (most recent call last):\n  File x\nKeyError: 'a'", "KeyError: 'a'"),
        ("in words of its own", "in words of its own"),
        ("", ""),
    ],
)  # fmt: skip
def test_an_events_reason_is_the_error_itself(details: str, reason: str) -> None:
    assert LogEvent("", "ERROR", "fault", details).reason == reason
