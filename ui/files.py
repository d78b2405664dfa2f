"""The one place that asks for files: what it shows can be looked at only, and the shop's own files are no targets."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from pos_app.domain.permission import Permission
from pos_app.errors import Refused, Unavailable
from ui import dialogs
from ui.context import Context

# What people take from the data folder; all else in it is the program's.
FOR_PEOPLE = ("exports", "papers")


async def ask_where(context: Context, parent: QWidget, title: str, name: str, kinds: Mapping[str, str]) -> Path | None:
    """Ask where to write a file of one of the kinds (what is shown, and its ending); None where it is left.

    `name` is proposed. Who may not choose freely, or sits at a till that fills its screen, is asked nothing: the file
    goes to the data folder's exports. Raises Refused("file.of_shop" | "file.kind"), Unavailable("export.not_written").
    """
    data_dir = context.app.config.data_dir
    if not may_choose(context, parent):
        return fresh_file(_exports(data_dir), name)
    proposed = documents_folder(data_dir)
    chooser = _chooser(parent, title, str(proposed / name), list(kinds))
    chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    chooser.setDefaultSuffix(next(iter(kinds.values())))
    chooser.filterSelected.connect(lambda kind: chooser.setDefaultSuffix(kinds[kind]))
    path = await _answer(chooser)
    if path is not None:
        refuse_target(path, data_dir)
        if path.suffix.lower().removeprefix(".") not in kinds.values():
            raise Refused("file.kind", name=path.name, endings=", ".join(f".{one}" for one in kinds.values()))
    return path


async def ask_folder(context: Context, parent: QWidget, title: str) -> Path | None:
    """Ask for a folder to write into, as `ask_where` asks for a file."""
    data_dir = context.app.config.data_dir
    if not may_choose(context, parent):
        return _exports(data_dir)
    chooser = _chooser(parent, title, str(documents_folder(data_dir)), [])
    chooser.setFileMode(QFileDialog.FileMode.Directory)
    path = await _answer(chooser)
    if path is not None:
        refuse_target(path, data_dir)
    return path


async def ask_file(parent: QWidget, title: str, kinds: Sequence[str]) -> Path | None:
    """Ask for a file to be read; None where it is left."""
    chooser = _chooser(parent, title, "", kinds)
    chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
    return await _answer(chooser)


def may_choose(context: Context, parent: QWidget) -> bool:
    """Whether somebody may look about on this machine's disk: managers, and nobody in front of a kiosk."""
    return context.operator.may(Permission.APPROVE) and not dialogs.in_kiosk(parent)


def refuse_target(path: Path, data_dir: Path) -> None:
    """Keep the shop's database, its copies and settings from being written over. Raises Refused("file.of_shop")."""
    real, shop = path.resolve(), data_dir.resolve()
    if real.is_relative_to(shop) and not any(real.is_relative_to(shop / name) for name in FOR_PEOPLE):
        raise Refused("file.of_shop", path=str(path), folder=str(data_dir / "exports"))


def fresh_file(folder: Path, name: str) -> Path:
    """Give a file of that name in a folder, with a number where there is one already."""
    path, number = folder / name, 2
    while path.exists():
        path, number = folder / f"{Path(name).stem}-{number}{Path(name).suffix}", number + 1
    return path


def documents_folder(data_dir: Path) -> Path:
    """Where people keep their files, where this machine has such a place."""
    folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    return folder if folder.is_dir() else _exports(data_dir)


def _exports(data_dir: Path) -> Path:
    folder = data_dir / "exports"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable("export.not_written", path=str(folder), reason=error.strerror or str(error)) from error
    return folder


def _chooser(parent: QWidget, title: str, proposed: str, kinds: Sequence[str]) -> QFileDialog:
    """Give Qt's own dialog, read only: the systems' dialogs, and Qt's otherwise, delete and rename files too."""
    chooser = QFileDialog(parent, title)
    chooser.setOptions(QFileDialog.Option.DontUseNativeDialog | QFileDialog.Option.ReadOnly)
    if kinds:
        chooser.setNameFilters(list(kinds))
    start = Path(proposed) if proposed else Path(QStandardPaths.writableLocation(_HOME))
    if start.is_dir():
        chooser.setDirectory(str(start))
    else:
        chooser.setDirectory(str(start.parent))
        chooser.selectFile(start.name)
    return chooser


_HOME = QStandardPaths.StandardLocation.HomeLocation


async def _answer(chooser: QFileDialog) -> Path | None:
    if await dialogs.show(chooser) != QDialog.DialogCode.Accepted or not (chosen := chooser.selectedFiles()):
        return None
    return Path(chosen[0])
