"""This machine's settings: file under environment under flags, each value checked and told by name."""

from pathlib import Path

import pytest

from pos_app.config import Config, load, system_file
from pos_app.errors import Refused


def write(folder: Path, text: str) -> None:
    (folder / "settings.toml").write_text(text, encoding="utf-8")


def refusal(flags: dict[str, object], environ: dict[str, str] | None = None) -> Refused:
    with pytest.raises(Refused) as found:
        load(flags, environ or {})
    return found.value


def test_a_machine_without_settings_gets_a_database_in_its_data_folder(tmp_path: Path) -> None:
    config = load({"data_dir": str(tmp_path)}, {})
    assert config == Config(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / 'shop.db'}")
    assert (config.till, config.printer, config.theme, config.window_size) == (1, "none", "system", (1366, 768))
    assert config.receipts_dir == tmp_path / "receipts"
    assert config.log_file == tmp_path / "logs" / "bookstore-pos.log"


def test_without_a_data_folder_the_platforms_own_is_used() -> None:
    assert load({}, {}).data_dir.name == "bookstore-pos"


def test_the_environment_goes_over_the_file_and_flags_over_both(tmp_path: Path) -> None:
    write(tmp_path, 'till = 2\ntheme = "dark"\ntext_scale = 110\nprinter = "file:/dev/usb/lp0"\n')
    environ = {"BOOKSTORE_POS_DATA_DIR": str(tmp_path), "BOOKSTORE_POS_TILL": "3", "BOOKSTORE_POS_THEME": "light"}
    config = load({"till": 4, "theme": None}, environ)
    assert (config.till, config.theme, config.text_scale, config.printer) == (4, "light", 110, "file:/dev/usb/lp0")


def test_a_flag_names_the_data_folder_before_the_environment_does(tmp_path: Path) -> None:
    assert load({"data_dir": tmp_path}, {"BOOKSTORE_POS_DATA_DIR": "/elsewhere"}).data_dir == tmp_path


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    assert load({"data_dir": tmp_path}, {"BOOKSTORE_POS_TILL": ""}).till == 1


def test_a_relative_data_folder_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({"data_dir": "shop"}, {}).data_dir == tmp_path / "shop"


@pytest.mark.parametrize("given", ["1280x800", [1280, 800], (1280, 800)])
def test_a_size_may_be_text_or_two_numbers(tmp_path: Path, given: object) -> None:
    assert load({"data_dir": tmp_path, "window_size": given}, {}).window_size == (1280, 800)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("till", 0),
        ("till", 1000),
        ("till", "two"),
        ("till", "1.0"),
        ("till", "-1"),
        ("text_scale", 99),
        ("text_scale", 151),
        ("theme", "pink"),
        ("window_size", "1366"),
        ("window_size", "1366x768x2"),
        ("window_size", "800x600"),
        ("window_size", "99999x99999"),
        ("database_url", "mysql://host/db"),
        ("database_url", "shop.db"),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(tmp_path: Path, key: str, value: object) -> None:
    error = refusal({"data_dir": tmp_path, key: value})
    assert (error.code, error.params["key"]) == ("config.value", key)
    assert error.params["reason"]


@pytest.mark.parametrize("line", ["till = true", "till = 1.9", "printer = 5", "theme = []", 'window_size = [1, "x"]'])
def test_a_value_of_the_wrong_type_in_the_file_is_refused(tmp_path: Path, line: str) -> None:
    write(tmp_path, line)
    assert refusal({"data_dir": tmp_path}).code == "config.value"


def test_an_unknown_key_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    write(tmp_path, "tills = 3")
    error = refusal({"data_dir": tmp_path})
    assert (error.code, error.params["key"]) == ("config.unknown", "tills")
    assert "till" in error.params["known"].split(", ")


@pytest.mark.parametrize("content", [b"till = ", b"\xff\xfe\x00", b"[" * 10])
def test_a_file_that_cannot_be_read_is_refused_with_its_path(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "settings.toml").write_bytes(content)
    error = refusal({"data_dir": tmp_path})
    assert error.code == "config.unreadable"
    assert str(tmp_path) in error.params["path"]


