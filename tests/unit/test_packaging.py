"""What is packed around the program says what the program does: settings, commands, files, licences."""

import argparse
import ast
import configparser
import re
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from babel import localedata
from babel.core import Locale
from babel.dates import format_date, format_datetime, format_interval, format_time, parse_date
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_symbol,
    get_group_symbol,
)

from pos_app.cli import make_parser
from pos_app.config import Config, load

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
sys.path.insert(0, str(PACKAGING))
from help_pages import bash, commands, man, shown
from trim import keeps_binary, keeps_data, slim_locale

SCRIPTS = sorted(path for path in PACKAGING.rglob("*") if path.is_file() and path.read_bytes().startswith(b"#!/bin/sh"))


def settings_told() -> str:
    """The system's file with every setting switched on."""
    text = (PACKAGING / "config.toml").read_text("utf-8")
    return re.sub(r"^#(?=\w+ = )", "", text, flags=re.MULTILINE)


def test_the_settings_file_changes_nothing_as_it_is() -> None:
    assert tomllib.loads((PACKAGING / "config.toml").read_text("utf-8")) == {}


def test_the_settings_file_tells_every_setting_with_its_usual_value(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(settings_told(), "utf-8")
    values = tomllib.loads(settings_told())
    assert values.keys() == {field.name for field in fields(Config)}
    config = load({"data_dir": tmp_path}, {"BOOKSTORE_POS_CONFIG": str(tmp_path / "config.toml")})
    usual = Config(tmp_path, config.database_url)
    assert config == usual


def all_parsers(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    return [parser, *(one for below in commands(parser).values() for one in all_parsers(below))]


def test_the_man_page_tells_every_command_and_option() -> None:
    text = man("2026-11-29").replace("\\-", "-")
    for parser in all_parsers(make_parser()):
        assert not commands(parser) or all(f" {name}" in f" {text}" for name in commands(parser))
        for action in shown(parser):
            assert all(option in text for option in action.option_strings)
    assert "--try-qt" not in text
    assert text.startswith(".TH BOOKSTORE-POS 1")


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_the_man_page_is_set_without_a_warning() -> None:
    done = subprocess.run(
        ["groff", "-Kutf8", "-man", "-Tutf8", "-ww", "-z"],
        input=man("2026-11-29"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="it completes for bash")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("", {"migrate", "doctor", "set-up", "--smoke", "--data-dir"}),
        ("do", {"doctor"}),
        ("--theme d", {"dark"}),
        ("user ", {"add", "list", "--role", "--json"}),
        ("user add Ana --role m", {"manager"}),
        ("export --lab", {"--labels"}),
    ],
)
def test_the_shell_completes(typed: str, offered: set[str]) -> None:
    *before, current = ["bookstore-pos", *typed.split(" ")]
    words = " ".join(f"'{word}'" for word in [*before, current])
    script = f"{bash()}\nCOMP_WORDS=({words}); COMP_CWORD={len(before)}\n_bookstore_pos\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert offered <= set(done.stdout.split())
    if current:
        assert all(word.startswith(current) for word in done.stdout.split())


def test_the_menus_entry_names_what_is_there() -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(PACKAGING / "linux" / "bookstore-pos.desktop", "utf-8")
    entry = parser["Desktop Entry"]
    assert (entry["Type"], entry["Exec"], entry["Terminal"]) == ("Application", "bookstore-pos", "false")
    assert (PACKAGING / "linux" / f"{entry['Icon']}.svg").is_file()
    # The window names itself so; menus tell by it which entry a window belongs to.
    assert f'setDesktopFileName("{entry["StartupWMClass"]}")' in (ROOT / "ui" / "main.py").read_text("utf-8")
    component = ET.parse(PACKAGING / "linux" / "metainfo.xml.in").getroot()
    assert component.findtext("launchable") == "bookstore-pos.desktop"
    assert component.findtext("project_license") == "Apache-2.0"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_well_formed(script: Path) -> None:
    subprocess.run(["sh", "-n", script], check=True)


def test_udev_rules_are_well_formed() -> None:
    term = r'[A-Z_]+(\{[\w/]+\})?(==|!=|\+=|=)"[^"]*"'
    lines = (PACKAGING / "linux" / "60-bookstore-pos.rules").read_text("utf-8").splitlines()
    wrong = [
        line for line in lines if line and not line.startswith("#") and not re.fullmatch(rf"{term}(, {term})*", line)
    ]
    assert wrong == []


def test_the_spec_is_python() -> None:
    ast.parse((PACKAGING / "bookstore-pos.spec").read_text("utf-8"))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("PySide6/Qt/lib/libQt6Widgets.so.6", True),
        ("PySide6/Qt/lib/libQt6Svg.so.6", True),
        ("PySide6/Qt/lib/libQt6XcbQpa.so.6", True),
        ("PySide6/Qt/lib/libicudata.so.73", True),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", True),
        ("PySide6/Qt/plugins/imageformats/libqwebp.so", True),
        ("PySide6\\plugins\\platforms\\qwindows.dll", True),
        ("psycopg_binary.libs/libkrb5-f18b4d11.so.3.3", True),
        ("libpython3.11.so.1.0", True),
        ("PySide6/Qt/lib/libQt6Qml.so.6", False),
        ("PySide6/Qt/lib/libQt6Network.so.6", False),
        ("PySide6\\Qt6Quick.dll", False),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("PySide6/Qt/plugins/platforms/libqminimal.so", False),
        ("PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so", False),
        ("libgtk-3.so.0", False),
        ("libkrb5.so.3", False),
        ("libxcb-cursor.so.0", False),
        ("PySide6/Qt/lib/QtWidgets.framework/Versions/A/QtWidgets", True),
        ("PySide6/Qt/lib/QtNetwork.framework/Versions/A/QtNetwork", False),
        ("PySide6/Qt/lib/QtQmlModels.framework/Versions/A/QtQmlModels", False),
        ("PySide6/Qt/plugins/platforms/libqcocoa.dylib", True),
        ("libglib-2.0.so.0", False),
    ],
)
def test_libraries_stay_or_go_by_their_names(name: str, kept: bool) -> None:
    assert keeps_binary(name) is kept


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("stdnum/isbn.dat", True),
        ("stdnum/iban.dat", False),
        ("migrations/versions/0001_first.py", True),
        ("babel/locale-data/de.dat", True),
        ("bookstore_pos-0.1.0.dist-info/METADATA", True),
        ("PySide6/Qt/translations/qt_de.qm", False),
    ],
)
def test_data_stays_or_goes_by_its_name(name: str, kept: bool) -> None:
    assert keeps_data(name) is kept


