"""Whether a file lies on this machine's own disk, as far as the system tells: a queue's log wants
memory that all who write share, which hosts do not.

Only what is known to be local is taken for it: there are more file systems over networks than
anybody can list.
"""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

LOCAL = frozenset(
    {
        *("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "bcachefs", "f2fs", "jfs", "reiserfs"),
        *("nilfs2", "tmpfs", "ramfs", "overlay", "ntfs3", "fuseblk", "vfat", "exfat", "hfsplus"),
        *("apfs", "hfs", "ufs"),
    }
)
FIXED, IN_MEMORY = 3, 6  # as Windows calls drives of its own
WAITS = 10.0  # seconds


def is_local(path: Path) -> bool:
    """Whether `path`, which need not be there, is known to lie on a disk of this machine alone. One
    that others have over the network is not told from it.
    """
    home = path.resolve()
    if sys.platform == "linux":
        try:
            mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
        return file_system(home, mounts) in LOCAL
    if sys.platform == "darwin":
        return "local" in words_of_mount(home, _mounts())
    if sys.platform == "win32":
        import ctypes

        return ctypes.windll.kernel32.GetDriveTypeW(home.anchor) in (FIXED, IN_MEMORY)
    return False


def file_system(home: Path, mounts: str) -> str:
    """What kind of file system `home` is on, by the text of Linux's mountinfo; nothing if it does
    not say.
    """
    found, longest = "", -1
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        if not right or len(fields := left.split()) < 5:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4]))
        if home.is_relative_to(point) and len(point.parts) >= longest:
            found, longest = right.split()[0], len(point.parts)
    return found


def words_of_mount(home: Path, mounts: str) -> list[str]:
    """What macOS's `mount` says of where `home` is: `apfs, local, journaled`."""
    found: list[str] = []
    longest = -1
    for line in mounts.splitlines():
        said = re.fullmatch(r".* on (/.*) \(([^()]*)\)", line)
        if said is None:
            continue
        point = Path(said[1])
        if home.is_relative_to(point) and len(point.parts) >= longest:
            found, longest = said[2].split(", "), len(point.parts)
    return found


@cache
def _mounts() -> str:
    try:
        said = subprocess.run(
            ["/sbin/mount"], capture_output=True, text=True, timeout=WAITS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.stdout
