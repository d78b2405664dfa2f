"""`bookstore-pos` as people and scripts meet it: a real process, its exit code, one line when something is wrong."""

import asyncio
import json
import os
import pty
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from pos_app import app as application
from pos_app.cli import make_parser
from pos_app.config import Config
from pos_app.database import sqlite_driver
from pos_app.demo import build_demo
from pos_app.migrate import SCHEMA_HEAD
from pos_app.services.book import find_by_code
from pos_app.till_lock import till_held
from tests.conftest import SetClock
from tests.forks import Forks
from tests.postgres import PostgresServer
from tests.shop import PRIDE, fill

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line on stderr."""
        (line,) = self.err.splitlines()
        assert line.startswith("bookstore-pos")
        assert "Traceback" not in line
        return line


@dataclass(frozen=True)
class Command:
    """The command on a database and data folder of its own."""

    config: Config
    forks: Forks

    def __call__(self, *arguments: str, stdin: str = "", environ: dict[str, str] | None = None) -> Result:
        done = self.forks.run("pos_app", *arguments, env=self._environment(environ), stdin=stdin, cwd=ROOT)
        return Result(done.returncode, done.stdout, done.stderr)

    def cold(self, *arguments: str, stdin: str = "") -> Result:
        """The command from a cold start: with nothing loaded but what it loads itself. Each one is tried so once."""
        done = subprocess.run(
            [sys.executable, "-m", "pos_app", *arguments],
            cwd=ROOT,
            env=self._environment(),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def _environment(self, environ: dict[str, str] | None = None) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BOOKSTORE_POS_")}
        return kept | {
            "BOOKSTORE_POS_DATA_DIR": str(self.config.data_dir),
            "BOOKSTORE_POS_DATABASE_URL": self.config.database_url,
            **(environ or {}),
        }

    @property
    def log(self) -> str:
        return self.config.log_file.read_text(encoding="utf-8")


@pytest.fixture
def command(config: Config, forked: Forks) -> Command:
    """The command on an empty, migrated shop on either database."""
    return Command(config, forked)


@pytest.fixture
def bare(tmp_path: Path, forked: Forks) -> Command:
    """The command in an empty folder."""
    return Command(Config(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}"), forked)


@pytest.fixture
def migrated(bare: Command, sqlite_template: Path) -> Command:
    """The command on an empty, migrated shop in a file."""
    shutil.copyfile(sqlite_template, bare.config.data_dir / "shop.db")
    return bare


async def trade(config: Config, clock: SetClock) -> None:
    app = application.build(config, clock=clock)
    try:
        await (await fill(app)).sell(PRIDE)
    finally:
        await app.db.close()


def test_help_names_every_subcommand_and_nothing_that_is_not_there(bare: Command) -> None:
    result = bare.cold("--help")
    assert result.code == 0
    for name in (
        "migrate", "doctor", "verify", "backup", "restore", "receipt", "import", "export", "user", "config",
        "diagnostics", "events", "rollback", "set-up",
    ):  # fmt: skip
        assert name in result.out
    for name in ("serve", "--pdf"):
        assert name not in result.out


def test_help_and_settings_need_neither_database_nor_windows(bare: Command) -> None:
    code = (
        "import sys; from pos_app.cli import main; main(['config', 'show']); "
        "heavy = {'sqlalchemy', 'alembic', 'psycopg', 'PySide6', 'asyncio'} & sys.modules.keys(); "
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("--till", "0"),
        ("--till", "x"),
        ("--size", "big"),
        ("--size", "800x600"),
        ("--text-scale", "10"),
        ("--theme", "pink"),
        ("--page", "moon"),
        ("--sign-in", "Ana"),
        ("--database-url", "mysql://x/y"),
        ("receipt",),
        ("user",),
        ("user", "add"),
        ("user", "add", "Ana", "--role", "king"),
        ("backup", ""),
        ("grant-till", ""),
        ("config",),
        ("--dem",),
        ("receipt", "1-1", "--pdf"),
    ],
)
def test_wrong_usage_is_told_in_one_line_and_ends_with_2(bare: Command, arguments: tuple[str, ...]) -> None:
    result = bare(*arguments)
    assert result.code == 2
    assert "--help" in result.complaint
    assert result.out == ""
    for jargon in ("argument ", "invalid choice", "arguments are required", "unrecognized"):
        assert jargon not in result.complaint


def test_a_word_that_is_not_known_is_told_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, told in (
        (("user", "add", "Ana", "--role", "boss"), "--role: “boss” is not known. Use cashier, manager, admin or user."),
        (("user", "set-role", "Ana", "boss"), "ROLE: “boss” is not known. Use cashier, manager, admin or user."),
        (("export", "x.csv", "--stock", "lots"), "“lots” is not known. Use any, well, low, out or inactive."),
        (("export", "x.csv", "--subject", "FF", "--subject", "FB"), "--subject: was given twice, and only one can be"),
        (("export", "x.csv", "--subject", " "), "--subject: nothing was given."),
        (("export", "x.csv", "--search", ""), "--search: nothing was given."),
        (("export", "x.csv", "--columns", "isbn13", "--columns", "title"), "--columns: was given twice"),
        (("export", "x.csv", "--in-stock", "--stock", "out"), "--stock: not allowed together with --in-stock."),
        (("user",), "ACTION is missing."),
        (("user", "list", "x"), "x is not known here."),
    ):
        with pytest.raises(SystemExit) as ended:
            make_parser().parse_args(arguments)
        assert ended.value.code == 2
        assert told in capsys.readouterr().err


def test_settings_are_shown_without_the_password(bare: Command) -> None:
    url = "postgresql://till:geheim@server:5432/shop?password=auchgeheim&sslmode=verify-full"
    result = bare("config", "show", "--json", "--database-url", url, "--till", "7")
    shown = json.loads(result.out)
    assert (result.code, shown["till"]) == (0, 7)
    assert shown["database_url"] == "postgresql://till:***@server:5432/shop?password=***&sslmode=verify-full"
    assert "till = 7" in bare("--till", "7", "config", "show").out


def test_a_flag_after_the_subcommand_counts_as_one_before_it(bare: Command) -> None:
    before = bare("--till", "5", "config", "show", "--json")
    after = bare("config", "--till", "5", "show", "--json")
    last = bare("config", "show", "--json", "--till", "5")
    assert before == after == last
    assert json.loads(last.out)["till"] == 5


def test_a_broken_settings_file_is_named(bare: Command) -> None:
    (bare.config.data_dir / "settings.toml").write_text("till = = 1", encoding="utf-8")
    result = bare("config", "show")
    assert result.code == 1
    assert "settings.toml" in result.complaint


def test_the_doctor_looks_on_where_the_settings_cannot_be_read(bare: Command) -> None:
    bare.config.settings_file.write_text("till = = 1", encoding="utf-8")
    told = bare("doctor", "--json")
    found = {one["subject"]: one for one in json.loads(told.out)["findings"]}
    assert (told.code, found["settings"]["level"]) == (1, "bad")
    assert str(bare.config.settings_file) in found["settings"]["sentence"]
    assert "disk" in found


def test_a_file_of_settings_is_checked_before_it_goes_to_many_tills(bare: Command, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('till = 7\ntheme = "dark"\n', encoding="utf-8")
    told = bare.cold("config", "check", str(file))
    assert (told.code, told.out.splitlines()[:2]) == (0, ["till = 7", "theme = dark"])
    assert json.loads(bare("config", "check", str(file), "--json").out) == {"till": 7, "theme": "dark"}
    # Also where the settings in force are the ones that are wrong.
    bare.config.settings_file.write_text("till = 0\n", encoding="utf-8")
    wrong = bare("config", "check", str(bare.config.settings_file))
    assert (wrong.code, "The setting till cannot be" in wrong.complaint) == (1, True)
    assert "is not there" in bare("config", "check", str(tmp_path / "none.toml")).complaint


def test_what_went_wrong_is_told_and_packed(bare: Command, tmp_path: Path) -> None:
    assert "Nothing went wrong" in bare.cold("events").out
    bare.config.log_file.write_text("2026-11-29 10:00:00,000 ERROR ui: fault 1\nValueError: x\n", encoding="utf-8")
    assert bare("events").out.split() == ["2026-11-29", "10:00:00", "error", "fault", "1", "ValueError:", "x"]
    made = bare.cold("diagnostics", str(tmp_path / "till.zip"))
    assert (made.code, (tmp_path / "till.zip").stat().st_size > 0) == (0, True)
    assert "is there already" in bare("diagnostics", str(tmp_path / "till.zip")).complaint


def test_migrate_makes_the_database_and_then_has_nothing_to_do(bare: Command) -> None:
    assert json.loads(bare.cold("migrate", "--json").out) == {"changed": True, "revision": SCHEMA_HEAD}
    assert json.loads(bare("migrate", "--json").out) == {"changed": False, "revision": SCHEMA_HEAD}
    assert SCHEMA_HEAD in bare("migrate").out


ANSWERS = """
shop_name = "Marlow & Daughters"
currency = "EUR"
locale = "de_DE"
time_zone = "Europe/Berlin"
stock_policy = "physical"
idle_lock_s = 300
tax_name = "Bücher 7 %"
tax_rate = 7
admin_name = "Max"
"""


def answered(bare: Command, text: str) -> str:
    file = bare.config.data_dir / "shop.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_shop_is_set_up_from_a_file_once(bare: Command) -> None:
    file = answered(bare, ANSWERS)
    done = bare.cold("set-up", file, stdin="4444\n")
    assert (done.code, done.err) == (0, "")
    assert "Max may sign in" in done.out
    again = bare("set-up", file, "--json")
    told = json.loads(again.out)
    assert (again.code, told["set_up"], told["shop"]) == (0, False, "Marlow & Daughters")
    assert not (bare.config.data_dir / "settings.toml").exists()
    assert json.loads(bare("user", "list", "--json").out)[0]["role"] == "admin"
    with sqlite_driver().connect(bare.config.data_dir / "shop.db") as connection:
        kept = dict(connection.execute("SELECT key, value FROM settings").fetchall())
        rates = connection.execute("SELECT name, rate FROM tax_rates").fetchall()
    connection.close()
    assert "EUR" in kept["currency"]
    assert "physical" in kept["stock_policy"]
    assert len(rates) == 1
    assert "4444" not in bare.log


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ANSWERS.replace("tax_rate = 7\n", ""), "tax_rate"),
        (ANSWERS + "till = 2\n", "till"),
        (ANSWERS.replace("= 7", '= "seven"'), "tax_rate"),
        (ANSWERS.replace("= 300", '= "300"'), "idle_lock_s"),
        (ANSWERS.replace('"physical"', '"lax"'), "stock_policy"),
        (ANSWERS.replace('"Max"', "4"), "admin_name"),
        ("shop_name = = 1", "cannot be read"),
    ],
)
def test_a_file_that_will_not_do_sets_no_shop_up(bare: Command, text: str, told: str) -> None:
    refused = bare("set-up", answered(bare, text), stdin="4444\n")
    assert (refused.code, told in refused.complaint) == (1, True)
    assert not (bare.config.data_dir / "shop.db").exists()


@pytest.mark.parametrize("arguments", [("verify",), ("receipt", "1-1"), ("user", "list")])
def test_reading_makes_no_database(bare: Command, arguments: tuple[str, ...]) -> None:
    result = bare(*arguments)
    assert result.code == 1
    assert "no shop" in result.complaint
    assert not (bare.config.data_dir / "shop.db").exists()


def test_a_database_newer_than_the_program_is_refused_and_both_sides_are_named(migrated: Command) -> None:
    with sqlite_driver().connect(migrated.config.data_dir / "shop.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for arguments in (("migrate",), ("verify",)):
        result = migrated(*arguments)
        assert result.code == 1
        assert "9999" in result.complaint
        assert SCHEMA_HEAD in result.complaint


def test_an_older_database_is_not_changed_by_reading_it(migrated: Command) -> None:
    with sqlite_driver().connect(migrated.config.data_dir / "shop.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0005'")
    connection.close()
    result = migrated("verify")
    assert result.code == 1
    assert "bookstore-pos migrate" in result.complaint


def test_a_file_that_is_no_database_is_told_as_such(bare: Command) -> None:
    (bare.config.data_dir / "shop.db").write_bytes(b"a shopping list " * 100)
    result = bare("verify")
    assert result.code == 1
    assert "damaged" in result.complaint


def test_people_are_added_listed_changed_and_let_go(command: Command) -> None:
    assert command.cold("user", "add", "Max", "--role", "admin", stdin="4444\n").code == 0
    assert command("user", "add", "Ana", stdin="1111\n").code == 0
    assert command("user", "set-role", "Ana", "manager").code == 0
    assert command("user", "set-pin", "Ana", stdin="2222\n").code == 0
    assert command("user", "deactivate", "Ana").code == 0
    listed = json.loads(command("user", "list", "--json").out)
    assert [(user["name"], user["role"], user["active"]) for user in listed] == [
        ("Ana", "manager", False),
        ("Max", "admin", True),
    ]
    assert command("user", "activate", "Ana").code == 0
    assert command("user", "list").out.splitlines()[0] == "Ana\tmanager\tactive"
    last = command("user", "deactivate", "Max")
    assert (last.code, "last admin" in last.complaint) == (1, True)


def test_a_pin_is_never_in_output_or_log(command: Command) -> None:
    result = command("user", "add", "Ana", stdin="86420975\n")
    wrong = command("user", "add", "Jo", stdin="8642097531864\n")
    assert wrong.code == 1
    for said in (result.out, result.err, wrong.out, wrong.err, command.log):
        assert "86420975" not in said
        assert "argon2" not in said


def test_without_a_pin_on_standard_input_nobody_is_added(command: Command) -> None:
    assert command("user", "add", "Ana").code == 1
    assert json.loads(command("user", "list", "--json").out) == []


def test_on_a_terminal_the_pin_is_asked_for_twice_and_not_shown(migrated: Command) -> None:
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pos_app", "--data-dir", str(migrated.config.data_dir), "user", "add", "Ana"],
        cwd=ROOT,
        stdin=child,
        stdout=child,
        stderr=child,
        start_new_session=True,
    )
    os.close(child)
    shown = b""
    for question in (b"PIN for Ana: ", b"Again: "):
        while question not in shown:
            shown += os.read(parent, 1000)
        os.write(parent, b"7531\n")
    assert process.wait(timeout=60) == 0
    os.close(parent)
    assert b"7531" not in shown


async def test_a_sound_shop_verifies(command: Command, clock: SetClock) -> None:
    await trade(command.config, clock)
    result = await asyncio.to_thread(command.cold, "verify", "--json")
    checks = json.loads(result.out)["checks"]
    assert result.code == 0
    assert result.err == ""
    assert len(checks) > 10
    assert all(check["findings"] == [] for check in checks)


async def test_a_shop_that_does_not_balance_ends_with_1_and_says_where(command: Command, clock: SetClock) -> None:
    await trade(command.config, clock)
    app = application.build(command.config, clock=clock)

    await app.db.write(
        lambda session: session.execute(text("UPDATE books SET stock = 99, title = 'A\x1b[31mB' WHERE id = 1"))
    )
    await app.db.close()
    result = await asyncio.to_thread(command, "verify")
    assert result.code == 1
    assert "stock 99" in result.out
    assert "\x1b" not in result.out
    assert result.complaint


async def test_a_receipt_is_printed_as_it_was_kept(command: Command, clock: SetClock) -> None:
    await trade(command.config, clock)
    first = await asyncio.to_thread(command.cold, "receipt", "1-000001")
    assert first.code == 0
    assert "Pride and Prejudice" in first.out
    kept = command.config.receipts_dir / "1-000001.txt"
    assert kept.read_text(encoding="utf-8").strip() == first.out.strip()
    kept.write_text("as it was\n", encoding="utf-8")
    assert (await asyncio.to_thread(command, "receipt", "1-1")).out == "as it was\n"
    for number in ("1-2", "9-1", "../../x", "1", "1-"):
        refused = await asyncio.to_thread(command, "receipt", number)
        assert (refused.code, refused.out) == (1, "")
        assert refused.complaint


async def test_books_are_imported_and_each_row_refused_is_told(
    command: Command, clock: SetClock, tmp_path: Path
) -> None:
    await trade(command.config, clock)
    file = tmp_path / "books.csv"
    file.write_text(
        "isbn,title,author,price,stock\n"
        "439023483,The Hunger Games,Suzanne Collins,8.99,4\n"
        "9780141439519,Wrong digit,Nobody,1.00,1\n"
        "9780141439518,Pride and Prejudice,Jane Austen,9.49,\n",
        encoding="utf-8",
    )
    tried = await asyncio.to_thread(command, "import", str(file), "--dry-run", "--json")
    result = await asyncio.to_thread(command.cold, "import", str(file), "--json")
    report = json.loads(result.out)
    # What was tried out is what came of it: nothing had been stored.
    assert report["act"]
    foretold = json.loads(tried.out)
    rows = foretold.pop("rows")
    assert foretold == report | {"act": ""}
    assert [(row["line"], row["fate"], row["price"]) for row in rows] == [
        (2, "new", "8.99"),
        (3, "refused", None),
        (4, "changed", "9.49"),
    ]
    assert rows[2]["changes"] == [{"field": "price", "old": "8.99", "new": "9.49"}]
    assert "last digit" in rows[1]["reason"]
    # By then the same file changes nothing.
    again = (await asyncio.to_thread(command, "import", str(file), "--dry-run")).out.splitlines()
    assert again[0].startswith("line 2: unchanged: 9780439023481 The Hunger Games")
    assert again[1].startswith("line 3: refused: 9780141439519 is mistyped")
    assert (report["added"], report["changed"], report["refused_count"]) == (1, 1, 1)
    assert report["refused"][0]["line"] == 3
    assert (result.code, "Rows not taken: 1" in result.complaint) == (1, True)
    app = application.build(command.config, clock=clock)
    assert (await find_by_code(app, "9780439023481")).stock == 4
    assert (await find_by_code(app, PRIDE)).price == 949
    await app.db.close()
    assert (await asyncio.to_thread(command, "verify")).code == 0
    missing = await asyncio.to_thread(command, "import", str(tmp_path / "none.csv"))
    assert (missing.code, "none.csv" in missing.complaint) == (1, True)


async def test_the_doctor_finds_a_sound_machine_sound(command: Command, clock: SetClock) -> None:
    await trade(command.config, clock)
    result = await asyncio.to_thread(command.cold, "doctor", "--json")
    findings = {finding["subject"]: finding for finding in json.loads(result.out)["findings"]}
    assert {
        "program",
        "python",
        "sqlite",
        "qt",
        "fonts",
        "data folder",
        "disk",
        "printer",
        "database",
    } <= findings.keys()
    assert findings["durability"]["sentence"]
    for subject in ("database", "fonts", "data folder", "printer", "qt"):
        assert findings[subject]["level"] == "ok", findings[subject]


async def test_the_doctor_says_when_a_power_cut_would_lose_sales(
    postgres_template: str, postgres: PostgresServer, forked: Forks, tmp_path: Path
) -> None:
    # The server of the tests runs without fsync.
    url = postgres.create_database(postgres_template)
    result = await asyncio.to_thread(Command(Config(tmp_path, url), forked), "doctor")
    assert result.code == 1
    assert "durability" in result.complaint
    assert "fsync off" in result.out
    assert "→ Switch on fsync" in result.out
    postgres.drop_database(url)


def test_the_doctor_names_a_printer_that_is_not_there(bare: Command) -> None:
    for printer, word in (("file:/no/such/dir/lp0", "/no/such/dir/lp0"), ("carrier-pigeon", "carrier-pigeon")):
        result = bare("doctor", environ={"BOOKSTORE_POS_PRINTER": printer})
        assert result.code == 1
        assert "printer" in result.complaint
        assert word in result.out


def test_a_server_out_of_reach_is_told_in_one_line_without_its_password(bare: Command) -> None:
    for arguments in (("verify",), ("migrate",), ("user", "add", "Ana")):
        result = bare("--database-url", "postgresql://till:geheim@127.0.0.1:1/shop", *arguments, stdin="1111\n")
        assert result.code == 1
        assert "no database answers on port 1" in result.complaint
        assert "geheim" not in bare.log


def test_a_database_that_does_not_exist_on_the_server_is_told(bare: Command, postgres: PostgresServer) -> None:
    server = postgres.url.rsplit("/", 1)[0]
    result = bare("--database-url", f"{server}/nobody_made_this", "verify")
    assert (result.code, "no database called nobody_made_this" in result.complaint) == (1, True)
    result = bare("--database-url", f"{server.replace('postgres@', 'nobody@')}/postgres", "verify")
    assert (result.code, "knows nobody called nobody" in result.complaint) == (1, True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a place where not even root may write")
def test_a_folder_that_cannot_be_written_is_told(bare: Command) -> None:
    result = bare("migrate", environ={"BOOKSTORE_POS_DATA_DIR": "/sys/bookstore-pos"})
    assert result.code == 1
    assert "/sys/bookstore-pos" in result.complaint
    assert "Traceback" not in result.complaint


def test_a_data_folder_that_is_a_file_is_told(bare: Command, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    result = bare("migrate", environ={"BOOKSTORE_POS_DATA_DIR": str(file)})
    assert result.code == 1
    assert str(file) in result.complaint


def test_what_nobody_foresaw_is_one_line_with_the_traceback_in_the_log(migrated: Command) -> None:
    with sqlite_driver().connect(migrated.config.data_dir / "shop.db") as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DROP TABLE users")
    connection.close()
    result = migrated("user", "list")
    assert result.code == 1
    assert str(migrated.config.log_file) in result.complaint
    assert "Traceback" in migrated.log
    assert "no such table: users" in migrated.log


def test_a_reader_that_goes_away_is_no_error(migrated: Command) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "pos_app", "--data-dir", migrated.config.data_dir, "config", "show"],
        cwd=ROOT,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert done.stderr == ""


def test_a_second_window_at_the_same_till_is_refused_and_one_at_another_is_not(bare: Command) -> None:
    picture = str(bare.config.data_dir / "page.png")
    with till_held(bare.config):
        result = bare.cold("--demo", "--screenshot", picture)
        assert (result.code, "as till 1" in result.complaint) == (1, True)
        assert bare.cold("--demo", "--till", "2", "--screenshot", picture).code == 0
    assert bare.cold("--demo", "--screenshot", picture).code == 0


async def test_the_demo_shop_verifies_from_outside(command: Command, clock: SetClock) -> None:
    app = application.build(command.config, clock=clock)
    await build_demo(app)
    await app.db.close()
    assert (await asyncio.to_thread(command, "verify")).code == 0
    assert "Marlow & Daughters" in (await asyncio.to_thread(command, "receipt", "2-1")).out


async def test_a_receipt_is_written_as_a_pdf(command: Command, clock: SetClock, tmp_path: Path) -> None:
    await trade(command.config, clock)
    file = tmp_path / "receipt.pdf"
    result = await asyncio.to_thread(command.cold, "receipt", "1-000001", "--pdf", str(file))
    assert (result.code, result.err) == (0, ""), result
    assert file.read_bytes().startswith(b"%PDF-")
    missing = await asyncio.to_thread(command, "receipt", "1-000001", "--pdf", str(tmp_path / "no" / "folder.pdf"))
    assert missing.code == 1
    assert "could not be written" in missing.complaint


async def test_titles_are_written_to_a_file(command: Command, clock: SetClock, tmp_path: Path) -> None:
    await trade(command.config, clock)
    file = tmp_path / "titles.csv"
    result = await asyncio.to_thread(command.cold, "export", str(file), "--search", "klara", "--json")
    assert (result.code, json.loads(result.out)) == (0, {"path": str(file), "titles": 1, "left_out": 0, "more": False})
    assert "Klara and the Sun" in file.read_text("utf-8-sig")
    labels = tmp_path / "labels.pdf"
    result = await asyncio.to_thread(command.cold, "export", str(labels), "--labels", "50x30", "--json")
    assert json.loads(result.out) == {
        "path": str(labels),
        "labels": 5,
        "without_code": 1,
        "code_too_long": [],
        "more": False,
    }
    assert labels.read_bytes().startswith(b"%PDF-")
    some = await asyncio.to_thread(
        command, "export", str(file), "--category", "history", "--price-from", "20", "--json"
    )
    assert json.loads(some.out)["titles"] == 1
    refused = await asyncio.to_thread(command, "export", str(file), "--category", "Fishing")
    assert (refused.code, "no category called “Fishing”. There are: " in refused.complaint) == (1, True)
    refused = await asyncio.to_thread(command, "export", str(labels), "--labels", "huge")
    assert (refused.code, "No labels are called huge" in refused.complaint) == (1, True)
    for name, flag in (("titles.csv", "--labels"), ("titles.pdf", "--columns"), ("titles.xml", "--columns")):
        refused = await asyncio.to_thread(command, "export", str(tmp_path / name), flag, "title")
        assert (refused.code, f"{flag} means nothing for {name}" in refused.complaint) == (1, True)
    refused = await asyncio.to_thread(command, "export", str(tmp_path / "titles.doc"))
    assert (refused.code, "Let it end in .csv, .xlsx or .xml" in refused.complaint) == (1, True)


def test_a_shop_is_copied_and_put_back(migrated: Command, tmp_path: Path) -> None:
    made = json.loads(migrated.cold("backup", str(tmp_path / "copy.db"), "--json").out)
    assert made == {"path": str(tmp_path / "copy.db"), "bytes": (tmp_path / "copy.db").stat().st_size}
    again = migrated("backup", str(tmp_path / "copy.db"))
    assert (again.code, "not written over" in again.complaint) == (1, True)
    restored = migrated.cold("restore", str(tmp_path / "copy.db"))
    assert (restored.code, restored.err) == (0, "")
    assert "What was there is kept as" in restored.out
    refused = migrated("restore", str(tmp_path / "nothing.db"))
    assert (refused.code, "Check its name" in refused.complaint) == (1, True)
