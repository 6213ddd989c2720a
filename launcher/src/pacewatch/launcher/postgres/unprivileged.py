"""PostgreSQL refuses to run as root: find it another user, and folders that this user can reach."""

import hashlib
import os
import pwd
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from pacewatch.launcher.errors import EmbeddedPostgresError

log = structlog.get_logger(__name__)

# Root's own ground: nobody else can have put anything under these names before us.
ROOT_STATE = Path("/var/lib/pacewatch")


@dataclass(frozen=True)
class ServerUser:
    """Whom a server runs as. `name` None means: as ourselves, we are not root."""

    name: str | None = None
    uid: int = 0
    gid: int = 0

    def process_options(self) -> dict[str, Any]:
        """What `subprocess` needs to start a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.name else {}

    def reaches(self, path: Path) -> bool:
        """Whether this user can enter the folder, or run the program, at `path`; asked of the system itself."""
        return (
            not self.name or subprocess.call(["/usr/bin/test", "-x", str(path)], cwd="/", **self.process_options()) == 0
        )

    def own(self, path: Path) -> None:
        """Give one file or folder, and nothing above or below it, to this user."""
        if self.name:
            os.chown(path, self.uid, self.gid)


def server_user() -> ServerUser:
    """Ourselves, or for root the first unprivileged user that every machine has."""
    if os.geteuid() != 0:
        return ServerUser()
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return ServerUser(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedPostgresError(
        "Root cannot run PostgreSQL, and there is no user `postgres` or `nobody`: run as another user."
    )


def reachable_data_folder(folder: Path, user: ServerUser) -> Path:
    """`folder/data`, or one in root's own state if the parents of `folder` shut the server's user out."""
    if user.reaches(folder):
        return folder / "data"
    elsewhere = ROOT_STATE / hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    elsewhere.mkdir(mode=0o755, parents=True, exist_ok=True)
    log.warning("postgres_data_placed", folder=str(elsewhere), because=f"user {user.name} cannot enter {folder}")
    return elsewhere / "data"


def reachable_binaries(binaries: Path, user: ServerUser) -> Path:
    """`binaries`, or, if its parents shut the server's user out, a copy of the whole installation it belongs to."""
    if user.reaches(binaries / "postgres"):
        return binaries
    installation = binaries.parent
    fingerprint = hashlib.sha256((binaries / "postgres").read_bytes()).hexdigest()[:12]
    copy = ROOT_STATE / f"{installation.name}-{fingerprint}"
    if not copy.exists():
        half = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(installation, half, symlinks=True)
        half.rename(copy)
    return copy / binaries.name
