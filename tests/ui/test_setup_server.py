"""A first start on a database that tills share: its address is tried while it is typed, and says why it fails."""

import asyncio
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import keyring
import psycopg
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy.engine import make_url

from pos_app import config as machine
from pos_app.config import KEYRING, Config
from pos_app.doctor import examine
from pos_app.errors import PosError, Unavailable
from pos_app.first_start import look_at
from pos_app.messages import sentence
from pos_app.migrate import SCHEMA_HEAD, bring_up_to_date
from pos_app.password import keep_password
from pos_app.services.first_start import FirstStart as Answers
from pos_app.services.first_start import set_up
from pos_app.services.till import claim_till, list_tills
from pos_app.till_role import grants
from tests.keyring_file import VARIABLE, FileKeyring
from tests.postgres import Cluster, PostgresServer, own_cluster
from tests.shop import Shop
from tests.tls import TlsServer, tls_before
from tests.ui.first_start import FirstStart, first_start
from tests.ui.keyboard import until
from tests.ui.till import Run

ALT = Qt.KeyboardModifier.AltModifier
PASSWORD = "pass:w\\ord"


@dataclass(frozen=True)
class Strict:
    """A server that asks for passwords, and one before it that encrypts."""

    cluster: Cluster
    tls: TlsServer

    def url(
        self, who: str = "lena", database: str = "shop", *, port: int = 0, host: str = "127.0.0.1", **query: str
    ) -> str:
        url = make_url(f"postgresql://{host}:{port or self.cluster.port}/{database}")
        name, _, password = who.partition(":")
        made = url.set(username=name, password=password or None, query={"sslmode": "disable", **query})
        return made.render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Strict]:
    with own_cluster() as cluster, tls_before(cluster.url, tmp_path_factory.mktemp("tls")) as tls:
        with psycopg.connect(cluster.url, autocommit=True) as server:
            server.execute(f"CREATE ROLE lena LOGIN PASSWORD '{PASSWORD}'")
            server.execute("CREATE ROLE till LOGIN PASSWORD 'till'")
            for name in ("shop", "foreign_one", "newer", "ours", "granted"):
                server.execute(f"CREATE DATABASE {name} OWNER lena")
            rules = (
                "host all lena,till all scram-sha-256",
                "host all postgres all trust",
            )
            (cluster.data / "pg_hba.conf").write_text("\n".join(rules) + "\n")
            server.execute("SELECT pg_reload_conf()")
        made = Strict(cluster, tls)
        with psycopg.connect(made.url("postgres", "foreign_one"), autocommit=True) as server:
            server.execute("CREATE TABLE wordpress_posts (id int)")
        with psycopg.connect(made.url("postgres", "newer"), autocommit=True) as server:
            server.execute("CREATE TABLE alembic_version (version_num varchar(32))")
            server.execute("INSERT INTO alembic_version VALUES ('9999')")
            server.execute("ALTER TABLE alembic_version OWNER TO lena")
        asyncio.run(_own_tables(tmp_path_factory.mktemp("owner"), made))
        yield made


async def _own_tables(folder: Path, strict: Strict) -> None:
    """Tables of ours without a shop in them."""
    for name in ("ours", "granted"):
        await bring_up_to_date(Config(folder, strict.url(f"lena:{PASSWORD}", name)))
    with psycopg.connect(strict.url("postgres", "granted"), autocommit=True) as server:
        for statement in grants("till", "granted", "public"):
            server.execute(statement)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


WRONG = {
    "host": "No machine called nowhere.invalid is known in this network.",
    "port": "127.0.0.1 is there, but no database answers on port",
    "silent": "See that the server is on and in this network, and that no firewall",
    "password": "The server does not take this password of lena. Type it again",
    "no password": "The server asks for lena's password. Type it.",
    "no encryption": "does not let nobody_here into shop without encryption. Choose an encrypted",
    "unknown user": "The server knows nobody called shut_out. Check the name, or make it there",
    "database": "The server has no database called shoop. Check the name, or make it there",
    "no tls there": "offers no encryption. Switch it on there (ssl = on)",
    "untrusted": "a certificate that nobody trusted by this machine signed. Name the file",
    "other name": "The certificate is for localhost, not for 127.0.0.1. Type the server's name",
    "no certificate": "The certificate's file /no/such.crt cannot be read. Name the file",
    "foreign": "holds something else (table wordpress_posts). Give the till a database of its own",
    "newer": f"is newer than this program (revision {SCHEMA_HEAD}). Update the program on this till.",
    "no tables": "till may not make tables in this database. A new shop is made by",
    "no rights": "till has no rights in this database. As its owner, run bookstore-pos grant-till till --apply",
    "owner": "There is no shop in this database yet, and till may not make one.",
}

