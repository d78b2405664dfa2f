"""Say what the bundle is made of: licence texts, where each part's source is, and a CycloneDX list.

    parts.py SOURCES.json BUNDLE COMMIT EPOCH

SOURCES.json is what the spec wrote: each file in the bundle and where it came from. The environment that the bundle
was made from runs it, whose packages know their names, versions and licences. A library that belongs to no known
part ends it with exit code 1: nothing is given away unnamed.
"""

import json
import platform
import re
import shutil
import sys
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).parent / "licences"
SPEC_VERSION = "1.6"
# Any of ours will do; the number of a list follows from it and the commit.
NAMESPACE = uuid.UUID("6f1d3c0e-0b57-4a51-9d5c-3a5f2f6f2a10")
QT_SOURCE = "https://download.qt.io/official_releases/qt/{minor}/{version}/submodules/"
LICENCE_NAMES = re.compile(r"(^|/)(licen[cs]e|copying|notice|authors)[^/]*$|(^|/)licenses/[^/]+$", re.IGNORECASE)


@dataclass
class Part:
    """Something others wrote, as it is named, licensed and found."""

    name: str
    version: str
    licence: str
    source: str
    texts: list[Path] = field(default_factory=list)
    package: bool = False


# What lies inside wheels and Python without a name of its own: pattern of the file, name, licence, source, text.
NATIVE = [
    (r"libicu\w+|icu\w*\d+\.dll", "ICU", "Unicode-3.0", "https://github.com/unicode-org/icu", "ICU.txt"),
    (r"libpq", "libpq (PostgreSQL)", "PostgreSQL", "https://www.postgresql.org/ftp/source/", "PostgreSQL.txt"),
    (r"lib(ssl|crypto)[-.]", "OpenSSL", "Apache-2.0", "https://www.openssl.org/source/", "Apache-2.0.txt"),
    (r"lib(krb5\w*|k5crypto|gssapi)", "MIT Kerberos", "MIT", "https://web.mit.edu/kerberos/dist/", "Kerberos.txt"),
    (r"libcom_err-", "com_err (e2fsprogs, MIT Kerberos)", "MIT", "https://web.mit.edu/kerberos/dist/", "Kerberos.txt"),
    (r"lib(ldap|lber)-", "OpenLDAP", "OLDAP-2.8", "https://www.openldap.org/software/download/", "OpenLDAP.txt"),
    (r"libsasl2-", "Cyrus SASL", "BSD-4-Clause", "https://github.com/cyrusimap/cyrus-sasl", "Cyrus-SASL.txt"),
    (r"libkeyutils-", "keyutils", "LGPL-2.1-or-later", "https://people.redhat.com/~dhowells/keyutils/", "LGPL-2.1.txt"),
    (r"libcrypt-", "libxcrypt", "LGPL-2.1-or-later", "https://github.com/besser82/libxcrypt", "LGPL-2.1.txt"),
    (r"lib(bz2)[.-]", "bzip2", "bzip2-1.0.6", "https://sourceware.org/bzip2/", "bzip2.txt"),
    (r"liblzma[.-]", "XZ Utils (liblzma)", "0BSD", "https://tukaani.org/xz/", "XZ.txt"),
    (r"libz[.-]|zlib1?\.dll", "zlib", "Zlib", "https://zlib.net/", "zlib.txt"),
    (r"libffi[.-]", "libffi", "MIT", "https://github.com/libffi/libffi", "libffi.txt"),
    (r"libexpat[.-]", "Expat", "MIT", "https://libexpat.github.io/", "Expat.txt"),
    (r"libmpdec[.-]", "mpdecimal", "BSD-2-Clause", "https://www.bytereef.org/mpdecimal/", "Python.txt"),
    (r"(lib)?python3[\d.]*\.(so|dll|dylib)|python3\d*\.dll|Python$", "", "", "", ""),
    (r"vcruntime\w*\.dll|msvcp\w*\.dll|ucrtbase\.dll|api-ms-win-.*\.dll|concrt\w*\.dll", "Microsoft C runtime",
     "LicenseRef-Microsoft", "https://learn.microsoft.com/cpp/windows/redistributing-visual-cpp-files", ""),
]  # fmt: skip
# What wheels hold compiled in, by the package that carries it.
INSIDE = {
    "pysqlite3": ("SQLite", "blessing", "https://sqlite.org/src/", "SQLite.txt"),
    "argon2-cffi-bindings": (
        "Argon2", "CC0-1.0 OR Apache-2.0", "https://github.com/P-H-C/phc-winner-argon2", "CC0-1.0.txt",
    ),
}  # fmt: skip
# The project's own address, where a package names none that leads to its source.
SOURCES = {
    "pyside6-essentials": "https://code.qt.io/cgit/pyside/pyside-setup.git/",
    "shiboken6": "https://code.qt.io/cgit/pyside/pyside-setup.git/",
    "pysqlite3": "https://github.com/coleifer/pysqlite3",
    "python-stdnum": "https://arthurdejong.org/git/python-stdnum",
    "pyserial": "https://github.com/pyserial/pyserial",
    "tzdata": "https://github.com/python/tzdata",
    "pymarc": "https://gitlab.com/pymarc/pymarc",
    "lazy-importer": "https://github.com/pganssle/lazy_importer",
}
# Licences that packages tell in their own words, as SPDX writes them.
LICENCES = {
    "aiosqlite": "MIT",
    "greenlet": "MIT AND PSF-2.0",
    "pymarc": "BSD-2-Clause",
    "pyserial": "BSD-3-Clause",
    "pysqlite3": "Zlib",
    "python-stdnum": "LGPL-2.1-or-later",
    "pyusb": "BSD-3-Clause",
    "babel": "BSD-3-Clause AND Unicode-3.0",
    "backports.tarfile": "MIT",
    "jaraco.classes": "MIT",
}
# Modules written in another language belong to the package, or to Python, that they lie in.
MODULE = re.compile(
    r"\.(cpython-[\w-]+|abi3)\.so$|\.pyd$|(^|/)lib(pyside6|shiboken6)[\w.-]*$|(pyside6|shiboken6)\.abi3\.dll$"
)
QT = re.compile(r"(^|/)(lib)?Qt6\w+\.|/Qt/plugins/|(^|/)PySide6/plugins/")


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def _source_of(dist: metadata.Distribution) -> str:
    """Where a package's source is: its repository if it names one, else its page."""
    name = _plain(dist.name)
    if name in SOURCES:
        return SOURCES[name]
    lines = (line.partition(",") for line in dist.metadata.get_all("Project-URL") or [])
    named = {label.strip().lower(): url.strip() for label, _, url in lines}
    for label in ("source", "source code", "repository", "code", "github", "homepage", "home"):
        if label in named:
            return named[label]
    return str(dist.metadata.get("Home-page") or next(iter(named.values()), ""))


