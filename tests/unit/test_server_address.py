"""A server's address, from the parts that are typed to the line that settings keep, and why a server was not reached."""

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from pos_app.connect_fault import precisely
from pos_app.database import parse_address
from pos_app.errors import Refused, Unavailable
from pos_app.messages import sentence
from pos_app.server_address import ServerAddress, pass_line, read_address


def test_what_is_typed_becomes_a_line_and_comes_back() -> None:
    typed = ServerAddress("server.shop.example", "5433", "shop one", "till@2", "p:w/@", "require")
    assert read_address(typed.url()) == typed
    parsed = make_url(typed.url())
    assert (parsed.host, parsed.port, parsed.database) == ("server.shop.example", 5433, "shop one")
    assert (parsed.username, parsed.password) == ("till@2", "p:w/@")


def test_with_a_passfile_no_password_stands_in_the_line() -> None:
    url = ServerAddress("server", "5432", "shop", "till", "secret", "require").url(Path("/data folder/server.pgpass"))
    assert "secret" not in url
    assert make_url(url).query["passfile"] == "/data folder/server.pgpass"
    assert "passfile" not in ServerAddress("server", "5432", "shop", "till", "", "require").url(Path("/x"))


def test_several_servers_share_a_port_where_none_is_said() -> None:
    parsed = parse_address(ServerAddress("one,two:6000", "5433", "shop", "till", "", "disable").url())
    assert (parsed.query["host"], parsed.query["port"]) == ("one,two", "5433,6000")


def test_a_remote_server_has_to_prove_who_it_is_unless_somebody_says_otherwise() -> None:
    assert make_url(ServerAddress("server", "5432", "shop", "till").url()).query["sslmode"] == "verify-full"
    own = ServerAddress("server", "5432", "shop", "till", certificate="/mine.crt").url()
    assert make_url(own).query["sslrootcert"] == "/mine.crt"


@pytest.mark.parametrize(
    ("host", "port", "code"),
    [
        ("two words", "5432", "address.host"),
        ("who@server", "5432", "address.host"),
        ("", "5432", "address.host"),
        ("server", "0", "address.port"),
        ("server", "65536", "address.port"),
        ("server", "٣", "address.port"),
        ("server", "99999999999", "address.port"),
    ],
)
def test_parts_that_make_no_address_are_refused(host: str, port: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        ServerAddress(host, port, "shop", "till").url()
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("server", None),
        ("sqlite:///shop.db", None),
        ("postgresql://till@server/shop", ServerAddress("server", "5432", "shop", "till")),
        ("postgres://till:a%3Ab@server:6000/shop", ServerAddress("server", "6000", "shop", "till", "a:b")),
        ("postgresql://server/shop?sslmode=prefer", ServerAddress("server", "5432", "shop", "")),
        (
            "postgresql://t@one:1,two:2/shop?sslmode=verify-full&sslrootcert=/a%20b.crt",
            ServerAddress("one:1,two:2", "5432", "shop", "t", "", "verify-full", "/a b.crt"),
        ),
    ],
)
def test_a_line_that_is_pasted_is_taken_apart(line: str, address: ServerAddress | None) -> None:
    assert read_address(line) == address


def test_a_passfile_takes_any_password() -> None:
    assert pass_line("t:ill", "a:b\\c") == "*:*:*:t\\:ill:a\\:b\\\\c\n"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (
            'FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "t", database "shop", SSL encryption',
            "connect.not_let_in",
        ),
        ('FATAL:  pg_hba.conf rejects connection for host "10.0.0.9", user "t", SSL encryption', "connect.not_let_in"),
        ("connection to server failed: No route to host", "connect.silent"),
        ("connection timeout expired", "connect.silent"),
        ('connection to server on socket "/run/.s.PGSQL.5432" failed: No such file or directory', "connect.socket"),
        ("received invalid response to SSL negotiation: H", "connect.no_server"),
        ("fe_sendauth: no password supplied", "connect.no_password"),
        ('FATAL:  password authentication failed for user "t"', "connect.wrong_password"),
        ("FATAL:  sorry, too many clients already", "database.unreachable"),
    ],
)
def test_words_of_the_client_library_have_their_sentence(said: str, code: str) -> None:
    error = Unavailable("database.unreachable")
    error.__cause__ = OSError(said)
    assert precisely(error, "postgresql://t@server/shop").code == code
    assert precisely(error, "sqlite:///shop.db") is error


def test_only_who_can_type_a_password_is_told_to() -> None:
    error = Unavailable("database.unreachable")
    error.__cause__ = OSError("fe_sendauth: no password supplied")
    assert "Type it" in sentence(precisely(error, "postgresql://t@server/shop", typed=True))
    told = sentence(precisely(error, "postgresql://t@server/shop"))
    assert "Type it" not in told
    assert all(place in told for place in ("bookstore-pos password set", "passfile", "keyring"))


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("postgresql://till@server/shop", "verify-full"),
        ("postgresql://till@10.0.0.7/shop", "verify-full"),
        ("postgresql://till@one,two/shop", "verify-full"),
        ("postgresql://till@localhost/shop", None),
        ("postgresql://till@127.0.0.1:5433/shop", None),
        ("postgresql:///shop?host=/run/postgresql", None),
        ("postgresql://till@server/shop?sslmode=disable", "disable"),
        ("postgresql://till@localhost/shop?sslmode=verify-full", "verify-full"),
    ],
)
def test_over_a_network_the_servers_certificate_is_checked_unless_the_address_says_otherwise(
    url: str, mode: str | None
) -> None:
    found = parse_address(url).query
    assert found.get("sslmode") == mode
    assert ("sslrootcert" in found) == (mode == "verify-full")


def test_what_the_environment_says_of_encryption_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLMODE", "require")
    assert "sslmode" not in parse_address("postgresql://till@server/shop").query
    monkeypatch.setenv("PGSSLROOTCERT", "/srv/root.crt")
    assert "sslrootcert" not in parse_address("postgresql://till@server/shop?sslmode=verify-full").query