LANGUAGES = (
    "en_GB",
    "en_US",
    "de_CH",
    "fr_CA",
    "nl_NL",
    "pl_PL",
    "ru_RU",
    "ar_EG",
    "he_IL",
    "hi_IN",
    "ja_JP",
    "zh_Hans_CN",
    "pt_BR",
)


def said(language: str) -> list[str]:
    """What a till says in a language."""
    at, amount = datetime(2026, 3, 29, 15, 4, tzinfo=UTC), Decimal("-1234567.89")
    return [
        *(format_date(at, style, language) for style in ("short", "medium", "long", "full")),
        *(format_datetime(at, style, locale=language) for style in ("short", "medium")),
        format_time(at, "short", locale=language),
        format_interval(at, at.replace(day=30), "MMMd", locale=language),
        *(format_currency(amount, code, locale=language) for code in ("GBP", "EUR", "JPY", "KWD")),
        format_decimal(amount, locale=language),
        format_percent(Decimal("0.055"), "#,##0.##%", locale=language),
        get_currency_symbol("USD", language),
        get_group_symbol(language),
        str(parse_date(format_date(at, "short", language), locale=language, format="short")),
    ]


def test_a_language_without_what_is_never_said_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {language: said(language) for language in LANGUAGES}
    countries, languages = dict(Locale("en").territories), dict(Locale("en").languages)
    folder = Path(localedata.__file__).with_name("locale-data")
    before = after = 0
    for file in [*folder.glob("root.dat"), *(one for name in LANGUAGES for one in folder.glob(f"{name[:2]}*.dat"))]:
        slim = slim_locale(file.stem, file.read_bytes())
        (tmp_path / file.name).write_bytes(slim)
        before, after = before + file.stat().st_size, after + len(slim)
    monkeypatch.setattr(localedata, "_dirname", str(tmp_path))
    localedata._cache.clear()
    try:
        assert not Locale.parse("de_CH")._data["unit_patterns"], "these are the whole ones"
        assert {language: said(language) for language in LANGUAGES} == whole
        assert dict(Locale("en").territories) == countries
        assert dict(Locale("en").languages) == languages
    finally:
        localedata._cache.clear()
    assert after < before / 2


@pytest.mark.parametrize("script", ["build-deb.sh", "build-tar.sh"])
def test_whatever_makes_a_package_writes_its_sum(script: str) -> None:
    assert (PACKAGING / script).read_text("utf-8").endswith('sh packaging/sums.sh "$OUT"\n')
