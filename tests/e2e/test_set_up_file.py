"""A till from one file, with nobody there: shop, address, number, printer, titles; and again, as a roll-out runs it."""

import json
import os
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.guide import ROOT
from tests.postgres import PostgresServer

SHOP = """
shop_name = "Marlow & Daughters"
currency = "GBP"
locale = "en_GB"
time_zone = "Europe/London"
tax_name = "Books 0 %"
tax_rate = 0
admin_name = "Max"
admin_pin = "4444"
"""
BOOKS = "isbn,title,price\n9780141439518,Pride and Prejudice,8.99\n9780062316097,Sapiens,24.99\n"


@dataclass(frozen=True)
class Machine:
    """A machine with nothing on it but the file that was sent to it."""

    folder: Path

    def send(self, text: str) -> "Machine":
        self.folder.mkdir(exist_ok=True)
        (self.folder / "till.toml").write_text(text, "utf-8")
        (self.folder / "books.csv").write_text(BOOKS, "utf-8")
        return self

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("BOOKSTORE_POS_", "PG"))}
        done = subprocess.run(
            [sys.executable, "-m", "pos_app", *arguments],
            cwd=ROOT,
            env=kept | {"HOME": str(self.folder), "BOOKSTORE_POS_DATA_DIR": str(self.data)} | environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return done

    def set_up(self, **environ: str) -> dict:
        done = self.run("set-up", str(self.folder / "till.toml"), "--json", **environ)
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    def refused(self) -> str:
        done = self.run("set-up", str(self.folder / "till.toml"), "--json")
        assert (done.returncode, done.stdout) == (1, "")
        (line,) = done.stderr.splitlines()
        return line

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def settings(self) -> dict:
        return tomllib.loads((self.data / "settings.toml").read_text("utf-8"))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "one")


def test_one_file_makes_a_till_that_prints_and_has_titles(machine: Machine) -> None:
    paper = machine.folder / "paper.bin"
    machine.send(
        f'{SHOP}catalogue = "books.csv"\ntest_page = true\n'
        f'[machine]\nprinter = "file:{paper}"\nkiosk = true\nwindow_size = "1280x800"\ntill = 3\n'
    )
    paper.touch()
    told = machine.set_up()
    assert (told["set_up"], told["till"], told["test_page"]) == (True, 3, True)
    assert told["catalogue"]["added"] == 2
    assert b"TEST PAGE" in paper.read_bytes()
    assert machine.settings == {"printer": f"file:{paper}", "kiosk": True, "window_size": "1280x800", "till": 3}
    # Run again, as a roll-out does: what is there stays, and titles are not taken in twice.
    again = machine.set_up()
    assert (again["set_up"], again["till"], again["catalogue"]) == (False, 3, None)
    assert (again["test_page"], paper.read_bytes().count(b"TEST PAGE")) == (False, 1)
    shown = json.loads(machine.run("config", "show", "--json").stdout)
    assert (shown["till"], shown["kiosk"], shown["window_size"]) == (3, True, "1280x800")


def test_the_words_say_what_was_done(machine: Machine) -> None:
    machine.send(f'{SHOP}catalogue = "books.csv"\n[machine]\ntheme = "dark"\ntill = "free"\n')
    said = machine.run("set-up", str(machine.folder / "till.toml")).stdout
    for words in ("is set up; Max may sign in", "This machine is till 1", "settings.toml", "2 titles are taken in"):
        assert words in said
    assert "set up already" in machine.run("set-up", str(machine.folder / "till.toml")).stdout


def test_the_same_file_makes_many_machines_tills_of_one_server(postgres: PostgresServer, tmp_path: Path) -> None:
    url = postgres.create_database()
    try:
        text = f'{SHOP}[machine]\ndatabase_url = "{url}"\ntill = "free"\nprinter = "simulated"\n'
        first = Machine(tmp_path / "first").send(text)
        assert (first.set_up()["set_up"], first.settings["till"]) == (True, 1)
        assert first.settings["database_url"] == url
        others = [Machine(tmp_path / f"other-{number}").send(text) for number in range(3)]
        with ThreadPoolExecutor() as all_at_once:
            told = list(all_at_once.map(Machine.set_up, others))
        assert {one["set_up"] for one in told} == {False}
        assert sorted(one["till"] for one in told) == [2, 3, 4]
        # Again each keeps its own.
        assert [one.set_up()["till"] for one in others] == [one["till"] for one in told]
        tills = json.loads(first.run("till", "list", "--json").stdout)
        assert [till["number"] for till in tills if till["machine"]] == [1, 2, 3, 4]
        # What the environment says goes over the file, for this run.
        assert json.loads(first.run("config", "show", "--json", BOOKSTORE_POS_TILL="9").stdout)["till"] == 9
    finally:
        postgres.drop_database(url)


