"""The packages for Windows and macOS, and the release: what could go wrong without anybody seeing it here."""

import hashlib
import plistlib
import re
import struct
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
WINDOWS = PACKAGING / "windows"
sys.path[:0] = [str(PACKAGING), str(WINDOWS), str(WINDOWS / "wine")]
import check_parts
import icons
import make_wxs
import parts
import settings
import windows_lock

WORKFLOW = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")


def made(bundle: Path, *names: str) -> Path:
    """A folder that looks like a program made on Windows."""
    for name in ("bookstore-pos.exe", "bookstore-pos-window.exe", "lib/python311.dll", *names):
        (bundle / name).parent.mkdir(parents=True, exist_ok=True)
        (bundle / name).write_bytes(b"MZ" + name.encode())
    return bundle


def packages(lock: str) -> set[str]:
    return set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))


def test_the_lock_for_windows_has_what_windows_needs_and_all_its_hashes() -> None:
    lock = (ROOT / "requirements" / "bundle.lock").read_text("utf-8")
    told = windows_lock.for_windows(lock)
    assert packages(lock) - packages(told) == {"macholib"}
    assert {"pywin32", "pefile", "pysqlite3", "keyring"} <= packages(told)
    assert " ; " not in told
    dropped = sum(block.count("--hash") for block in re.split(r"\n(?=\S)", lock) if block.startswith("macholib"))
    assert told.count("--hash") == lock.count("--hash") - dropped


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ("sys_platform == 'win32'", True),
        ("sys_platform == 'darwin'", False),
        ("platform_machine == 'x86_64' or sys_platform != 'linux'", True),
        ("platform_machine == 'AMD64' and sys_platform == 'linux'", False),
        ("python_full_version < '3.12' and sys_platform != 'linux'", True),
        ("python_version >= '3.12'", False),
    ],
)
def test_a_condition_is_told_as_it_is_on_windows(marker: str, holds: bool) -> None:
    assert windows_lock.holds(marker) is holds


