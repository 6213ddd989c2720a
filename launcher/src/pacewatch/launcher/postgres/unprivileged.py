"""PostgreSQL refuses to run as root: find another user for it, and folders that this user can reach."""

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

# Only root can write here, so no other user can have put files under these names.
ROOT_STATE = Path("/var/lib/pacewatch")


@dataclass(frozen=True)
class ServerUser:
    """The user that runs the server. `name` None means the current user, who is not root."""

    name: str | None = None
    uid: int = 0
    gid: int = 0

    def process_options(self) -> dict[str, Any]:
        """What `subprocess` needs to start a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.name else {}

    def can_reach(self, path: Path) -> bool:
        """Whether this user can enter the folder, or run the program, at `path`. The kernel itself decides."""
        return (
            not self.name or subprocess.call(["/usr/bin/test", "-x", str(path)], cwd="/", **self.process_options()) == 0
        )

    def make_owner(self, path: Path) -> None:
        """Give this one file or folder, and nothing above or below it, to the user."""
        if self.name:
            os.chown(path, self.uid, self.gid)


def server_user() -> ServerUser:
    """The current user, or for root the first unprivileged user that the machine has."""
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
    """`folder/data`, or a folder in ROOT_STATE if `user` may not enter the parents of `folder`."""
    if user.can_reach(folder):
        return folder / "data"
    outside = ROOT_STATE / hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    outside.mkdir(mode=0o755, parents=True, exist_ok=True)
    log.warning("postgres_data_placed", folder=str(outside), because=f"user {user.name} cannot enter {folder}")
    return outside / "data"


def reachable_binaries(binaries: Path, user: ServerUser) -> Path:
    """`binaries`, or, if `user` may not enter their parents, a copy of the whole installation in ROOT_STATE."""
    if user.can_reach(binaries / "postgres"):
        return binaries
    installation = binaries.parent
    fingerprint = hashlib.sha256((binaries / "postgres").read_bytes()).hexdigest()[:12]
    copy = ROOT_STATE / f"{installation.name}-{fingerprint}"
    if not copy.exists():
        temporary = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(installation, temporary, symlinks=True)
        temporary.rename(copy)
    return copy / binaries.name
