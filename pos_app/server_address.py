"""A PostgreSQL server's address in the parts that a person types, and as the one line that settings keep."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from pos_app.errors import Refused

PORT = "5432"
LOCAL_HOSTS = ("", "localhost", "127.0.0.1", "::1", "[::1]")
CHECKED, ENCRYPTED, PLAIN = "verify-full", "require", "disable"
# Where systems keep whom they trust: PostgreSQL's client library comes with an encryption library that does not know.
TRUSTED = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_PARTS = re.compile(r"[^\s/@?#]+")


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """What somebody types; `certificate` is the file of who signed the server's, empty for whom the system trusts."""

    host: str = ""
    port: str = PORT
    database: str = ""
    user: str = ""
    password: str = ""
    encryption: str = CHECKED
    certificate: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether there is enough to try."""
        return bool(self.host and self.port and self.database and self.user)

    def url(self, passfile: Path | None = None) -> str:
        """Give the line; with `passfile` the password is left out of it, and looked for in that file.

        Raises Refused("address.host" | "address.port").
        """
        if not _PARTS.fullmatch(self.host):
            raise Refused("address.host", host=self.host[:60])
        if not (self.port.isascii() and self.port.isdigit() and 0 < int(self.port[:6]) < 2**16):
            raise Refused("address.port", port=self.port[:20])
        servers = [host if re.search(r"[^:]:\d+$", host) else f"{host}:{self.port}" for host in self.host.split(",")]
        secret = f":{quote(self.password, safe='')}" if self.password and passfile is None else ""
        query = {"sslmode": self.encryption}
        if self.encryption == CHECKED and (trusted := self.certificate or _trusted()):
            query["sslrootcert"] = trusted
        if self.password and passfile is not None:
            query["passfile"] = str(passfile)
        who, what = quote(self.user, safe=""), quote(self.database, safe="")
        return f"postgresql://{who}{secret}@{','.join(servers)}/{what}?{urlencode(query, quote_via=quote)}"


def read_address(line: str) -> ServerAddress | None:
    """Take a whole line apart that somebody pasted; None where it is none."""
    if not line.startswith(("postgresql://", "postgres://")):
        return None
    parts = urlsplit(line)
    query = dict(parse_qsl(parts.query))
    who, at, where = parts.netloc.rpartition("@")
    user, _, password = who.partition(":") if at else ("", "", "")
    host, colon, port = where.rpartition(":")
    if not colon or "," in where or not port.isdigit():
        host, port = where, PORT
    # What is left open is filled in as `checked` does: this very computer is asked over no network.
    encryption = query.get("sslmode", PLAIN if host and host in LOCAL_HOSTS else CHECKED)
    return ServerAddress(
        host,
        port,
        unquote(parts.path.lstrip("/")),
        unquote(user),
        unquote(password),
        encryption if encryption in (CHECKED, ENCRYPTED, PLAIN) else CHECKED,
        query.get("sslrootcert", ""),
    )


def checked(hosts: Iterable[str], query: Mapping[str, Any]) -> dict[str, Any]:
    """Give an address's options with what it leaves open: over a network a connection is encrypted and checked.

    Whoever wants it otherwise says so: sslmode in the address, or PGSSLMODE.
    """
    options = dict(query)
    far = any(host not in LOCAL_HOSTS and not host.startswith("/") for host in hosts)
    if far and "sslmode" not in options and not os.environ.get("PGSSLMODE"):
        options["sslmode"] = CHECKED
    lacks = options.get("sslmode") in ("verify-ca", CHECKED) and "sslrootcert" not in options
    if lacks and not os.environ.get("PGSSLROOTCERT") and (trusted := _trusted()):
        options["sslrootcert"] = trusted
    return options


def pass_line(user: str, password: str) -> str:
    """Give the line of a passfile: whichever server and database of the shop's it is, it is this user's."""
    name, secret = (text.replace("\\", "\\\\").replace(":", "\\:") for text in (user, password))
    return f"*:*:*:{name}:{secret}\n"


def _trusted() -> str:
    """The file of whom this system trusts; empty where the client library has one of its own, which it then takes."""
    folder = Path(os.environ["APPDATA"]) / "postgresql" if os.environ.get("APPDATA") else Path.home() / ".postgresql"
    if (folder / "root.crt").is_file():
        return ""
    return next((file for file in TRUSTED if Path(file).is_file()), "system")
