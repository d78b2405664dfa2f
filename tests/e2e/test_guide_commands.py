"""A newcomer's walk: whatever the guide tells somebody to type is typed here, as it stands there.

What cannot be typed in a test stands in ELSEWHERE, with what tries it instead; nothing may stand in neither.
"""

import asyncio
import importlib.util
import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from pos_app import app as application
from pos_app.config import Config
from pos_app.services.sign_in import sign_in
from tests.guide import ROOT, Told, blocks, told
from tests.postgres import PostgresServer
from tests.shop import Shop

INSTALL, IT, MANY = "docs/install.md", "docs/user-guide/it.md", "docs/user-guide/many-tills.md"
PRIDE = "9780141439518"
BOOKS = f"isbn,title,author,price,stock\n{PRIDE},Pride and Prejudice,Jane Austen,8.99,5\n"
# The program's version, where a name of a file has it.
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]

# Why it is not typed here, and what tries it instead.
ELSEWHERE = {
    r"sudo apt (install \./bookstore-pos_|remove bookstore-pos)": "packaging/rehearse-deb.sh installs and removes it in a bare Debian",
    r"(tar -xf|cd) bookstore-pos-.*linux|(sudo )?\./install\.sh --(user|system)": "packaging/rehearse-tar.sh does so in a bare system",
    r"cd /usr/lib/bookstore-pos && sha256sum": "tests/bundle/check_bundle.py holds the sums against the files",
    r"sudo installer -pkg|sudo \"/Applications/": "packaging/macos/try.sh does so on macOS",
    r"sha256sum --check": "tests/unit/test_packaging.py writes the sums and holds them against files",
    r"ALTER SYSTEM SET ssl": "the tests' PostgreSQL is built without; tests/ui/test_setup_server.py checks certificates",
    r"man bookstore-pos": "tests/unit/test_packaging.py makes and reads the page",
    r"sudo apt install reprepro gpg|mkdir -p /srv/tills|gpg --|cat > /srv/tills|sudo install -m 644 tills\.gpg": "a repository is the administrator's; the shell reads it below",
    r"reprepro -b|echo 'deb \[signed-by|sudo apt update": "as above",
    r"pip install '?\.": "tests/unit/test_house.py builds the wheel that this installs",
    r"make \w": "asked of make itself below, which says what it would do",
    r"\.venv/bin/(python -m pytest|alembic .*revision)": "for developers; what it names is looked for below",
    r"python -m tests\.(faults|bench)": "an hour's work; its flags are asked for below",
}  # fmt: skip


