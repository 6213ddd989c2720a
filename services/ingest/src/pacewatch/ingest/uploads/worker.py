"""The loop that stores uploads: the parser reads and checks one chunk while the previous one is stored."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import RowMapping

from pacewatch.contracts.profile import Profile
from pacewatch.contracts.telemetry import Mode
from pacewatch.ingest.errors import FileHopeless, UploadAttemptsExhausted
from pacewatch.ingest.senders.quotas import Quotas
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.telemetry.checking import CheckedRows
from pacewatch.ingest.uploads import repository, service, spool
from pacewatch.ingest.uploads.chunks import OpenFile, ReaderEnded, Source
from pacewatch.ingest.uploads.schemas import Status
from pacewatch.ingest.uploads.service import Job
from pacewatch.kit import logs
from pacewatch.kit.db import Database, is_outage
from pacewatch.kit.errors import PacewatchError
from pacewatch.kit.module import Loop, Resources
from pacewatch.kit.tables.files.chunks import Format
from pacewatch.kit.tables.findings import Finding
from pacewatch.kit.tables.table import Dialect

_MAX_PAUSE_S: Final = 5.0
# A file may end its reader each time, and takes the turn of others.
_MAX_READERS: Final = 3

log = logs.get(__name__)


def work_uploads(profile: Profile, settings: IngestSettings, quotas: Quotas, open_file: OpenFile) -> Loop:
    """A loop that stores uploads, the oldest without a worker first; any number of processes may run it."""

    async def loop(resources: Resources) -> None:
        wakeup, sweep = resources.wakeups.subscribe(repository.CHANNEL), spool.Sweep(settings.spool_dir)
        while True:
            job = await _claim(resources.database, settings, quotas.waiting())
            if job is not None:
                with logs.caused_by(correlation_id=job.correlation_id):
                    await _store_upload(resources.database, profile, settings, quotas, open_file, job)
            await _delete_unneeded_files(resources.database, sweep)
            if job is None:
                await wakeup.wait(_MAX_PAUSE_S)

    return loop


async def _claim(database: Database, settings: IngestSettings, waiting: Sequence[str]) -> Job | None:
    owner = uuid4()
    async with database.transaction("ingest") as session:
        row = await repository.claim(session, owner, settings.upload_lease_s, waiting)
        if row is None:
            return None
        job = _job(row, owner)
        if repository.has_too_many_attempts(row):
            await service.finish(session, job, Status.FAILED, UploadAttemptsExhausted())
            return None
    return job


def _job(row: RowMapping, owner: UUID) -> Job:
    values: dict[str, Any] = dict(row)
    dialect = Dialect(values.pop("delimiter"), values.pop("decimal_sign"), values.pop("time_format"))
    typed = {"format": Format(row["format"]), "mode": Mode(row["mode"]), "codes": Counter(row["codes"])}
    findings = tuple(Finding(**one) for one in row["findings"])
    return Job(**values | typed | {"owner": owner, "dialect": dialect, "findings": findings})


async def _store_upload(
    database: Database, profile: Profile, settings: IngestSettings, quotas: Quotas, open_file: OpenFile, job: Job
) -> None:
    """Store an upload to its end, unless its lease is lost, it is cancelled, or this loop is.

    An error of ours is an error of the file, and ends the upload. Anything else is tried again: a bounded number of
    times, a smaller one if its reader ended. When its sender has sent a day's rows, the rest waits for the next day.
    """
    error, has_lease = None, True
    try:
        async with _checked_chunks(open_file, spool.path_of(settings.spool_dir, job.id), job) as checked_chunks:
            async for checked in checked_chunks:
                if job.actor in quotas.waiting():
                    log.info("upload_waits_for_quota", upload_id=str(job.id), rows=job.rows_done)
                    return await _release(database, job, counts=False)
                quotas.add(job.actor, rows=checked.received)
                async with database.transaction("ingest") as session:
                    stored = await service.store_chunk(session, profile, settings.upload_lease_s, job, checked)
                has_lease = stored is not None
                if stored is None:
                    break
                job = stored
                if job.is_hopeless:
                    raise FileHopeless(job.why_hopeless)
    except PacewatchError as failure:
        error = failure
    except ReaderEnded as ended:
        log.warning("upload_interrupted", upload_id=str(job.id), rows=job.rows_done, reason=repr(ended))
        if job.attempts < _MAX_READERS:
            return await _release(database, job, counts=True)
        error = UploadAttemptsExhausted()
    except BaseException as reason:
        # When the loop is cancelled, a statement may raise another error than CancelledError.
        log.warning("upload_interrupted", upload_id=str(job.id), rows=job.rows_done, reason=repr(reason))
        await _release(database, job, counts=not is_outage(reason))
        raise
    if has_lease:
        async with database.transaction("ingest") as session:
            await service.finish(session, job, Status.FAILED if error else Status.DONE, error)
    log.info("upload_ended", upload_id=str(job.id), rows=job.rows_done, ours=has_lease, error=error and error.code)


async def _release(database: Database, job: Job, *, counts: bool) -> None:
    async with database.transaction("ingest") as session:
        await repository.release(session, job.number, job.owner, counts=counts)


@asynccontextmanager
async def _checked_chunks(open_file: OpenFile, path: Path, job: Job) -> AsyncIterator[AsyncIterator[CheckedRows]]:
    """Checked chunks; the parser prepares the next while the caller stores the last. Waits for it at the end."""
    async with open_file(Source(path, *job.source)) as next_chunk:
        following = asyncio.ensure_future(next_chunk())

        async def checked_chunks() -> AsyncIterator[CheckedRows]:
            nonlocal following
            while (checked := await asyncio.shield(following)) is not None:
                following = asyncio.ensure_future(next_chunk())
                yield checked

        try:
            yield checked_chunks()
        finally:
            await asyncio.wait([following])
            if not following.cancelled():
                following.exception()


async def _delete_unneeded_files(database: Database, sweep: spool.Sweep) -> None:
    """Delete files of ended uploads, and abandoned files without an upload."""
    files = await asyncio.to_thread(sweep.files)
    if not files:
        return
    async with database.transaction("ingest") as session:
        unfinished, all_uploads = await repository.unfinished(session, [file.upload_id for file in files])
    for file in files:
        if file.upload_id not in unfinished and (file.upload_id in all_uploads or file.is_abandoned):
            file.path.unlink(missing_ok=True)
