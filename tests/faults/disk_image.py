"""A small ext4 file system in a file, which tests fill, break and cut the power of. Needs root and loop devices."""

import fcntl
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# ext4 takes XFS's number: _IOR('X', 125, __u32). Nothing that was not flushed reaches the disk any more.
_GOING_DOWN, _NO_LOG_FLUSH = 0x8004587D, 2


def why_not() -> str:
    """Why no disk image can be mounted here; empty where it can."""
    if not sys.platform.startswith("linux"):
        return "disk images are mounted on Linux only"
    if os.geteuid() != 0:
        return "mounting a disk image takes root"
    if not Path("/dev/loop-control").exists():
        return "there are no loop devices here"
    missing = [tool for tool in ("mkfs.ext4", "e2fsck", "mount", "umount") if shutil.which(tool) is None]
    return f"{', '.join(missing)} is missing" if missing else ""


class DiskImage:
    """A mounted disk."""

    def __init__(self, file: Path, mount: Path, megabytes: int) -> None:
        self.mount, self._file = mount, file
        self._ballast = mount / "ballast"
        with file.open("wb") as image:
            image.truncate(megabytes << 20)
        _run("mkfs.ext4", "-q", "-F", "-m", "0", file)
        mount.mkdir()
        self.on()

    def on(self) -> None:
        """Mount it, as a machine that starts does."""
        _run("mount", "-o", "loop,errors=remount-ro", self._file, self.mount)

    def off(self) -> None:
        _run("umount", self.mount)

    def repair(self) -> None:
        """Let the disk be checked, as a machine that starts after a fault does."""
        # Code 1 says that something was mended.
        subprocess.run(["e2fsck", "-p", self._file], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def cut_power(self) -> None:
        """Forget everything that was written and not flushed; the disk takes and gives nothing until mounted again."""
        number = os.open(self.mount, os.O_RDONLY)
        try:
            fcntl.ioctl(number, _GOING_DOWN, struct.pack("I", _NO_LOG_FLUSH))
        finally:
            os.close(number)

    def fill(self) -> None:
        """Leave no room at all."""
        number = os.open(self._ballast, os.O_WRONLY | os.O_CREAT)
        size, piece = os.fstat(number).st_size, 1 << 24
        try:
            while piece >= 1024:
                try:
                    os.posix_fallocate(number, size, piece)
                    size += piece
                except OSError:
                    piece //= 2
        finally:
            os.close(number)

    def make_room(self) -> None:
        self._ballast.unlink(missing_ok=True)

    def read_only(self) -> None:
        """Have the kernel find a fault and take no writes any more, under whatever is open."""
        device = subprocess.run(
            ["findmnt", "-n", "-o", "SOURCE", self.mount], check=True, capture_output=True, text=True
        ).stdout.strip()
        Path(f"/sys/fs/ext4/{Path(device).name}/trigger_fs_error").write_text("a test", encoding="utf-8")


@contextmanager
def disk_image(folder: Path, megabytes: int) -> Iterator[DiskImage]:
    """Make a disk in a folder, mounted; it goes with the block."""
    folder.mkdir(exist_ok=True)
    disk = DiskImage(folder / "disk.img", folder / "mount", megabytes)
    try:
        yield disk
    finally:
        with suppress(subprocess.CalledProcessError):
            disk.off()


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
