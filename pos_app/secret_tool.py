"""The keyring of a Linux desktop, through the program that its maker gives for it (libsecret's secret-tool).

The library that speaks with it by itself brings twelve megabytes of encryption for a bus that never leaves the machine.
"""

import shutil
import subprocess

from pos_app.version import system_environment

PROGRAM = "secret-tool"
# A locked keyring asks the person for its password first.
PATIENCE_S = 120


class SecretTool:
    """Keeps passwords as the `keyring` library does, so that either finds what the other kept. Blocks."""

    name = "Secret Service"

    def get_password(self, service: str, username: str) -> str | None:
        """Give what is kept, None where nothing is. Raises OSError where the keyring does not answer."""
        found = _run("lookup", *_attributes(service, username))
        return None if found.returncode else found.stdout

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password. Raises OSError where the keyring does not take it."""
        label = f"--label=Password for '{username}' on '{service}'"
        kept = _run("store", label, *_attributes(service, username), given=password)
        if kept.returncode:
            raise OSError("the keyring took nothing")

    def delete_password(self, service: str, username: str) -> None:
        """Take a password out. Raises OSError where the keyring does not answer."""
        _run("clear", *_attributes(service, username))


def secret_tool() -> SecretTool | None:
    """Give the desktop's keyring where this machine has the program and a keyring that answers it. Blocks."""
    if shutil.which(PROGRAM) is None:
        return None
    try:
        SecretTool().get_password("bookstore-pos", "")
    except OSError:
        return None
    return SecretTool()


def _attributes(service: str, username: str) -> tuple[str, ...]:
    return ("service", service, "username", username)


def _run(act: str, *words: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    """Run it; what it says on its error output is why the keyring does not answer: nothing found is said by nothing."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program of the system, without a shell
            [PROGRAM, act, *words],
            input=given,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
            env=system_environment(),
        )
    except subprocess.TimeoutExpired as error:
        raise OSError("nobody unlocked it") from error
    if said := done.stderr.strip():
        raise OSError(said.removeprefix(f"{PROGRAM}: "))
    return done