@dataclass
class Newcomer:
    """Somebody with a shell in an empty folder, who types what the guide says."""

    folder: Path
    environ: dict[str, str]
    typed: set[str] = field(default_factory=set)

    def types(
        self,
        line: str,
        *,
        stands_for: dict[str, str] | None = None,
        stdin: str = "",
        code: int | None = 0,
        says: str = "",
    ) -> str:
        """Type a line of the guide, with what the placeholders in it stand for, and look at what comes of it."""
        self.typed.add(line)
        for placeholder, value in (stands_for or {}).items():
            assert placeholder in line
            line = line.replace(placeholder, value)
        done = subprocess.run(
            ["/bin/sh", "-ec", line],
            cwd=self.folder,
            env=self.environ,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        heard = done.stdout + done.stderr
        assert code in (None, done.returncode), (line, heard)
        assert "Traceback" not in heard, line
        assert says in heard, (line, heard)
        return done.stdout


@pytest.fixture
def newcomer(tmp_path: Path) -> Newcomer:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, run in {
        "bookstore-pos": f"{shlex.quote(sys.executable)} -m pos_app",
        "python": shlex.quote(sys.executable),
        "alembic": f"{shlex.quote(sys.executable)} -m alembic",
    }.items():
        (programs / name).write_text(f'#!/bin/sh\nexec {run} "$@"\n', "utf-8")
        (programs / name).chmod(0o755)
    folder = tmp_path / "walk"
    folder.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BOOKSTORE_POS_", "PG"))}
    return Newcomer(
        folder,
        kept
        | {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "XDG_DATA_HOME": str(tmp_path / "share"),
            "PYTHONPATH": str(ROOT),
            "QT_QPA_PLATFORM": "offscreen",
            # The machine's own settings are not the newcomer's.
            "BOOKSTORE_POS_CONFIG": str(tmp_path / "none.toml"),
            "PYTHON_KEYRING_BACKEND": "tests.keyring_file.FileKeyring",
            "POS_TEST_KEYRING": str(tmp_path / "keyring.json"),
        },
    )


def sell(config: Config) -> str:
    """Sell a book as the counter does, and give the receipt's number."""

    async def act() -> str:
        app = application.build(config)
        try:
            max_ = await sign_in(app, "Max", "4444")
            return (await Shop(app, {}, {"Max": max_}).sell(PRIDE, operator=max_)).number
        finally:
            await app.db.close()

    return asyncio.run(act())


def walk_with_a_file(new: Newcomer) -> None:
    """From nothing to a till with its own file: installing, looking after it, and a manager's files."""
    (answers,) = [body for body in blocks(INSTALL, "toml") if "admin_name" in body]
    (new.folder / "shop.toml").write_text(answers, "utf-8")
    (new.folder / "books.csv").write_text(BOOKS, "utf-8")
    shutil.copyfile(ROOT / "tests/data/onix/onix3-multiple.xml", new.folder / "autumn.xml")
    (settings,) = [body for body in blocks(IT, "toml") if "database_url" in body]
    (new.folder / "till2.toml").write_text(settings, "utf-8")
    new.types("bookstore-pos --smoke", says="works")
    new.types("bookstore-pos config check FILE", stands_for={"FILE": "till2.toml"}, says="can be used")
    new.types("echo 4444 | bookstore-pos set-up shop.toml", says="is set up; Max may sign in")
    new.types("bookstore-pos set-up FILE", stands_for={"FILE": "shop.toml"}, says="set up already")
    # The rest of the file: nobody's printer and server are here, so they are the test's.
    (machine,) = [body for body in blocks(INSTALL, "toml") if "[machine]" in body]
    (new.folder / "paper").touch()
    for sent, here in {
        "tcp:192.0.2.20:9100": f"file:{new.folder / 'paper'}",
        "postgresql://till@server.shop.example/shop?sslrootcert=/etc/shop/root.crt": (
            f"sqlite:///{(new.folder / 'elsewhere.db').as_posix()}"
        ),
        'password_from = "keyring"': 'password_from = "libpq"',
    }.items():
        assert sent in machine
        machine = machine.replace(sent, here)
    (new.folder / "till.toml").write_text(answers + 'admin_pin = "4444"\n' + machine, "utf-8")
    elsewhere = {"FILE": f"till.toml --data-dir {new.folder / 'till'}"}
    said = new.types("bookstore-pos set-up FILE", stands_for=elsewhere, says="This machine is till 1")
    assert "1 titles are taken in" in said
    assert (new.folder / "paper").stat().st_size > 0
    new.types("bookstore-pos config show", says="settings_file")
    new.types("bookstore-pos doctor", says="ok")
    new.types("bookstore-pos user add NAME --role cashier", stands_for={"NAME": "Ana"}, stdin="1111\n", says="Ana has")
    new.types("bookstore-pos import FILE", stands_for={"FILE": "books.csv"})
    new.types("bookstore-pos import autumn.xml --dry-run")
    new.types("bookstore-pos import autumn.xml")
    for kind in ("csv", "xlsx", "xml", "pdf"):
        new.types("bookstore-pos export FILE", stands_for={"FILE": f"titles.{kind}"})
        assert (new.folder / f"titles.{kind}").stat().st_size > 100
    data = Path(new.environ["XDG_DATA_HOME"]) / "bookstore-pos"
    number = sell(Config(data, f"sqlite:///{data / 'shop.db'}"))
    new.types("bookstore-pos receipt 2-004183", code=1, says="2-004183")
    new.types("bookstore-pos receipt 2-004183", stands_for={"2-004183": number}, says="Pride and Prejudice")
    new.types("bookstore-pos verify", says="ok")
    new.types("bookstore-pos events", says="Nothing went wrong")
    new.types("bookstore-pos diagnostics FILE", stands_for={"FILE": "help.zip"}, says="no passwords")
    new.types("bookstore-pos backup FILE", stands_for={"FILE": "copy.db"}, says="the whole shop")
    new.types("bookstore-pos migrate", says="already at revision")
    new.types("bookstore-pos migrate --accept-findings", says="already at revision")
    new.types("bookstore-pos restore FILE", stands_for={"FILE": "copy.db"}, says="is the shop now")
    # There was no upgrade to go back behind: tests/db/test_upgrade.py goes back behind one.
    new.types("bookstore-pos rollback", code=1)
    new.types("bookstore-pos till list")
    address = f"sqlite:///{new.folder / 'steps.db'}"
    new.folder = ROOT
    new.types("alembic -x url=… upgrade head", stands_for={"url=…": f"url={address}"})


def walk_with_a_server(new: Newcomer, server: PostgresServer) -> None:
    """The administrator's statements, the owner's commands, and a till that joins."""
    address = make_url(server.url)
    there = f"{address.host}:{address.port}"
    # Roles are the whole server's: other tests have theirs.
    owner, till, shop = (f"walk_{os.getpid()}_{name}" for name in ("owner", "till", "shop"))
    names = {"shop_owner": owner, "ROLE till": f"ROLE {till}", "DATABASE shop": f"DATABASE {shop}", "'…'": "'secret'"}

    def administrator(statement: str) -> None:
        new.typed.add(statement)
        for name, value in names.items():
            statement = statement.replace(name, value)
        asyncio.run(_execute(server.url, statement))

    # What a page sets up comes before what other sentences say of it.
    for statement in sorted((one for one in told() if one.kind == "sql"), key=lambda one: one.inline):
        if not tried_elsewhere(statement.text):
            administrator(statement.text)
    certificate(new)
    data = {"server/shop": f"{there}/{shop}", "shop_owner@": f"{owner}:secret@"}
    try:
        fenced = [one.text for one in told() if one.page == MANY and not one.inline and one.kind == "sh"]
        for line in [one for one in fenced if one.startswith("bookstore-pos")]:
            new.types(
                line, stands_for=data | ({"grant-till till": f"grant-till {till}"} if "grant-till" in line else {})
            )
        (answers,) = [body for body in blocks(INSTALL, "toml") if "admin_name" in body]
        (new.folder / "shop.toml").write_text(answers, "utf-8")
        new.environ["BOOKSTORE_POS_DATABASE_URL"] = f"postgresql://{owner}:secret@{there}/{shop}"
        new.types("echo 4444 | bookstore-pos set-up shop.toml", says="is set up")
        new.types("bookstore-pos grant-till ROLE", stands_for={"ROLE": till}, says="GRANT")
        new.types("bookstore-pos grant-till ROLE --apply", stands_for={"ROLE": till}, says="statements were run")
        new.types("bookstore-pos user add NAME --role cashier", stands_for={"NAME": "Jo"}, stdin="2222\n")
        new.environ["BOOKSTORE_POS_DATABASE_URL"] = f"postgresql://{owner}@{there}/{shop}"
        new.types("bookstore-pos password set", stdin="secret\n", says="is in the system's keyring")
        new.types("bookstore-pos till list")
        new.types("bookstore-pos password forget", says="has it no longer")
        # From here on as a till does, with the till's own role.
        new.environ["BOOKSTORE_POS_DATABASE_URL"] = f"postgresql://{till}:secret@{there}/{shop}"
        # The tests' server does not flush, which it finds, and says.
        new.types("bookstore-pos doctor", code=None, says=till)
        new.types("bookstore-pos till list")
        new.types("bookstore-pos till free 1", says="Till 1 is free")
        new.types("bookstore-pos till free N", stands_for={"N": "1"}, says="Till 1 is free")
        new.types("bookstore-pos verify", says="ok")
    finally:
        for statement in (f"DROP DATABASE IF EXISTS {shop} WITH (FORCE)", f"DROP ROLE {till}", f"DROP ROLE {owner}"):
            asyncio.run(_execute(server.url, statement))


def certificate(new: Newcomer) -> None:
    """The server's certificate, made as the guide says: a client that trusts it takes it for that name."""
    (line,) = [one.text for one in told() if one.text.startswith("openssl req")]
    new.types(line)
    ours, theirs = socket.socketpair()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(new.folder / "server.crt", new.folder / "server.key")
    client = ssl.create_default_context(cafile=str(new.folder / "server.crt"))
    with ThreadPoolExecutor() as beside, ours, theirs:
        shaken = beside.submit(server.wrap_socket, theirs, server_side=True)
        with client.wrap_socket(ours, server_hostname="server"), shaken.result():
            pass


async def _execute(url: str, statement: str) -> None:
    import psycopg

    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(statement)


def tried_elsewhere(line: str) -> bool:
    return any(re.match(pattern, line) for pattern in ELSEWHERE)


@pytest.mark.timeout(600)
def test_everything_the_guide_tells_to_type_is_typed_or_tried_elsewhere(
    newcomer: Newcomer, postgres: PostgresServer
) -> None:
    first, typed = newcomer.folder, newcomer.typed
    walk_with_a_file(newcomer)
    newcomer.folder = first
    # Another machine: what this one keeps of the first walk's sale is none of the server's.
    newcomer.environ["XDG_DATA_HOME"] += "-other"
    walk_with_a_server(newcomer, postgres)
    simulator(newcomer)

    def is_typed(one: Told) -> bool:
        # A sentence may name a command by its first words.
        return one.text in typed or (one.inline and any(line.startswith(f"{one.text} ") for line in typed))

    left = [f"{one.page}: {one.text}" for one in told() if not is_typed(one) and not tried_elsewhere(one.text)]
    assert left == [], "neither typed in the walk nor named in ELSEWHERE"


def simulator(new: Newcomer) -> None:
    """The simulated card terminal waits for tills: it is started, and ended once it says so."""
    line = "python -m pos_app.devices.card_simulator"
    new.typed.add(line)
    with subprocess.Popen(
        line.replace("python", sys.executable).split(), env=new.environ, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline()
        finally:
            running.terminate()


def test_what_is_tried_elsewhere_is_still_told() -> None:
    lines = [one.text for one in told()]
    for pattern in ELSEWHERE:
        assert any(re.match(pattern, line) for line in lines), pattern


@pytest.mark.parametrize("line", sorted({one.text for one in told() if re.match(r"make \w", one.text)}))
def test_make_knows_what_the_guide_asks_of_it(line: str) -> None:
    subprocess.run(
        [*line.split(), "--dry-run"], cwd=ROOT, check=True, capture_output=True, env=os.environ | {"MAKEFLAGS": ""}
    )


def test_the_shell_reads_every_line_that_is_not_typed() -> None:
    for one in told():
        if one.kind == "sh" and tried_elsewhere(one.text) and "…" not in one.text:
            subprocess.run(["/bin/sh", "-n", "-c", one.text], check=True, capture_output=True)


def test_names_of_files_have_this_version() -> None:
    versions = {found for one in told() for found in re.findall(r"bookstore-pos[_-](\d+\.\d+\.\d+)", one.text)}
    assert versions == {VERSION}


def test_modules_flags_and_files_that_developers_are_told_of_are_there() -> None:
    for one in told():
        for module in re.findall(r"python -m ([\w.]+)", one.text):
            assert importlib.util.find_spec(module) is not None, one
        for path in re.findall(r"\b(tests/[\w/]+\.py)", one.text):
            assert (ROOT / path).is_file(), one
        if re.match(r"python -m tests\.faults .*--", one.text):
            shown = subprocess.run(
                [sys.executable, "-m", "tests.faults", "--help"], cwd=ROOT, check=True, capture_output=True, text=True
            ).stdout
            assert all(flag in shown for flag in re.findall(r"--\w+", one.text)), one