# Where nobody types a password, nobody is told to type it again.
WITHOUT_A_FIELD = "The server does not take the password that lena has here. Change it where it is kept"


def wrong_address(strict: Strict, which: str) -> str:
    good, tls = f"lena:{PASSWORD}", strict.tls.port
    return {
        "host": strict.url(good, host="nowhere.invalid"),
        "port": strict.url(good, port=free_port()),
        "password": strict.url("lena:wrong"),
        "no password": strict.url("lena"),
        "no encryption": strict.url("nobody_here:x"),
        "database": strict.url("postgres", "shoop"),
        "no tls there": strict.url(good, sslmode="require"),
        "untrusted": strict.url(good, host="localhost", port=tls, sslmode="verify-full"),
        "other name": strict.url(good, port=tls, sslmode="verify-full", sslrootcert=str(strict.tls.certificate)),
        "no certificate": strict.url(
            good, host="localhost", port=tls, sslmode="verify-full", sslrootcert="/no/such.crt"
        ),
        "foreign": strict.url(good, "foreign_one"),
        "newer": strict.url(good, "newer"),
        "no tables": strict.url("till:till"),
        "no rights": strict.url("till:till", "ours"),
        "owner": strict.url("till:till", "granted"),
    }[which]


@pytest.fixture(autouse=True)
def tried_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is typed is tried without the pause that a person leaves between keys."""
    monkeypatch.setattr("ui.setup.place.PAUSE_MS", 1)


@pytest.fixture
def alone(tmp_path: Path) -> Config:
    folder = tmp_path / "new"
    return Config(folder, f"sqlite:///{folder / 'shop.db'}")


@pytest.fixture
def first(alone: Config, run: Run, qapp: QApplication) -> Iterator[FirstStart]:
    with first_start(alone, run, qapp) as made:
        made.key(Qt.Key.Key_3, modifier=ALT)
        made.enter()
        assert made.title == "The shared database"
        yield made


def paste(first: FirstStart, url: str) -> None:
    """Paste a whole address where the server's name is asked for."""
    first.do(first.field("server").setFocus)
    first.fill(server=url)


def test_an_address_that_will_not_do_says_why_and_what_to_do(first: FirstStart, strict: Strict) -> None:
    # One window for all: each is told anew, and mended by the next.
    for which, told in WRONG.items():
        if which in ("silent", "unknown user"):
            continue
        paste(first, wrong_address(strict, which))
        assert told in first.says(), which
        first.enter()
        assert first.title == "The shared database", which
        assert told in first.says(), which


def test_a_user_that_the_server_does_not_know_is_told(first: FirstStart, postgres: PostgresServer) -> None:
    url = make_url(postgres.url).set(username="shut_out", query={"sslmode": "disable"})
    paste(first, url.render_as_string(hide_password=False))
    assert WRONG["unknown user"] in first.says()
    first.enter()
    assert QApplication.focusWidget() is first.field("user")


def test_a_server_that_says_nothing_is_told(first: FirstStart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("pos_app.database").database.POSTGRES_CONNECT, "connect_timeout", "2")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        paste(first, f"postgresql://lena@127.0.0.1:{mute.getsockname()[1]}/shop?sslmode=disable")
        assert WRONG["silent"] in first.says()


async def test_the_doctor_gives_the_same_reasons(strict: Strict, tmp_path: Path) -> None:
    for which in ("host", "port", "password", "database", "no tls there", "other name", "newer"):
        found = await examine(Config(tmp_path, wrong_address(strict, which)))
        (bad,) = [one for one in found if one.subject == "database"]
        assert (WITHOUT_A_FIELD if which == "password" else WRONG[which]) in bad.sentence, which


def test_a_wrong_password_is_told_at_the_start(strict: Strict, tmp_path: Path, run: Run, qapp: QApplication) -> None:
    given = Config(tmp_path / "new", wrong_address(strict, "password"))
    with first_start(given, run, qapp) as first:
        error = first.opening.exception()
        assert isinstance(error, Unavailable)
        assert WITHOUT_A_FIELD in sentence(error)