def _licence_of(dist: metadata.Distribution) -> str:
    said = str(dist.metadata.get("License-Expression") or dist.metadata.get("License") or "").strip()
    return LICENCES.get(_plain(dist.name)) or said.splitlines()[0] if said or _plain(dist.name) in LICENCES else ""


def _texts_of(dist: metadata.Distribution) -> list[Path]:
    return sorted(
        Path(str(file.locate()))
        for file in dist.files or []
        if ".dist-info" in str(file) and LICENCE_NAMES.search(file.as_posix().partition(".dist-info/")[2])
    )


def _packages(sources: Iterable[str]) -> Iterator[Part]:
    """The Python packages that something of is in the bundle."""
    taken = {str(Path(source).resolve()) for source in sources if source}
    for dist in metadata.distributions():
        name = _plain(dist.name)
        files = {str(Path(str(file.locate())).resolve()) for file in dist.files or [] if ".dist-info" not in str(file)}
        if not files & taken or name in ("bookstore-pos", "pyinstaller"):
            continue
        texts = _texts_of(dist)
        if name in ("pyside6-essentials", "shiboken6"):
            texts = [TEXTS / "LGPL-3.0.txt", TEXTS / "GPL-3.0.txt"]
        elif name == "pyserial":
            texts = [TEXTS / "pyserial.txt"]
        elif name.startswith("psycopg"):
            texts.append(TEXTS / "GPL-3.0.txt")  # the LGPL is a supplement to it
        yield Part(dist.name, dist.version, _licence_of(dist), _source_of(dist), texts, package=True)
        if name == "pyside6-essentials":
            address = QT_SOURCE.format(minor=dist.version.rpartition(".")[0], version=dist.version)
            yield Part("Qt", dist.version, "LGPL-3.0-only", address, texts)
        if name in INSIDE:
            inside, licence, source, text = INSIDE[name]
            yield Part(inside, _inside_version(name), licence, source, [TEXTS / text])


def _inside_version(name: str) -> str:
    if name == "pysqlite3":
        import pysqlite3  # noqa: PLC0415 - only where it is a part

        return str(pysqlite3.sqlite_version)
    return ""


def _natives(binaries: Iterable[str]) -> Iterator[Part]:
    """The libraries inside wheels and beside Python. Ends the program for one that nobody knows."""
    told: set[str] = set()
    for name in sorted(binaries):
        base = name.rpartition("/")[2]
        found = next((row for row in NATIVE if re.match(row[0], base)), None)
        if found is not None:
            _, part, licence, source, text = found
            if part and part not in told:
                told.add(part)
                yield Part(part, _soname_version(base), licence, source, [TEXTS / text] if text else [])
        elif not (QT.search(name) or MODULE.search(name)):
            sys.exit(f"{name} belongs to no known part: name it in {Path(__file__).name}")


def _soname_version(base: str) -> str:
    found = re.search(r"\.so\.([\d.]+)$", base)
    return found[1] if found else ""