def test_a_password_in_a_wrong_address_is_not_repeated(tmp_path: Path) -> None:
    error = refusal({"data_dir": tmp_path, "database_url": "postgres://till:geheim@server/shop"})
    assert "geheim" not in str(error)


def of_system(folder: Path, text: str) -> dict[str, str]:
    """An environment that names a system's file of our own."""
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return {"BOOKSTORE_POS_CONFIG": str(folder / "config.toml")}


def test_the_systems_file_lies_under_the_data_folders(tmp_path: Path) -> None:
    environ = of_system(tmp_path, 'till = 2\ntheme = "dark"\ntext_scale = 110\n')
    write(tmp_path, "till = 3\n")
    config = load({"data_dir": tmp_path, "text_scale": 120}, environ)
    assert (config.till, config.theme, config.text_scale) == (3, "dark", 120)


def test_only_the_systems_file_may_say_where_the_data_lies(tmp_path: Path) -> None:
    environ = of_system(tmp_path, f'data_dir = "{(tmp_path / "shop").as_posix()}"\n')
    assert load({}, environ).data_dir == tmp_path / "shop"
    assert load({"data_dir": tmp_path}, environ).data_dir == tmp_path
    write(tmp_path, 'data_dir = "/elsewhere"\n')
    assert refusal({"data_dir": tmp_path}).code == "config.unknown"


def test_a_systems_file_that_will_not_do_is_named(tmp_path: Path) -> None:
    error = refusal({"data_dir": tmp_path}, of_system(tmp_path, "tills = 3"))
    assert (error.code, error.params["path"]) == ("config.unknown", str(tmp_path / "config.toml"))
    assert refusal({}, of_system(tmp_path, "data_dir = 3")).code == "config.value"


def test_a_second_place_for_copies_is_a_whole_path_wherever_it_is_set(tmp_path: Path) -> None:
    data_dir, wanted = {"data_dir": tmp_path}, "it is a whole path, such as /media/usb/copies"
    found = [
        refusal(data_dir, {"BOOKSTORE_POS_BACKUP_SECOND_DIR": "usb"}),
        refusal(data_dir | {"backup_second_dir": "usb"}),
        refusal(data_dir, of_system(tmp_path, 'backup_second_dir = "../usb"')),
    ]
    write(tmp_path, 'backup_second_dir = "usb"')
    found.append(refusal(data_dir))
    assert [(one.code, one.params["key"]) for one in found] == [("config.value", "backup_second_dir")] * 4
    assert all(one.params["reason"].startswith(wanted) for one in found)


def test_a_database_in_a_file_of_settings_is_a_whole_path_and_one_that_is_typed_begins_there(tmp_path: Path) -> None:
    url = "sqlite:///shop.db"
    assert load({"data_dir": tmp_path, "database_url": url}, {}).database_url == url
    assert load({"data_dir": tmp_path}, {"BOOKSTORE_POS_DATABASE_URL": url}).database_url == url
    write(tmp_path, f'database_url = "{url}"')
    assert "the file's path is whole" in refusal({"data_dir": tmp_path}).params["reason"]
    write(tmp_path, f'database_url = "sqlite:///{(tmp_path / "shop.db").as_posix()}"')
    assert load({"data_dir": tmp_path}, {}).database_url.endswith("/shop.db")


def test_a_machine_without_a_systems_file_has_a_place_for_one() -> None:
    assert system_file({}).name == "config.toml"


@pytest.mark.parametrize(("said", "meant"), [("true", True), ("Yes", True), ("0", False), ("no", False)])
def test_a_switch_is_told_by_a_word_in_a_variable(tmp_path: Path, said: str, meant: bool) -> None:
    assert load({"data_dir": tmp_path}, {"BOOKSTORE_POS_KIOSK": said}).kiosk is meant


def test_a_switch_in_a_file_is_overruled_by_a_flag_either_way(tmp_path: Path) -> None:
    write(tmp_path, "kiosk = true\n")
    assert load({"data_dir": tmp_path, "kiosk": None}, {}).kiosk
    assert not load({"data_dir": tmp_path, "kiosk": False}, {}).kiosk
    assert refusal({"data_dir": tmp_path}, {"BOOKSTORE_POS_KIOSK": "perhaps"}).params["key"] == "kiosk"