def test_typing_goes_on_while_an_address_is_tried_and_the_last_one_counts(first: FirstStart, strict: Strict) -> None:
    """Each key begins anew; what an address before said is not told any more."""
    first.fill(server="127.0.0.1", port=str(strict.cluster.port), database="shop", user="lena", password=PASSWORD)
    assert "There is no shop in it yet: a new one can be made." in first.says()
    assert first.choice("Connection").currentText() == "Not encrypted"
    first.do(lambda: QTest.keyClicks(first.field("database"), "x"))
    assert "no database called shopx" in first.says()
    first.do(lambda: QTest.keyClick(first.field("database"), Qt.Key.Key_Backspace))
    assert "a new one can be made" in first.says()
    # Where the address of a shop is mended, a database without one is hardly it.
    first.page.answers.mends = True
    first.do(lambda: QTest.keyClicks(first.field("database"), "x"))
    first.do(lambda: QTest.keyClick(first.field("database"), Qt.Key.Key_Backspace))
    assert "There is no shop in it: if yours has moved, its database has another name." in first.says()


def test_a_whole_address_may_be_typed_letter_by_letter(first: FirstStart, strict: Strict) -> None:
    url = strict.url("lena").replace("lena@", "lena:wrong@")
    first.do(lambda: QTest.keyClicks(first.field("server"), url))
    assert first.field("server").text() == url
    assert WRONG["password"] in first.says()
    first.key(Qt.Key.Key_Tab)
    assert (first.field("server").text(), first.field("port").text()) == ("127.0.0.1", str(strict.cluster.port))
    assert (first.field("user").text(), first.field("password").text()) == ("lena", "wrong")
    assert WRONG["password"] in first.says()


def test_what_is_missing_is_asked_for_with_the_focus_there(first: FirstStart) -> None:
    first.enter()
    assert "The server is missing. Type it." in first.says()
    first.type("server one")
    first.fill(database="shop", user="lena")
    assert "“server one” is no server's name" in first.says()
    first.fill(server="127.0.0.1", port="70000")
    assert "“70000” is no port" in first.says()
    first.enter()
    assert QApplication.focusWidget() is first.field("port")


def test_a_new_shop_is_made_on_a_server_over_tls_and_its_password_is_kept_apart(
    alone: Config, strict: Strict, run: Run, qapp: QApplication
) -> None:
    with first_start(alone, run, qapp) as first:
        first.key(Qt.Key.Key_3, modifier=ALT)
        first.enter()
        first.fill(
            server="localhost", port=str(strict.tls.port), database="shop", user="lena", password=PASSWORD,
            file=str(strict.tls.certificate),
        )  # fmt: skip
        assert first.choice("Connection").currentText() == "Not encrypted"
        first.do(lambda: _choose(first, "Encrypted, certificate checked"))
        assert "a new one can be made" in first.says()
        first.enter()
        first.answer_shop()
        assert "shop on localhost, as lena" in first.reads()
        first.open_shop()
        assert first.window.windowTitle().startswith("Sign in")
    kept = alone.settings_file.read_text()
    assert PASSWORD not in kept
    assert "passfile" in kept
    secret = alone.data_dir / "server.pgpass"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    with first_start(machine.load({"data_dir": alone.data_dir}, {}), run, qapp) as again:
        run(asyncio.wait_for(again.opening, 20))
        assert again.window.windowTitle().startswith("Sign in")
        assert "verify-full" in again.starter._config.database_url


@pytest.fixture
def kept_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A keyring of the test's own; what the window lets libpq have is gone after it."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "keyring.json"))
    monkeypatch.setenv("PGPASSWORD", "")
    before = keyring.get_keyring()
    keyring.set_keyring(FileKeyring())
    yield
    keyring.set_keyring(before)


