"""Sends a file of readings to a platform as an upload, and watches it until it is over."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

import httpx
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from pacewatch.kit.errors import PacewatchError

FORMATS: Final = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet"}
_PIECE_BYTES: Final = 2**20
_PAUSE_S: Final = 0.5
# Where nobody watches a bar: in a log.
_LINE_EVERY_S: Final = 10.0
UPLOADS: Final = "/api/v1/telemetry/uploads"


class UploadError(PacewatchError):
    """The file could not be sent, or its way not watched; says why."""

    code = "upload_failed"


@dataclass(frozen=True, slots=True)
class Sender:
    """Where to, and who sends: a token, or an account to sign in with."""

    url: str
    token: str
    email: str
    password: str

    @classmethod
    def of(cls, url: str, email: str) -> "Sender":
        """With the secrets of the environment: PACEWATCH_TOKEN, or PACEWATCH_PASSWORD for `email`."""
        token = "" if email else os.environ.get("PACEWATCH_TOKEN", "")
        return cls(url, token, email, os.environ.get("PACEWATCH_PASSWORD", ""))

    @contextmanager
    def connected(self) -> Iterator[httpx.Client]:
        """A client that is signed in; UploadError when the platform cannot be reached, then or within the block."""
        try:
            with httpx.Client(base_url=self.url, timeout=60) as client:
                client.headers["Authorization"] = f"Bearer {self.token or self._signed_in(client)}"
                yield client
        except (httpx.TransportError, OSError) as error:
            raise UploadError(f"{self.url}: {type(error).__name__} {error}; is the platform up?") from None

    def _signed_in(self, client: httpx.Client) -> str:
        if not self.email:
            raise UploadError("say who you are: set PACEWATCH_TOKEN, or give --email and set PACEWATCH_PASSWORD")
        form = {"username": self.email, "password": self.password}
        token: str = checked(client.post("/api/v1/auth/login", data=form))["access_token"]
        return token


def upload(path: Path, sender: Sender, mode: str, console: Console, rejects: Path | None = None) -> bool:
    """Whether every row was good and the upload ended well; UploadError when it could not be sent or watched.

    What was rejected is written to `rejects`, if there is anything.
    """
    kind, rejects_kind = _format(path), rejects and _format(rejects)
    with sender.connected() as client:
        job = watch(client, send(client, path, kind, mode, console), console)
        if rejects and job["rejected"]:
            _fetch(client, f"{UPLOADS}/{job['upload_id']}/rejects?format={rejects_kind}", rejects)
    return went_well(job)


def _fetch(client: httpx.Client, url: str, path: Path) -> None:
    with client.stream("GET", url) as answer, path.open("wb") as file:
        if answer.is_error:
            answer.read()
            _refuse(answer)
        file.writelines(answer.iter_bytes())


def _format(path: Path) -> str:
    try:
        return FORMATS[path.suffix]
    except KeyError:
        raise UploadError(f"{path.name} must end in {', '.join(FORMATS)}") from None


def send(client: httpx.Client, path: Path, kind: str, mode: str, console: Console) -> Any:
    """The job that the file became."""
    size = path.stat().st_size
    bars = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*bars, console=console) as progress:
        task = progress.add_task("sending", total=size)
        headers = {"Content-Length": str(size)}
        body = _pieces(path, progress, task)
        query = {"format": kind, "mode": mode}
        return checked(client.post(UPLOADS, params=query, content=body, headers=headers))


def watch(client: httpx.Client, job: Any, console: Console) -> Any:
    """Wait for the job's end and tell it; the job as it ended. UploadError when interrupted."""
    try:
        job = _ended(client, job, console)
    except KeyboardInterrupt:
        path = f"{client.base_url}{UPLOADS}/{job['upload_id']}"
        raise UploadError(f"the platform goes on with it: see {path}, or end it by POST {path}/cancel") from None
    _tell(job, str(client.base_url), console)
    return job


def went_well(job: Any) -> bool:
    """Whether the upload was taken in to its end, every row of it good."""
    return bool(job["status"] == "done" and not job["rejected"])


def _ended(client: httpx.Client, job: Any, console: Console) -> Any:
    bars = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*bars, console=console) as progress:
        task = progress.add_task("rows", total=job["rows_total"], completed=job["rows_done"])
        told_s = time.monotonic()
        while job["status"] in {"queued", "running"}:
            time.sleep(_PAUSE_S)
            job = checked(client.get(f"{UPLOADS}/{job['upload_id']}"))
            progress.update(task, completed=job["rows_done"], total=job["rows_total"] or _estimated(job))
            if not console.is_terminal and time.monotonic() - told_s >= _LINE_EVERY_S:
                told_s = time.monotonic()
                console.print(f"{job['rows_done']:,} of {job['rows_total'] or _estimated(job) or 0:,} rows")
    return job


def _pieces(path: Path, progress: Progress, task: TaskID) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece
            progress.advance(task, len(piece))


def _estimated(job: Any) -> int | None:
    """How many rows there will be, if those to come are as long as those behind."""
    return int(job["rows_done"] * job["bytes_total"] / job["bytes_done"]) if job["bytes_done"] else None


def _tell(job: Any, url: str, console: Console) -> None:
    counts = ", ".join(f"{job[name]:,} {name}" for name in ("accepted", "duplicates", "rejected"))
    lines = [f"upload {job['upload_id']} {job['status']}: {job['rows_done']:,} rows, {counts}"]
    if job["codes"]:
        lines.append("of which " + ", ".join(f"{count:,} {code}" for code, count in sorted(job["codes"].items())))
    if job["error"]:
        lines.append(f"[red]{job['error_code']}[/red]: {escape(job['error'])}")
    if job["rejected"]:
        lines.append(f"the rejects: {url}{UPLOADS}/{job['upload_id']}/rejects?format=csv")
    console.print("\n".join(lines), highlight=False, soft_wrap=True)


def checked(answer: httpx.Response) -> Any:
    """The answer's JSON; UploadError if it is a refusal."""
    if answer.is_error:
        _refuse(answer)
    return answer.json()


def _refuse(answer: httpx.Response) -> NoReturn:
    """UploadError: the code and what to do, or whatever a server of another kind said."""
    try:
        problem = answer.json()
        told = f"{problem['code']}: {problem['detail']}"
    except (ValueError, KeyError, TypeError):
        told = answer.text[:500]
    raise UploadError(f"{answer.request.url} answered {answer.status_code}, {told}")
