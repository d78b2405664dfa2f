"""What is wrong in a server's address, as far as it can be told without asking anybody."""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from pos_app.errors import Refused

# Values that PostgreSQL's client library takes, where they are words of its own.
VALUES = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "target_session_attrs": ("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
    "channel_binding": ("disable", "prefer", "require"),
    "gssencmode": ("disable", "prefer", "require"),
}
NUMBERS = ("port", "connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count")
FILES = ("passfile", "sslrootcert", "sslcert", "sslkey", "sslcrl")
HIGHEST_PORT = 2**16 - 1


def mistakes(url: str) -> Iterator[Refused]:
    """Give everything in an address that PostgreSQL's client library would not take."""
    if not url.startswith("postgresql"):
        return
    parts = urlsplit(url)
    for server in parts.netloc.rpartition("@")[2].split(","):
        # The colons of an IPv6 address stand in brackets.
        _, colon, port = server.rpartition("]")[2].rpartition(":")
        if colon and not _is_port(port):
            yield Refused("address.port", port=port[:20])
    known = _options()
    for option, value in parse_qsl(parts.query, keep_blank_values=True):
        if option not in known:
            near = get_close_matches(option.lower(), known, 1)
            yield Refused("address.option", option=option[:40], hint=near[0] if near else "")
        elif option == "port":
            yield from (Refused("address.port", port=one[:20]) for one in value.split(",") if not _is_port(one))
        elif value not in VALUES.get(option, (value,)):
            yield Refused("address.value", option=option, value=value[:40], known=", ".join(VALUES[option]))
        elif option in NUMBERS and not value.removeprefix("-").isdecimal():
            yield Refused("address.value", option=option, value=value[:40], known="0, 1, 2, 3 …")


def missing_files(url: str) -> Iterator[Refused]:
    """Give the files that an address names and that are not here, or not said from the root."""
    for option, value in parse_qsl(urlsplit(url).query):
        if option not in FILES or (option == "sslrootcert" and value == "system"):
            continue
        if not Path(value).is_absolute():
            yield Refused("address.relative", option=option, path=value)
        elif not Path(value).is_file():
            yield Refused("address.file", option=option, path=value)


def has_password(url: str) -> bool:
    """Whether a password stands in an address, before the host or as an option."""
    parts = urlsplit(url)
    return ":" in parts.netloc.rpartition("@")[0] or any(
        option.lower() in ("password", "sslpassword") for option, _ in parse_qsl(parts.query)
    )


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text[:6]) <= HIGHEST_PORT


def _options() -> tuple[str, ...]:
    """What the client library that is installed here knows."""
    from psycopg import pq  # noqa: PLC0415 - only where there is a server

    return tuple(option.keyword.decode() for option in pq.Conninfo.get_defaults())
