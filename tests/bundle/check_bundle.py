"""Looks into a made bundle: what is in it, what is not, that it is told of, and that it works. Run by `make bundle-test`.

BUNDLE names the folder; dist/bookstore-pos else.
"""

import hashlib
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUNDLE = Path(os.environ.get("BUNDLE", ROOT / "dist" / "bookstore-pos")).absolute()
PROGRAM = BUNDLE / "bookstore-pos"
FILES = {
    path.relative_to(BUNDLE).as_posix(): path for path in BUNDLE.rglob("*") if path.is_file() and not path.is_symlink()
}
MB = 1_000_000
# Parts of Qt that the open-source edition gives away under the GPL alone.
GPL_ONLY = [
    "Charts",
    "DataVisualization",
    "VirtualKeyboard",
    "NetworkAuth",
    "Graphs",
    "Quick3D",
    "Lottie",
    "CoAP",
    "MQTT",
    "OpcUa",
    "WaylandCompositor",
    "HttpServer",
    "Grpc",
    "Protobuf",
    "Quick3DPhysics",
    "CanvasPainter",
    "TaskTree",
]


def run(*arguments: str, home: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """The program with nothing of this machine around it: no Python, no display, no settings."""
    return subprocess.run(
        [PROGRAM, *arguments],
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", **environ},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_there_is_a_bundle() -> None:
    assert PROGRAM.is_file(), f"{BUNDLE} holds no program: make bundle"


def test_nothing_of_gtk_qml_or_another_toolkit_is_in_it() -> None:
    unwanted = re.compile(
        r"lib(gtk|gdk|pango|cairo|X11|xcb)|Qt6?(Qml|Quick|WebEngine|Network|Sql|Test|Multimedia)|/qml/|tkinter",
        re.IGNORECASE,
    )
    assert [name for name in FILES if unwanted.search(name)] == []


def test_none_of_qts_gpl_only_parts_is_in_it() -> None:
    found = [
        name for name in FILES for part in GPL_ONLY if re.search(rf"Qt6?{part}|libq\w*{part}", name, re.IGNORECASE)
    ]
    assert found == []
    assert [name for name in FILES if "Qt6" in name], "these are the wrong files to look at"


def test_no_tests_sources_or_build_tools_are_in_it() -> None:
    unwanted = re.compile(
        r"(^|/)(tests?|testing|pip|setuptools|PyInstaller|hatchling|pytest|include)/|\.(pyx|pyi|c|h|cpp|a|po)$"
    )
    assert [name for name in FILES if unwanted.search(name)] == []


def test_the_programs_own_data_is_whole() -> None:
    for package in ("migrations", "ui/style", "pos_app/demo/data"):
        there = [path for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        data = [path for path in there if package == "migrations" or path.suffix != ".py"]
        assert data
        missing = [path for path in data if f"lib/{path.relative_to(ROOT).as_posix()}" not in FILES]
        assert missing == []
    assert "lib/migrations/alembic.ini" in FILES
    assert {f"lib/ui/guide/docs/{name}" for name in ("install.md", "user-guide/card.md", "user-guide/it.md")} <= set(
        FILES
    )
    assert len([name for name in FILES if "babel/locale-data/" in name]) > 500
    assert any("zoneinfo/Europe/London" in name for name in FILES)


def test_every_part_has_its_licence_its_text_and_its_source() -> None:
    listed = (BUNDLE / "licences" / "PARTS.txt").read_text("utf-8")
    for part in (
        "Qt ",
        "PySide6",
        "Python 3",
        "ICU",
        "OpenSSL",
        "libpq",
        "psycopg",
        "SQLite",
        "SQLAlchemy",
        "babel",
        "Inter",
        "Lucide",
    ):
        assert f"\n{part}" in listed, part
    entries = [entry.splitlines() for entry in listed.strip().split("\n\n")[1:]]
    assert len(entries) > 30
    for name, licence, source in entries:
        assert licence.strip(), name
        assert source.strip().startswith("http"), name
    folders = [path for path in (BUNDLE / "licences").iterdir() if path.is_dir()]
    assert [folder.name for folder in folders if not any(folder.iterdir())] == []
    for name in ("Qt", "PySide6_Essentials"):
        texts = "".join(path.read_text("utf-8") for path in (BUNDLE / "licences" / name).iterdir())
        assert "GNU LESSER GENERAL PUBLIC LICENSE" in texts
        assert "GNU GENERAL PUBLIC LICENSE" in texts


def test_the_list_of_parts_names_what_is_in_it() -> None:
    bom = json.loads((BUNDLE / "sbom.cdx.json").read_text("utf-8"))
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    names = [component["name"] for component in bom["components"]]
    assert {"Qt", "Python", "SQLite", "OpenSSL", "SQLAlchemy", "psycopg"} <= set(names)
    assert len(names) == len(set(names))
    references = [component["bom-ref"] for component in bom["components"]]
    assert sorted(bom["dependencies"][0]["dependsOn"]) == sorted(references)
    assert not {"pytest", "pip", "ruff", "mypy"} & set(names)


def test_the_sums_are_those_of_the_files() -> None:
    lines = (BUNDLE / "SHA256SUMS").read_text("utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    assert sums.keys() == FILES.keys() - {"SHA256SUMS"}
    assert [
        name
        for name, path in FILES.items()
        if name in sums and hashlib.sha256(path.read_bytes()).hexdigest() != sums[name]
    ] == []


def test_it_is_no_larger_than_it_may_be() -> None:
    assert sum(path.stat().st_size for path in FILES.values()) <= 140 * MB


def test_it_can_ask_the_systems_keyring(tmp_path: Path) -> None:
    """Without a desktop there is none, which is told as such, not as a library that is missing."""
    url = "postgresql://till@localhost:1/shop"
    environ = {"BOOKSTORE_POS_DATABASE_URL": url, "BOOKSTORE_POS_PASSWORD_FROM": "keyring"}
    done = run("doctor", "--json", "--data-dir", str(tmp_path), home=tmp_path, **environ)
    (said,) = [one["sentence"] for one in json.loads(done.stdout)["findings"] if one["subject"] == "password"]
    assert "no keyring" in said


def test_it_tries_itself_out(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = run("--smoke", "--smoke-report", str(report), home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(report.read_text("utf-8"))
    assert found["ok"]
    assert found["bundled"]
    assert tuple(map(int, found["sqlite"].split("."))) >= (3, 51, 3)


def test_it_tries_itself_out_on_a_server(tmp_path: Path) -> None:
    from tests.postgres import running_server

    with running_server() as server:
        url = server.create_database()
        done = run("--smoke", "--database-url", url, home=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_doctor_finds_it_sound(tmp_path: Path) -> None:
    done = run("doctor", "--json", "--data-dir", str(tmp_path), home=tmp_path)
    assert done.returncode == 0, done.stderr
    levels = {finding["subject"]: finding["level"] for finding in json.loads(done.stdout)["findings"]}
    assert (levels["qt"], levels["fonts"], levels["sqlite"]) == ("ok", "ok", "ok")


def test_its_commands_work(tmp_path: Path) -> None:
    shop = ("--data-dir", str(tmp_path / "shop"))
    answers = tmp_path / "shop.toml"
    answers.write_text(
        'shop_name = "Marlow"\ncurrency = "EUR"\nlocale = "de_DE"\ntime_zone = "Europe/Berlin"\n'
        'tax_name = "Bücher 7 %"\ntax_rate = 7\nadmin_name = "Max"\nadmin_pin = "4444"\n',
        "utf-8",
    )
    books = tmp_path / "books.csv"
    books.write_text("isbn13,title,price,stock\n9780141439518,Pride and Prejudice,8.99,3\n", "utf-8")
    for words in (
        ("set-up", str(answers)),
        ("import", str(books)),
        ("export", str(tmp_path / "titles.xlsx")),
        ("export", str(tmp_path / "titles.xml")),
        ("export", str(tmp_path / "labels.pdf")),
        ("import", str(tmp_path / "titles.xlsx")),
        ("import", str(tmp_path / "titles.xml")),
        ("verify",),
        ("backup", str(tmp_path / "copy.db")),
        ("restore", str(tmp_path / "copy.db")),
    ):
        done = run(*words, *shop, home=tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), words


def test_it_draws_the_demo_shop(tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    done = run(
        "--demo",
        "--data-dir",
        str(tmp_path / "demo"),
        "--sign-in",
        "Ana:1111",
        "--screenshot",
        str(picture),
        home=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_printers_libraries_are_in_it(tmp_path: Path) -> None:
    """A printer that is not plugged in is told as such, not as a library that is missing."""
    for setting in ("usb:ffff:ffff", "serial:/dev/ttyUSB99"):
        done = run("doctor", "--json", "--data-dir", str(tmp_path), home=tmp_path, BOOKSTORE_POS_PRINTER=setting)
        (said,) = [one["sentence"] for one in json.loads(done.stdout)["findings"] if one["subject"] == "printer"]
        assert "pyusb" not in said
        assert "pyserial" not in said


@pytest.mark.skipif(not Path("/usr/bin/ldd").exists(), reason="ldd is not here")
def test_every_library_in_it_finds_its_own(tmp_path: Path) -> None:
    lacking: set[str] = set()
    for name, path in FILES.items():
        if re.search(r"\.so(\.|$)", name):
            told = subprocess.run(["ldd", path], capture_output=True, text=True, check=False).stdout
            lacking |= {line.split()[0] for line in told.splitlines() if "not found" in line}
    # What the bundle carries is found beside it once the program has started; anything else must be the system's.
    assert lacking - {path.name for path in FILES.values()} == set()
