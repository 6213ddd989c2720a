"""Programs of others whose packages do not fit beside ours, each in an environment of its own in `.venv/peers`."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from .found import ServerMissing

_VENV: Final = Path(sys.executable).parent.parent
_INSTALL_S: Final = 540


def environment(name: str, *requirements: str) -> Path:
    """The folder with the programs of an environment that has `requirements`; made at the first use.

    ServerMissing if it cannot be made, such as without a package index.
    """
    folder = _VENV / "peers" / name
    mark, wanted = folder / ".made", hashlib.sha256(" ".join(requirements).encode()).hexdigest()
    if not mark.exists() or mark.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        _run("venv", "--quiet", "--python", sys.executable, str(folder))
        _run("pip", "install", "--quiet", "--python", str(folder / "bin/python"), *requirements)
        mark.write_text(wanted)
    return folder / "bin"


def _run(*arguments: str) -> None:
    command = [str(_VENV / "bin/uv"), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_S, check=False)
    except subprocess.TimeoutExpired:
        raise ServerMissing(f"uv {arguments[0]}: not done after {_INSTALL_S} s") from None
    if done.returncode:
        raise ServerMissing(f"uv {arguments[0]}: {done.stderr.strip().splitlines()[-1]}")