def test_a_number_that_another_machine_has_is_refused_and_nothing_is_kept(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    url = postgres.create_database()
    try:
        text = f'{SHOP}[machine]\ndatabase_url = "{url}"\ntill = 1\n'
        Machine(tmp_path / "first").send(text).set_up()
        second = Machine(tmp_path / "second").send(text)
        assert "Till 1 is in use" in second.refused()
        assert not (second.data / "settings.toml").exists()
    finally:
        postgres.drop_database(url)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"host": "nowhere.invalid"}, "No machine called nowhere.invalid is known"),
        ({"port": 1}, "is there, but no database answers on port 1"),
        ({"database": "shoop"}, "The server has no database called shoop"),
        ({"username": "nobody_here"}, "The server knows nobody called nobody_here"),
        ({"query": {"sslmode": "verify-full"}}, "offers no encryption"),
        ({"query": {"sslmode": "require"}}, "offers no encryption"),
    ],
)
def test_a_server_out_of_reach_is_told_as_exactly_as_by_the_doctor(
    machine: Machine, postgres: PostgresServer, change: dict, told: str
) -> None:
    right = postgres.create_database()
    try:
        url = make_url(right).set(**change).render_as_string(hide_password=False)
        machine.send(f'{SHOP}[machine]\ndatabase_url = "{url}"\ntill = 1\n')
        assert told in machine.refused()
        assert told in machine.run("doctor", "--database-url", url).stdout
        assert told in machine.run("till", "list", "--database-url", url).stderr
        assert not (machine.data / "settings.toml").exists()
    finally:
        postgres.drop_database(right)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('[machine]\nprintr = "none"\n', "printr"),
        ('[machine]\nprinter = "lpt1"\n', "lpt1"),
        ('[machine]\ncard_terminal = "tcp:"\n', "tcp:"),
        ("[machine]\ntill = 0\n", "till"),
        ('[machine]\ndata_dir = "/srv"\n', "data_dir"),
        ('machine = "yes"\n', "[machine]"),
        ('catalogue = "none.csv"\n', "none.csv"),
        ('test_page = "yes"\n', "test_page"),
        ("till_name = 4\n", "till_name"),
        ('till_name = "Front"\n', 'add till = "free" under [machine]'),
        (f'till_name = "{"x" * 300}"\n[machine]\ntill = 1\n', "1 to 80 letters"),
        ("cash_rounding = 3\n", "cash_rounding in the file cannot be “3”: one of 1, 5, 10"),
        ("idle_lock_s = 5\n", "idle_lock_s in the file cannot be “5”: 0 (never), or 30"),
        ("receipt_width = 40\n", "receipt_width in the file cannot be “40”: one of 32, 42, 48"),
        ('[machine]\ndatabase_url = "postgresql://till:SECRET@server/shop"\n', "bookstore-pos password set"),
        ('[machine]\nbackup_second_dir = "usb"\n', "cannot be “usb”: it is a whole path, such as /media/usb/copies"),
        ('[machine]\nprinter = "epson"\n', "The setting printer cannot be “epson”"),
    ],
)
def test_a_file_that_will_not_do_is_refused_before_anything_is_made(machine: Machine, more: str, told: str) -> None:
    assert told in machine.send(SHOP + more).refused()
    assert not (machine.data / "shop.db").exists()
    assert not (machine.data / "settings.toml").exists()


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ('"4444"', '"44"', "admin_pin in the file cannot be “…”: a PIN has 4 to 12 digits"),
        ('"GBP"', '"GBX9"', "currency in the file cannot be “GBX9”"),
        ("tax_rate = 0", "tax_rate = 101", "tax_rate in the file cannot be “Books 0 %, 101”"),
        ('"en_GB"', '"xx_YY"', "locale in the file cannot be “xx_YY”: a language's code"),
        ('"Europe/London"', '"Nowhere"', "time_zone in the file cannot be “Nowhere”"),
        ('"Max"', '""', "admin_name in the file cannot be “”"),
        ('"Marlow & Daughters"', '""', "shop_name in the file cannot be “”"),
    ],
)
def test_an_answer_that_will_not_do_leaves_nothing_behind(machine: Machine, right: str, wrong: str, told: str) -> None:
    assert right in SHOP
    assert told in machine.send(SHOP.replace(right, wrong)).refused()
    assert not (machine.data / "shop.db").exists()


def test_a_pin_that_is_asked_for_is_looked_at_before_anything_is_made(machine: Machine) -> None:
    machine.send(SHOP.replace('admin_pin = "4444"\n', ""))
    assert machine.refused()
    assert not (machine.data / "shop.db").exists()


def test_a_file_of_a_windows_editor_is_read(machine: Machine) -> None:
    machine.send("\ufeff" + SHOP)
    assert machine.set_up()["set_up"]


def test_rows_that_cannot_be_taken_are_an_exit_code_after_all_else_is_done(machine: Machine) -> None:
    machine.send(f'{SHOP}catalogue = "books.csv"\n[machine]\ntill = 1\n')
    (machine.folder / "books.csv").write_text(BOOKS + "12345,No book,1.00\n", "utf-8")
    done = machine.run("set-up", str(machine.folder / "till.toml"), "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert (told["set_up"], told["catalogue"]["added"], told["catalogue"]["refused_count"]) == (True, 2, 1)
    assert len(done.stderr.splitlines()) == 1
