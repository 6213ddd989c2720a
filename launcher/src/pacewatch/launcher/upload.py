"""Sends a file of readings to a platform as an upload, and watches it until it is over."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

FORMATS: Final = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet"}
_PIECE_BYTES: Final = 2**20
_PAUSE_S: Final = 0.5
# Where nobody watches a bar: in a log.
_LINE_EVERY_S: Final = 10.0
UPLOADS: Final = "/api/v1/telemetry/uploads"


class UploadError(Exception):
    """The file could not be sent; says why."""


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


def upload(path: Path, sender: Sender, mode: str, console: Console) -> bool:
    """Whether every row was good and the upload ended well; UploadError when it could not be sent or watched."""
    kind = FORMATS.get(path.suffix)
    if kind is None:
        raise UploadError(f"{path.name} must end in {', '.join(FORMATS)}")
    with sender.connected() as client:
        return watch(client, send(client, path, kind, mode, console), console)


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


def watch(client: httpx.Client, job: Any, console: Console) -> bool:
    """Wait for the job's end and tell it; whether it ended well with every row good."""
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
    _tell(job, str(client.base_url), console)
    return bool(job["status"] == "done" and not job["rejected"])


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
    console.print(
        f"upload {job['upload_id']} {job['status']}: {job['rows_done']:,} rows, {counts}",
        highlight=False,
        soft_wrap=True,
    )
    if job["error"]:
        console.print(f"[red]{job['error_code']}[/red]: {job['error']}", highlight=False, soft_wrap=True)
    if job["rejected"]:
        console.print(
            f"the rejects: {url}{UPLOADS}/{job['upload_id']}/rejects?format=csv", highlight=False, soft_wrap=True
        )


def checked(answer: httpx.Response) -> Any:
    """The answer's JSON; UploadError if it is a refusal."""
    if answer.is_error:
        raise UploadError(f"{answer.request.url} refused with {answer.status_code}: {answer.text[:500]}")
    return answer.json()
