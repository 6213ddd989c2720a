"""Files that are written whole or not at all: a reader, or a crash, never meets half of one."""

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: bytes, mode: int = 0o600, *, durable: bool = True) -> None:
    """Replace `path` by a file with this content; its folder is created if it is missing.

    The file survives a loss of power once this returns. Without `durable` it need not, and no disk is waited for.

    The temporary file lies in the same folder, because a rename is atomic only within a file system.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            if durable:
                os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    if durable:
        _sync_folder(path.parent)


def create_once(path: Path, text: str, mode: int) -> bool:
    """Write the whole file or nothing; False if it exists, or if another process created it first, whose file stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text + "\n")
            os.fchmod(file.fileno(), mode)
        os.link(temporary, path)
        return True
    except FileExistsError:
        return False
    finally:
        Path(temporary).unlink()


def _sync_folder(folder: Path) -> None:
    """The new name itself is durable only once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
