"""A keyring that is a file, for machines without a desktop: PYTHON_KEYRING_BACKEND=tests.keyring_file.FileKeyring."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

VARIABLE = "POS_TEST_KEYRING"


class FileKeyring(KeyringBackend):
    """What the tests named in POS_TEST_KEYRING; locked while it holds nothing that can be read."""

    priority = 1
    name = "file of the tests"

    @property
    def _file(self) -> Path:
        return Path(os.environ[VARIABLE])

    def _read(self) -> dict[str, str]:
        text = self._file.read_text("utf-8") if self._file.exists() else "{}"
        if text == "locked":
            raise KeyringLocked("it is locked")
        return json.loads(text)

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._file.write_text(json.dumps(self._read() | {f"{service} {username}": password}), "utf-8")

    def delete_password(self, service: str, username: str) -> None:
        kept = self._read()
        if kept.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError("not there")
        self._file.write_text(json.dumps(kept), "utf-8")