def _python() -> Iterator[Part]:
    text = Path(sys.base_prefix) / "LICENSE.txt"
    found = [text] if text.is_file() else [TEXTS / "Python.txt"]
    version = platform.python_version()
    yield Part("Python", version, "Python-2.0.1", f"https://www.python.org/ftp/python/{version}/", found)
    dist = metadata.distribution("pyinstaller")
    source = "https://github.com/pyinstaller/pyinstaller"
    licence = "GPL-2.0-or-later WITH Bootloader-exception"
    yield Part("PyInstaller's bootloader", dist.version, licence, source, _texts_of(dist))


def _ours() -> Iterator[Part]:
    """What lies among the program's own files and is others'."""
    import pos_app  # noqa: PLC0415 - installed where this runs
    import ui  # noqa: PLC0415 - as above

    windows, core = Path(ui.__file__).parent, Path(pos_app.__file__).parent
    yield Part("Inter", "4", "OFL-1.1", "https://github.com/rsms/inter", [windows / "style" / "fonts" / "LICENSE"])
    yield Part("Lucide", "", "ISC", "https://github.com/lucide-icons/lucide", [windows / "style" / "icons" / "LICENSE"])
    source = "https://github.com/zygmuntz/goodbooks-10k"
    yield Part("goodbooks-10k (the demo's books)", "", "CC-BY-SA-4.0", source, [core / "demo" / "data" / "LICENSE"])


def _folder(name: str) -> str:
    return re.sub(r"[^\w.+-]+", "-", name).strip("-")


def write_licences(bundle: Path, parts: list[Part], version: str) -> None:
    """Lay every text beside the program, and a list that names them."""
    folder = bundle / "licences"
    lines = [
        f"Bookstore POS {version}: what it is made of, under which licence, and where the source is.",
        "The texts lie in the folders beside this file. The program itself: Apache-2.0, in bookstore-pos/.",
        "Qt, PySide6, psycopg and python-stdnum are under the LGPL: their files in lib/ may be replaced by your own",
        "builds of them, and the program starts with those.",
        "",
    ]
    for part in parts:
        home = folder / _folder(part.name)
        home.mkdir(parents=True, exist_ok=True)
        for text in part.texts:
            shutil.copyfile(text, home / (text.name if text.suffix else f"{text.name}.txt"))
        lines += [f"{part.name} {part.version}".strip(), f"    {part.licence}", f"    {part.source}", ""]
    (folder / "PARTS.txt").write_text("\n".join(lines), encoding="utf-8")


def cyclonedx(parts: list[Part], version: str, commit: str, epoch: int) -> dict[str, Any]:
    """The list of parts as CycloneDX writes it; the same for the same commit."""
    components: list[dict[str, Any]] = []
    for part in parts:
        spdx = " " in part.licence or part.licence.startswith("LicenseRef")
        licence = {"expression": part.licence} if spdx else {"license": {"id": part.licence}}
        component: dict[str, Any] = {
            "type": "library",
            "bom-ref": f"{_folder(part.name)}@{part.version}",
            "name": part.name,
            **({"version": part.version} if part.version else {}),
            "licenses": [licence],
            "externalReferences": [{"type": "source-distribution", "url": part.source}],
        }
        if part.package:
            component["purl"] = f"pkg:pypi/{_plain(part.name)}@{part.version}"
        components.append(component)
    root = f"bookstore-pos@{version}"
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPEC_VERSION}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC_VERSION,
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, commit + sys.platform)}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": "bookstore-pos",
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
                "properties": [{"name": "commit", "value": commit}],
            },
        },
        "components": components,
        "dependencies": [{"ref": root, "dependsOn": [component["bom-ref"] for component in components]}],
    }


def main(sources_file: str, bundle: str, commit: str, epoch: str) -> None:
    """Write licences/ and sbom.cdx.json into the bundle."""
    sources: list[tuple[str, str]] = json.loads(Path(sources_file).read_text("utf-8"))
    packages = sorted(_packages(source for _, source in sources), key=lambda part: part.name.lower())
    binaries = {name.replace("\\", "/") for name, _ in sources if re.search(r"\.(so|dll|dylib|pyd)(\.|$)", name)}
    parts = [*_python(), *packages, *_natives(binaries), *_ours()]
    known = (part.licence and part.source and (part.texts or part.licence.startswith("LicenseRef")) for part in parts)
    if unknown := [part.name for part, whole in zip(parts, known, strict=True) if not whole]:
        sys.exit(f"{', '.join(unknown)}: no licence, source or text; name it in {Path(__file__).name}")
    version = metadata.version("bookstore-pos")
    own = Part("bookstore-pos", version, "Apache-2.0", "", _texts_of(metadata.distribution("bookstore-pos")))
    write_licences(Path(bundle), parts, version)
    home = Path(bundle) / "licences" / "bookstore-pos"
    home.mkdir(exist_ok=True)
    for text in own.texts:
        shutil.copyfile(text, home / f"{text.name}.txt")
    listed = json.dumps(cyclonedx(parts, version, commit, int(epoch)), indent=2, ensure_ascii=False)
    (Path(bundle) / "sbom.cdx.json").write_text(listed + "\n", encoding="utf-8")
    print(f"{len(parts)} parts, each with its licence and source")


if __name__ == "__main__":
    main(*sys.argv[1:])