def test_where_there_is_a_keyring_the_password_is_kept_there_and_in_no_file(
    alone: Config, strict: Strict, run: Run, qapp: QApplication, kept_keyring: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(strict.cluster.url, autocommit=True) as server:
        server.execute("CREATE DATABASE keyring OWNER lena")
    with first_start(alone, run, qapp) as first:
        first.key(Qt.Key.Key_3, modifier=ALT)
        first.enter()
        first.fill(
            server="127.0.0.1", port=str(strict.cluster.port), database="keyring", user="lena", password=PASSWORD
        )
        assert "a new one can be made" in first.says()
        first.enter()
        first.answer_shop()
        first.open_shop()
        assert first.window.windowTitle().startswith("Sign in")
    assert 'password_from = "keyring"' in alone.settings_file.read_text()
    texts = [path.read_text("utf-8", "replace") for path in alone.data_dir.rglob("*") if path.is_file()]
    assert not [text for text in texts if PASSWORD in text or "pass:w\\\\ord" in text]
    assert not (alone.data_dir / "server.pgpass").exists()
    monkeypatch.setenv("PGPASSWORD", "")
    with first_start(machine.load({"data_dir": alone.data_dir}, {}), run, qapp) as again:
        run(asyncio.wait_for(again.opening, 20))
        assert again.window.windowTitle().startswith("Sign in")


def test_a_start_tried_again_asks_the_keyring_anew(
    alone: Config, strict: Strict, run: Run, qapp: QApplication, kept_keyring: None
) -> None:
    url = strict.url("lena", "ours")
    given = replace(alone, database_url=url, password_from=KEYRING)
    keep_password(url, "an old one")
    with first_start(given, run, qapp) as first:
        refused = first.opening.exception()
        assert isinstance(refused, PosError)
        assert WITHOUT_A_FIELD in sentence(refused)
        keep_password(url, PASSWORD)

        async def again() -> None:
            await first.starter.let_go()
            await first.starter.begin_again(mend=False)
            first.opening = asyncio.ensure_future(first.starter.open())
            await until(lambda: hasattr(first.window, "setup_page"), 20)

        run(again())
        assert first.title == "The shop"


def _choose(first: FirstStart, text: str) -> None:
    box = first.choice("Connection")
    box.setCurrentText(text)
    box.activated.emit(box.currentIndex())


# A shop that is there


@pytest.fixture
def joining(alone: Config, config: Config, shop: Shop, run: Run, qapp: QApplication) -> Iterator[FirstStart]:
    """A new machine, on a shop whose till 1 is another machine's."""
    run(claim_till(shop.app, "Front"))
    with first_start(alone, run, qapp) as made:
        made.key(Qt.Key.Key_3, modifier=ALT)
        made.enter()
        paste(made, f"{config.database_url}?sslmode=disable")
        yield made


@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
def test_a_machine_joins_a_shop_as_another_till(joining: FirstStart, shop: Shop, run: Run, alone: Config) -> None:
    assert "is in it: this computer becomes another till of it" in joining.says()
    assert "a role of the tills' own is safer" in joining.says()
    joining.enter()
    assert joining.title == "This till"
    assert "In use: 1 Front" in joining.reads()
    assert joining.field("till number").text() == "2"
    joining.fill(till_number="1")
    joining.enter()
    assert "Till 1 is in use on" in joining.says()
    joining.fill(till_number="0")
    joining.enter()
    assert "a whole number from 1 to 999" in joining.says()
    joining.fill(till_number="2", till_name="Upstairs")
    joining.go_to("Ready")
    assert "2 Upstairs" in joining.reads()
    assert "Admin" not in joining.reads()
    joining.open_shop()
    assert joining.window.windowTitle().startswith("Sign in")
    assert [(till.number, till.name) for till in run(list_tills(shop.app))] == [(1, "Front"), (2, "Upstairs")]
    assert machine.load({"data_dir": alone.data_dir}, {}).till == 2


@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
def test_a_number_taken_meanwhile_is_asked_for_again(
    joining: FirstStart, shop: Shop, run: Run, tmp_path: Path, config: Config
) -> None:
    joining.go_to("Ready")
    other = Config(tmp_path / "other", config.database_url, till=2)
    other.data_dir.mkdir()
    run(_claim(other))
    joining.enter()
    assert joining.title == "This till"
    assert "Till 2 is in use on" in joining.says()
    joining.fill(till_number="3")
    joining.go_to("Ready")
    joining.open_shop()
    assert [till.number for till in run(list_tills(shop.app))] == [1, 2, 3]


async def _claim(config: Config) -> None:
    from pos_app.app import build

    app = build(config)
    await claim_till(app)
    await app.db.close()


@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
def test_a_shop_that_was_made_before_the_power_went_is_found_again(
    config: Config, alone: Config, run: Run, qapp: QApplication
) -> None:
    """Stored on the server, and not kept here: the next start asks where, and finds it there."""
    from pos_app.app import build
    from pos_app.domain.shop import ShopSettings

    async def before() -> None:
        app = build(config)
        await set_up(app, Answers(ShopSettings(shop_name="Marlow"), "Books 0 %", Decimal(0), "Lena", "246800"))
        await app.db.close()

    run(before())
    with first_start(alone, run, qapp) as first:
        first.key(Qt.Key.Key_3, modifier=ALT)
        first.enter()
        paste(first, f"{config.database_url}?sslmode=disable")
        assert "The shop “Marlow” is in it" in first.says()
        first.go_to("Ready")
        first.open_shop()
        assert first.window.windowTitle().startswith("Sign in")


async def test_nothing_is_changed_by_looking(config: Config) -> None:
    standing = await look_at(config)
    assert standing.shop is None


async def test_a_reason_that_nobody_knows_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(PosError) as told:
        await look_at(Config(tmp_path, f"sqlite:///{tmp_path}"))
    assert told.value.code == "database.missing"
