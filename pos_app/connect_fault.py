"""Why a server could not be connected to, as exactly as its client library tells: for whoever types its address."""

import re
from collections.abc import Callable

from pos_app.database import parse_address
from pos_app.errors import PosError, Unavailable

# What the client library says, and what that means. Its words are English wherever it runs: it is asked before a
# server could say anything in a language of its own. A server's are matched by their parts that stay.
_REASONS: tuple[tuple[str, Callable[[dict[str, str]], Unavailable]], ...] = (
    (
        r"failed to resolve host|could not translate host name",
        lambda at: Unavailable("connect.host", host=at["host"]),
    ),
    (r"no password supplied", lambda at: Unavailable("connect.password_needed", user=at["user"])),
    (r"password authentication failed", lambda at: Unavailable("connect.password", user=at["user"])),
    (r'role ".*" does not exist', lambda at: Unavailable("connect.user", user=at["user"])),
    (r'database ".*" does not exist', lambda at: Unavailable("connect.database", database=at["database"])),
    (
        r"does not support SSL, but SSL was required",
        lambda at: Unavailable("connect.not_encrypted", host=at["host"]),
    ),
    (
        r"pg_hba\.conf.*no encryption",
        lambda at: Unavailable("connect.must_be_encrypted", host=at["host"], user=at["user"], database=at["database"]),
    ),
    (
        r"pg_hba\.conf",
        lambda at: Unavailable("connect.not_let_in", host=at["host"], user=at["user"], database=at["database"]),
    ),
    (
        r'certificate for "([^"]*)".* does not match host name',
        lambda at: Unavailable("connect.other_name", host=at["host"], name=at["quoted"]),
    ),
    (
        r'root certificate file "([^"]*)"',
        lambda at: Unavailable("connect.certificate_file", path=at["quoted"]),
    ),
    (r'connection to server on socket "([^"]*)"', lambda at: Unavailable("connect.socket", path=at["quoted"])),
    (r"response to SSL negotiation", lambda at: Unavailable("connect.no_server", host=at["host"], port=at["port"])),
    (r"certificate verify failed", lambda at: Unavailable("connect.certificate", host=at["host"])),
    (r"Connection refused|0x0000274D", lambda at: Unavailable("connect.port", host=at["host"], port=at["port"])),
    (
        r"timeout expired|timed? ?out|No route to host|unreachable|closed the connection unexpectedly|reset by peer",
        lambda at: Unavailable("connect.silent", host=at["host"], port=at["port"]),
    ),
)


# What is said where nobody is asked: there is no field to type a password into.
_WITHOUT_A_FIELD: dict[str, Callable[[str], Unavailable]] = {
    "connect.password_needed": lambda user: Unavailable("connect.no_password", user=user),
    "connect.password": lambda user: Unavailable("connect.wrong_password", user=user),
}


def precisely(error: PosError, url: str, *, typed: bool = False) -> PosError:
    """Give the error that says most about a connection that failed; the error itself where nothing more is known.

    `typed` is whether the person has just typed the address and the password, and can type them again.
    """
    if error.__cause__ is None or not url.startswith("postgresql"):
        return error
    said = str(getattr(error.__cause__, "orig", error.__cause__))
    for pattern, made in _REASONS:
        if found := re.search(pattern, said):
            address = parse_address(url)
            at = {
                "host": address.host or str(address.query.get("host", "")) or "this machine",
                "port": str(address.port or address.query.get("port", 5432)),
                "user": address.username or "",
                "database": address.database or "",
                "quoted": found[1] if found.re.groups else "",
            }
            precise = made(at)
            if not typed and precise.code in _WITHOUT_A_FIELD:
                precise = _WITHOUT_A_FIELD[precise.code](at["user"])
            precise.__cause__ = error
            return precise
    return error
