"""Benchmarks: ours beside the limit, in one run, as a ratio."""
