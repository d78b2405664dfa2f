"""Write the source of the MSI: every file of the bundle, in the language of WiX 3, which wixl on Linux reads too.

    make_wxs.py FOLDER VERSION > FOLDER/bookstore-pos.wxs

FOLDER holds bookstore-pos/, config.toml and bookstore-pos.ico, and whatever reads the source runs in it: wixl knows
pictures by relative names only. The package is for a whole machine, as group policy wants it. It holds no file that
anybody edits: an MSI would take such a file back at each repair.
"""

import re
import sys
import uuid
import xml.etree.ElementTree as ET
from pathlib import Path

NAME = "Bookstore POS"
MAKER = "The Bookstore POS developers"
# Tells Windows that two packages are versions of one; it never changes.
UPGRADE_CODE = "{8C2A5B54-9B0C-4B6E-8E0B-5A1D9A7C3F21}"
SPACE = uuid.UUID(UPGRADE_CODE)
PROGRAMS = ("bookstore-pos.exe", "bookstore-pos-window.exe")
WIX = "http://schemas.microsoft.com/wix/2006/wi"


def guid(text: str) -> str:
    """The same number for the same name: a file that stays keeps its component from version to version."""
    return "{" + str(uuid.uuid5(SPACE, text)).upper() + "}"


def name_of(kind: str, path: str) -> str:
    """A name that WiX takes, told apart by a part of the path's own number."""
    return f"{kind}_{re.sub(r'[^A-Za-z0-9_.]', '_', path)[-40:]}_{uuid.uuid5(SPACE, path).hex[:8]}"


def add(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    """A new element in another."""
    return ET.SubElement(parent, tag, attributes)


class Package:
    """The source as it grows."""

    def __init__(self, folder: Path, version: str) -> None:
        """Take the folder of all that goes in, and the version."""
        self.place, self.bundle = folder, folder / "bookstore-pos"
        self.files = [*sorted(path for path in self.bundle.rglob("*") if path.is_file()), folder / "config.toml"]
        self.root = ET.Element("Wix", xmlns=WIX)
        self.product = add(
            self.root, "Product", Id=guid(f"product {version}"), Name=NAME, Language="1033", Version=version,
            Manufacturer=MAKER, UpgradeCode=UPGRADE_CODE,
        )  # fmt: skip
        add(
            self.product, "Package", InstallerVersion="500", Compressed="yes", InstallScope="perMachine",
            Manufacturer=MAKER, Description=f"{NAME} {version}",
        )  # fmt: skip
        # An older version goes before this one comes.
        add(
            self.product, "MajorUpgrade", DowngradeErrorMessage=f"A newer version of {NAME} is installed here already.",
        )  # fmt: skip
        add(self.product, "Media", Id="1", Cabinet="program.cab", EmbedCab="yes")
        add(self.product, "Icon", Id="Icon.ico", SourceFile="bookstore-pos.ico")
        for key, value in {"ARPPRODUCTICON": "Icon.ico", "ARPNOMODIFY": "1"}.items():
            add(self.product, "Property", Id=key, Value=value)
        self.feature = add(self.product, "Feature", Id="Program", Title=NAME, Level="1")
        self._lay_out()

    def _lay_out(self) -> None:
        target = add(self.product, "Directory", Id="TARGETDIR", Name="SourceDir")
        place = add(target, "Directory", Id="ProgramFiles64Folder")
        folders = {"": add(place, "Directory", Id="INSTALLDIR", Name=NAME)}
        menu = add(target, "Directory", Id="ProgramMenuFolder")
        for file in self.files:
            inside = file.relative_to(self.bundle if file.is_relative_to(self.bundle) else self.place).as_posix()
            self._file(folders, inside, file.relative_to(self.place))
        start = self._component(menu, "start menu")
        add(
            start, "Shortcut", Id="StartMenu", Name=NAME, Target="[INSTALLDIR]bookstore-pos-window.exe",
            WorkingDirectory="INSTALLDIR",
        )  # fmt: skip
        own = add(start, "RegistryKey", Root="HKLM", Key=f"Software\\{NAME}")
        # The other installer looks for this, and leaves this one's folder alone.
        add(own, "RegistryValue", Name="Package", Type="string", Value="msi", KeyPath="yes")
        paths = add(
            start, "RegistryKey", Root="HKLM",
            Key=r"Software\Microsoft\Windows\CurrentVersion\App Paths\bookstore-pos.exe",
        )  # fmt: skip
        add(paths, "RegistryValue", Type="string", Value="[INSTALLDIR]bookstore-pos.exe")

    def _file(self, folders: dict[str, ET.Element], inside: str, source: Path) -> None:
        component = self._component(self._folder(folders, inside.rpartition("/")[0]), inside)
        add(
            component, "File", Id=name_of("f", inside), Name=inside.rpartition("/")[2], Source=str(source),
            KeyPath="yes",
        )  # fmt: skip

    def _folder(self, folders: dict[str, ET.Element], inside: str) -> ET.Element:
        if inside not in folders:
            above, _, name = inside.rpartition("/")
            folders[inside] = add(self._folder(folders, above), "Directory", Id=name_of("d", inside), Name=name)
        return folders[inside]

    def _component(self, folder: ET.Element, inside: str) -> ET.Element:
        name = name_of("c", inside)
        add(self.feature, "ComponentRef", Id=name)
        return add(folder, "Component", Id=name, Guid=guid(inside), Win64="yes")


def main(folder: str, version: str) -> None:
    """Write the source."""
    missing = [name for name in PROGRAMS if not Path(folder, "bookstore-pos", name).is_file()]
    if missing:
        sys.exit(f"{folder} holds no {' and no '.join(missing)}: the program was not made on Windows")
    root = Package(Path(folder), version).root
    ET.indent(root)
    sys.stdout.buffer.write(ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
