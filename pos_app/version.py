"""The version installed, and how this very program is started again."""

import os
import sys
from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """Give the program's version."""
    try:
        return version("bookstore-pos")
    except PackageNotFoundError:
        return "not installed"


def is_bundled() -> bool:
    """Whether this is the bundle that carries its own Python."""
    return bool(getattr(sys, "frozen", False))


def own_command() -> list[str]:
    """Give what starts this program: the bundle's own file, or its package in this interpreter."""
    return [sys.executable] if is_bundled() else [sys.executable, "-m", "pos_app"]


def system_environment() -> dict[str, str]:
    """Give the environment for the system's own programs.

    On Linux a bundle runs with its own libraries first; another program must not be given those.
    """
    environment = dict(os.environ)
    if is_bundled():
        before = environment.pop("LD_LIBRARY_PATH_ORIG", None)
        environment.pop("LD_LIBRARY_PATH", None)
        if before is not None:
            environment["LD_LIBRARY_PATH"] = before
    return environment
