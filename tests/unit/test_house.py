"""What holds the house together besides code: what is forbidden in it, what it ships, what it pins, what it links to."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = [ROOT / "requirements" / name for name in ("run.lock", "test.lock", "bundle.lock")]
LINK = re.compile(r"\]\((?!\w+:)([^)#]+)")


def calls(folder: str) -> Iterator[tuple[str, str]]:
    """Each call of an attribute in a folder's code: where, and what is called."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", ast.unparse(node.func)


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", lock.read_text("utf-8"), re.MULTILINE))


def plain(requirement: str) -> str:
    """A requirement's name as locks write it."""
    return re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")


def test_no_window_runs_a_loop_inside_the_loop() -> None:
    nested = re.compile(r"\.exec_?$|^QMessageBox\.(about|critical|information|question|warning)$|^QInputDialog\.get")
    assert [call for call in calls("ui") if nested.search(call[1])] == []


def test_only_the_theme_sets_a_style_sheet() -> None:
    where = [place for place, name in calls("ui") if name.endswith(".setStyleSheet")]
    assert [place.split(":")[0] for place in where] == ["ui/style/theme.py"]


def test_a_signal_that_carries_a_bool_costs_no_reference() -> None:
    """PySide6 6.12.0 loses one each time on Python 3.11 and aborts after some hundred."""
    code = (
        "from PySide6.QtCore import QObject, Signal\n"
        "class Bell(QObject):\n"
        "    rung = Signal(bool)\n"
        "bell = Bell()\n"
        "bell.rung.connect(lambda on: None)\n"
        "for _ in range(10_000): bell.rung.emit(True); bell.rung.emit(False)\n"
        "print('whole')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "whole"), done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="the libraries are part of the system elsewhere")
def test_every_library_that_qt_takes_from_the_system_is_there() -> None:
    from PySide6.QtCore import QLibraryInfo

    plugins = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))
    for plugin in ("platforms/libqxcb.so", "platforms/libqoffscreen.so", "imageformats/libqsvg.so"):
        needed = subprocess.run(["ldd", plugins / plugin], capture_output=True, text=True, check=True).stdout
        assert [line.strip() for line in needed.splitlines() if "not found" in line] == []


def test_the_wheel_holds_all_that_the_program_reads(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    for folder in ("pos_app", "ui", "migrations"):
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        assert {str(path.relative_to(ROOT).as_posix()) for path in files} <= held
    assert "migrations/alembic.ini" in held
    # The guide, with every picture that it shows, light and dark.
    from ui.guide.pages import ITSELF, PAGES

    for page in PAGES:
        text = (ROOT / "docs" / page).read_text("utf-8")
        assert f"ui/guide/docs/{page}" in held
        for picture in {*re.findall(r"images/([\w-]+\.png)", text)} - {ITSELF}:
            assert {f"ui/guide/docs/images/{name}" for name in (picture, picture.replace("-light-", "-dark-"))} <= held
    assert {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs" / "user-guide").iterdir()} <= set(PAGES)
    assert not [name for name in held if name.startswith(("tests/", "docs/"))]
    assert any(name.endswith("licenses/LICENSE") for name in held)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_every_pin_has_its_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text("utf-8")
    assert "://" not in text
    assert "-index" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert entry.startswith("#") or "--hash=sha256:" in entry, entry.splitlines()[0]


def test_locks_hold_what_the_project_asks_for_and_agree() -> None:
    run, test, bundle = (pins(lock) for lock in LOCKS)
    groups = PROJECT["dependency-groups"]
    assert {plain(name) for name in PROJECT["project"]["dependencies"] + groups["build"]} <= run.keys()
    assert {plain(name) for name in groups["test"] + groups["lint"]} <= test.keys()
    assert {plain(name) for name in groups["bundle"]} <= bundle.keys()
    assert run.items() <= test.items()
    assert run.items() <= bundle.items()


@pytest.mark.parametrize(
    "page", ["README.md", "CHANGELOG.md", *(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/**/*.md"))]
)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    assert [link for link in LINK.findall(path.read_text("utf-8")) if not (path.parent / link).exists()] == []


ANCHOR = re.compile(r"\]\((?!\w+:)([^)#]*)#([^)]+)\)")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
GUIDE = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def headings(page: Path) -> set[str]:
    """The names of a page's headings in links."""
    from ui.guide.pages import slug

    return {slug(title) for title in re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)}


@pytest.mark.parametrize("page", GUIDE, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_into_a_page_lead_to_one_of_its_headings(page: Path) -> None:
    for target, anchor in ANCHOR.findall(page.read_text("utf-8")):
        assert anchor in headings(page.parent / target if target else page), (target, anchor)


def test_what_developers_are_told_of_is_there() -> None:
    text = " ".join((ROOT / "docs" / "developing.md").read_text("utf-8").split())
    named = re.findall(r"`((?:pos_app|ui|migrations|tests|packaging|requirements|docs)/[\w/.-]+)(?:: (\w+))?`", text)
    assert len(named) > 40
    for path, name in named:
        assert (ROOT / path).exists(), path
        if name:
            defined = rf"^(?:\s*(?:async )?def|class) {name}\b|^\s*{name}\b.* = "
            assert re.search(defined, (ROOT / path).read_text("utf-8"), re.MULTILINE), (path, name)


def test_every_picture_of_the_guide_is_made_by_the_program() -> None:
    script = (ROOT / "packaging" / "draw-images.sh").read_text("utf-8")
    drawn = {*re.findall(r"^ *draw ([\w-]+) ", script, re.MULTILINE), "first-start", "guide"}
    assert "packaging/draw_questions.py" in script
    questions = (ROOT / "packaging" / "draw_questions.py").read_text("utf-8")
    drawn |= {*re.findall(r"self\.draw\(\s*\"([\w-]+)\"", questions)}
    shown = {Path(name) for page in GUIDE for name in PICTURE.findall(page.read_text("utf-8"))}
    assert shown
    for picture in shown:
        named = re.fullmatch(r"(.+)-(light|dark)-(?:\d+x\d+|question)", picture.stem)
        assert named, picture
        assert named[1] in drawn
        assert (ROOT / "docs" / "images" / picture.name).is_file()


def test_decisions_are_short_and_say_what_was_asked_decided_and_rejected() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    for number, path in enumerate(decisions, 1):
        text = path.read_text("utf-8")
        assert path.name.startswith(f"{number:04}-")
        assert len(text.splitlines()) <= 30
        for part in ("Question", "Decision", "Reason", "Rejected", "Look again"):
            assert f"**{part}" in text, f"{path.name} has no {part}"


def test_the_command_stays_light_until_it_has_something_to_do() -> None:
    heavy = ["PySide6", "sqlalchemy", "alembic", "psycopg", "babel", "argon2"]
    code = f"import sys, pos_app.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_the_core_starts_without_qt() -> None:
    code = (
        "import sys; sys.modules['PySide6'] = sys.modules['qasync'] = None\n"
        "import pkgutil, importlib, pos_app\n"
        "for found in pkgutil.walk_packages(pos_app.__path__, 'pos_app.'):\n"
        "    if not found.name.endswith('__main__'): importlib.import_module(found.name)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)
