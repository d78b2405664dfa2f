"""Devices at the counter, each behind a small function of its own."""
