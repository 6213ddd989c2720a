"""The loop that stores uploads: a thread parses and checks one chunk while the previous one is stored."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final
from uuid import uuid4

from pacewatch.contracts.profile import Profile
from pacewatch.contracts.telemetry import Mode
from pacewatch.ingest.errors import UploadAttemptsExhausted
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.telemetry.rules import Rules, rules_of
from pacewatch.ingest.uploads import repository, service, spool
from pacewatch.ingest.uploads.chunks import Chunk, Format
from pacewatch.ingest.uploads.readers import read_chunks
from pacewatch.ingest.uploads.schemas import Status
from pacewatch.ingest.uploads.service import CheckedChunk, Job
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Database, is_outage
from pacewatch.kit.errors import PacewatchError
from pacewatch.kit.module import Loop, Resources

_MAX_PAUSE_S: Final = 5.0

log = logs.get(__name__)


def work_uploads(profile: Profile, settings: IngestSettings) -> Loop:
    """A loop that stores uploads, the oldest without a worker first; any number of processes may run it."""

    async def loop(resources: Resources) -> None:
        wakeup, sweep = resources.wakeups.subscribe(repository.CHANNEL), spool.Sweep(settings.spool_dir)
        while True:
            job = await _claim(resources.database, settings)
            if job is not None:
                with logs.caused_by(correlation_id=job.correlation_id):
                    await _store_upload(resources.database, profile, settings, job)
            await _delete_unneeded_files(resources.database, sweep)
            if job is None:
                await wakeup.wait(_MAX_PAUSE_S)

    return loop


async def _claim(database: Database, settings: IngestSettings) -> Job | None:
    owner = uuid4()
    async with database.transaction("ingest") as session:
        row = await repository.claim(session, owner, settings.upload_lease_s)
        if row is None:
            return None
        values = {name: row[name] for name in row if name != "attempts"}
        values |= {"format": Format(row["format"]), "mode": Mode(row["mode"])}
        job = Job(owner=owner, **values)
        if repository.has_too_many_attempts(row):
            await service.finish(session, job, Status.FAILED, UploadAttemptsExhausted())
            return None
    return job


async def _store_upload(database: Database, profile: Profile, settings: IngestSettings, job: Job) -> None:
    """Store an upload to its end, unless its lease is lost, it is cancelled, or this loop is."""
    error, has_lease = None, True
    try:
        async with _checked_chunks(profile, settings, job) as checked_chunks:
            async for checked in checked_chunks:
                async with database.transaction("ingest") as session:
                    has_lease = await service.store_chunk(session, profile, settings.upload_lease_s, job, checked)
                if not has_lease:
                    break
                job = replace(job, rows_done=job.rows_done + checked.chunk.rows)
    except PacewatchError as failure:
        error = failure
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
async def _checked_chunks(
    profile: Profile, settings: IngestSettings, job: Job
) -> AsyncIterator[AsyncIterator[CheckedChunk]]:
    """Checked chunks; a thread prepares the next one while the caller stores the last one. Waits for it at the end."""
    path = spool.path_of(settings.spool_dir, job.id)
    rules = rules_of(profile)
    source = read_chunks(path, job.format, rules, job.rows_done, job.bytes_done)

    def prepare_next() -> asyncio.Future[CheckedChunk | None]:
        return asyncio.ensure_future(asyncio.to_thread(_next_chunk, source, rules, settings.clock_tolerance_s))

    following = prepare_next()

    async def checked_chunks() -> AsyncIterator[CheckedChunk]:
        nonlocal following
        while (checked := await asyncio.shield(following)) is not None:
            following = prepare_next()
            yield checked

    try:
        yield checked_chunks()
    finally:
        await asyncio.wait([following])
        if not following.cancelled():
            following.exception()
        await asyncio.to_thread(source.close)


def _next_chunk(source: Iterator[Chunk], rules: Rules, tolerance_s: int) -> CheckedChunk | None:
    chunk = next(source, None)
    if chunk is None:
        return None
    valid, errors = chunk.check(rules, clock.now_s() + tolerance_s)
    return CheckedChunk(chunk, valid, errors)


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