@pytest.mark.parametrize("marker", ["python_version == '3.12'", "(sys_platform == 'win32')"])
def test_a_condition_that_cannot_be_told_stops_it(marker: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        windows_lock.holds(marker)


def test_what_is_made_for_rehearsals_is_found_whatever_its_name(tmp_path: Path) -> None:
    bundle = made(tmp_path / "bundle")
    assert check_parts.main([str(bundle)]) == 0
    made(bundle, "lib/PySide6/helper.dll").joinpath("lib/PySide6/helper.dll").write_bytes(b"MZ" + check_parts.MARK)
    made(bundle, "lib/ICUUC.dll")
    assert check_parts.wrong_files(bundle, set()) == ["lib/ICUUC.dll", "lib/PySide6/helper.dll"]
    assert check_parts.main([str(bundle)]) == 1


def test_a_rehearsal_may_have_the_one_library_it_cannot_do_without(tmp_path: Path) -> None:
    bundle = made(tmp_path / "bundle")
    (bundle / "lib" / "python3.dll").write_bytes(b"MZ" + check_parts.MARK)
    assert check_parts.main(["--rehearsal", str(bundle)]) == 0
    assert check_parts.main([str(bundle)]) == 1


def test_a_folder_without_the_program_is_not_let_pass(tmp_path: Path) -> None:
    assert check_parts.main([str(tmp_path)]) == 1


def test_everything_made_for_rehearsals_carries_the_mark() -> None:
    for name in ("launcher.c", "mark.c"):
        assert f'"{check_parts.MARK.decode()}"' in (WINDOWS / "wine" / name).read_text("utf-8")
    script = (WINDOWS / "wine" / "make-python.sh").read_text("utf-8")
    builds = re.findall(r"^\s*build (.+)$", script, re.MULTILINE)
    assert len(builds) == 3
    assert all("mark.c" in line or "launcher.c" in line for line in builds)


def source_of(folder: Path, version: str) -> ET.Element:
    return ET.fromstring(
        subprocess.run(
            [sys.executable, WINDOWS / "make_wxs.py", folder, version], capture_output=True, check=True
        ).stdout
    )


def test_the_msi_has_every_file_once_under_lasting_numbers(tmp_path: Path) -> None:
    made(
        tmp_path / "bookstore-pos", "lib/PySide6/Qt6Core.dll", "licences/Qt/LGPL-3.0.txt", "lib/a-b.txt", "lib/a_b.txt"
    )
    (tmp_path / "config.toml").write_text("", "utf-8")
    older, newer = (source_of(tmp_path, version) for version in ("0.1.0", "0.2.0"))
    space = f"{{{make_wxs.WIX}}}"
    files = [one.attrib["Source"] for one in older.iter(f"{space}File")]
    inside = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(files) == sorted(inside)
    for tag in ("File", "Component", "Directory"):
        names = [one.attrib["Id"] for one in older.iter(f"{space}{tag}")]
        assert len(names) == len(set(names))
        assert all(re.fullmatch(r"[A-Za-z_][\w.]{0,71}", name) for name in names)
    components = [one.attrib["Id"] for one in older.iter(f"{space}Component")]
    assert [one.attrib["Id"] for one in older.iter(f"{space}ComponentRef")] == components
    guids = [[one.attrib["Guid"] for one in root.iter(f"{space}Component")] for root in (older, newer)]
    assert guids[0] == guids[1]
    assert len(set(guids[0])) == len(guids[0])
    products = [next(root.iter(f"{space}Product")).attrib for root in (older, newer)]
    assert products[0]["Id"] != products[1]["Id"]
    assert products[0]["UpgradeCode"] == products[1]["UpgradeCode"] == "{8C2A5B54-9B0C-4B6E-8E0B-5A1D9A7C3F21}"


def test_no_msi_is_made_of_a_program_for_another_system(tmp_path: Path) -> None:
    (tmp_path / "bookstore-pos").mkdir()
    with pytest.raises(SystemExit, match=r"bookstore-pos\.exe"):
        make_wxs.main(str(tmp_path), "0.1.0")


def test_the_installer_takes_away_by_name_all_that_it_put_there() -> None:
    """The folder is not removed whole, since somebody may have laid something into it."""
    script = (WINDOWS / "bookstore-pos.nsi").read_text("utf-8")
    defined = dict(re.findall(r'^!define (\w+) "([^"]+)"$', script, re.MULTILINE))
    removal = script.partition("Section Uninstall")[2]
    gone = {
        defined.get(name.strip("${}"), name)
        for name in re.findall(r'(?:RMDir /r|Delete) "\$INSTDIR\\([^"]+)"', removal)
    }
    # What freeze.sh and parts.py lay into a bundle, what pack.sh adds, and what the installer writes.
    there = {"lib", "licences", "bookstore-pos.exe", "bookstore-pos-window.exe", "SHA256SUMS", "sbom.cdx.json"}
    assert gone == there | {"config.toml", "uninstall.exe", "older"}
    assert 'RMDir /r "$INSTDIR"' not in script


def test_the_sample_of_settings_for_windows_changes_nothing_and_names_no_place_of_linux() -> None:
    sample = settings.for_windows((PACKAGING / "config.toml").read_text("utf-8"))
    assert tomllib.loads(sample) == {}
    assert not re.search(r"/dev/|/srv/|~/", sample)
    assert sample.count("\r\n") == sample.count("\n")


def test_a_sample_that_says_something_else_is_noticed() -> None:
    with pytest.raises(ValueError, match="does not say"):
        settings.for_windows("# nothing\n")


def test_every_library_of_the_wheels_for_windows_and_macos_is_named() -> None:
    found = parts._natives(
        [
            "PySide6/MSVCP140.dll", "PySide6/VCRUNTIME140_1.dll", "python311.dll", "python3.dll", "libffi-8.dll",
            "psycopg_binary.libs/libpq-16d00050fdffffeae97527f26415b111.dll", "libcrypto-3.dll", "PySide6/Qt6Core.dll",
            "psycopg_binary.libs/libssl-3-x64-237d8d45fc53d319080edc5a2b23511f.dll", "win32/win32print.pyd",
            "pywin32_system32/pywintypes311.dll", "PySide6/pyside6.abi3.dll", "PySide6/plugins/platforms/qwindows.dll",
            "psycopg_binary/.dylibs/libcom_err.3.0.dylib", "psycopg_binary/.dylibs/libldap.2.dylib",
            "psycopg_binary/.dylibs/libpq.5.dylib", "psycopg_binary/.dylibs/libkrb5support.1.1.dylib",
            "psycopg_binary/.dylibs/liblber.2.dylib", "PySide6/libpyside6.abi3.6.11.dylib",
            "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        ]
    )  # fmt: skip
    names = {part.name for part in found}
    assert {"Microsoft C runtime", "libpq (PostgreSQL)", "OpenSSL", "OpenLDAP", "MIT Kerberos"} <= names


def test_a_library_that_nobody_named_ends_the_build() -> None:
    with pytest.raises(SystemExit, match="mystery"):
        list(parts._natives(["mystery.dll"]))


def test_the_picture_for_windows_has_its_sizes() -> None:
    data = icons.ico()
    _, kind, count = struct.unpack_from("<HHH", data)
    assert (kind, count) == (1, len(icons.ICO_SIZES))
    for at, size in enumerate(icons.ICO_SIZES):
        *_, length, offset = struct.unpack_from("<BBBBHHII", data, 6 + 16 * at)
        picture = data[offset : offset + length]
        assert picture.startswith(b"\x89PNG")
        assert struct.unpack_from(">II", picture, 16) == (size, size)


def test_the_picture_for_macos_is_whole() -> None:
    data = icons.icns()
    assert data[:4] == b"icns"
    assert struct.unpack_from(">I", data, 4)[0] == len(data)


def test_what_apple_reads_is_well_formed() -> None:
    with (PACKAGING / "macos" / "entitlements.plist").open("rb") as file:
        assert all(plistlib.load(file).values())
    distribution = ET.parse(PACKAGING / "macos" / "distribution.xml.in").getroot()
    names = {one.attrib["id"] for one in distribution.iter("pkg-ref")}
    assert names == {"org.bookstore-pos.till"}
    assert "org.bookstore-pos.till" in (PACKAGING / "bookstore-pos.spec").read_text("utf-8")


def test_the_sums_are_of_everything_that_is_given_out(tmp_path: Path) -> None:
    names = [
        "bookstore-pos_0.1.0_amd64.deb", "bookstore-pos-0.1.0-linux-x86_64.tar.xz", "bookstore-pos-0.1.0-macos-arm64.pkg",
        "bookstore-pos-0.1.0-windows-x86_64-setup.exe", "bookstore-pos-0.1.0-windows-x86_64.msi",
    ]  # fmt: skip
    for name in [*names, "notes.txt"]:
        (tmp_path / name).write_bytes(name.encode())
    subprocess.run(["sh", PACKAGING / "sums.sh", tmp_path], check=True, capture_output=True)
    lines = (tmp_path / "SHA256SUMS").read_text("utf-8").splitlines()
    assert sorted(lines) == sorted(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}" for name in names)


def test_nothing_to_sum_is_an_error(tmp_path: Path) -> None:
    done = subprocess.run(["sh", PACKAGING / "sums.sh", tmp_path], check=False, capture_output=True)
    assert done.returncode == 1
    assert not (tmp_path / "SHA256SUMS").exists()


def test_the_release_runs_actions_by_what_they_are() -> None:
    used = re.findall(r"uses: (\S+)", WORKFLOW)
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one)] == []


def test_the_release_runs_scripts_that_are_there() -> None:
    scripts = set(re.findall(r"packaging/[\w/.-]+\.(?:sh|ps1)", WORKFLOW))
    assert scripts
    assert [script for script in scripts if not (ROOT / script).is_file()] == []
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    asked = {word for words in re.findall(r"run: make (.+)", WORKFLOW) for word in words.split()}
    assert asked <= targets


def test_where_wine_is_missing_the_rehearsal_says_so_and_ends_with_its_code(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "id", "sed", "cat"):
        (tools / name).symlink_to(Path("/usr/bin") / name)
    done = subprocess.run(
        ["/bin/sh", WINDOWS / "wine" / "rehearse.sh"],
        env={"PATH": str(tools), "WORK": str(tmp_path / "work")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 77
    assert done.stderr.startswith("SKIPPED: ")
    assert done.stderr.count("\n") == 1
    assert "wine" in done.stderr
