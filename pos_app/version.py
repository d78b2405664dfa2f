"""The version installed."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """Give the program's version."""
    try:
        return version("bookstore-pos")
    except PackageNotFoundError:
        return "not installed"
