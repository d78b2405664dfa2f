"""Bring a database up to date from inside the program: under a lock, after a copy, and checked."""

POSTGRES_LOCK = 7_264_310_001
