"""The loop that works off uploads: parsing and checking in a thread, one chunk ahead of the database."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final
from uuid import uuid4

from pacewatch.contracts.profile import Profile
from pacewatch.contracts.telemetry import Mode
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.telemetry.rules import Rules, rules_of
from pacewatch.ingest.uploads import repository, service, spool
from pacewatch.ingest.uploads.readers import Chunk, Format, chunks
from pacewatch.ingest.uploads.schemas import Status
from pacewatch.ingest.uploads.service import Checked, Job
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Database
from pacewatch.kit.errors import PacewatchError
from pacewatch.kit.module import Loop, Resources

_LONGEST_PAUSE_S: Final = 5.0

log = logs.get(__name__)


class UploadHopeless(PacewatchError):
    """The upload was tried many times and got nowhere; the log says what went wrong."""

    code = "upload_hopeless"


def work_uploads(profile: Profile, settings: IngestSettings) -> Loop:
    """A loop that takes the oldest job nobody works on, until there is none; any number of processes may run it."""

    async def loop(resources: Resources) -> None:
        wakeup = resources.wakeups.subscribe(repository.CHANNEL)
        while True:
            job = await _claim(resources.database, settings)
            if job is not None:
                with logs.caused_by(correlation_id=job.correlation_id):
                    await _work(resources.database, profile, settings, job)
            await _sweep(resources.database, settings)
            if job is None:
                await wakeup.wait(_LONGEST_PAUSE_S)

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
        if repository.is_hopeless(row):
            await service.finish(session, job, Status.FAILED, UploadHopeless())
            return None
    return job


async def _work(database: Database, profile: Profile, settings: IngestSettings, job: Job) -> None:
    """All of a job, unless it is cancelled meanwhile, or this loop is."""
    error, ours = None, True
    try:
        async with _checked_chunks(profile, settings, job) as checked_chunks:
            async for checked in checked_chunks:
                async with database.transaction("ingest") as session:
                    ours = await service.store(session, profile, settings.upload_lease_s, job, checked)
                if not ours:
                    break
                job = replace(job, rows_done=job.rows_done + checked.chunk.rows)
    except PacewatchError as failure:
        error = failure
    except BaseException as reason:
        # A cancelled statement may come back as another error than the cancellation.
        log.warning("upload_interrupted", upload_id=str(job.id), rows=job.rows_done, reason=repr(reason))
        await _release(database, job)
        raise
    if ours:
        async with database.transaction("ingest") as session:
            await service.finish(session, job, Status.FAILED if error else Status.DONE, error)
    log.info("upload_ended", upload_id=str(job.id), rows=job.rows_done, ours=ours, error=error and error.code)


async def _release(database: Database, job: Job) -> None:
    async with database.transaction("ingest") as session:
        await repository.release(session, job.number, job.owner)


@asynccontextmanager
async def _checked_chunks(
    profile: Profile, settings: IngestSettings, job: Job
) -> AsyncIterator[AsyncIterator[Checked]]:
    """Chunks, the next of which is made in a thread while the last is stored; no thread is left behind."""
    path = spool.path_of(settings.spool_dir, job.id)
    rules = rules_of(profile)
    source = chunks(path, job.format, rules, job.rows_done, job.bytes_done)

    def begin() -> asyncio.Future[Checked | None]:
        return asyncio.ensure_future(asyncio.to_thread(_next, source, rules, settings.clock_tolerance_s))

    coming = begin()

    async def ahead() -> AsyncIterator[Checked]:
        nonlocal coming
        while (checked := await asyncio.shield(coming)) is not None:
            coming = begin()
            yield checked

    try:
        yield ahead()
    finally:
        await asyncio.wait([coming])
        if not coming.cancelled():
            coming.exception()
        await asyncio.to_thread(source.close)


def _next(source: Iterator[Chunk], rules: Rules, tolerance_s: int) -> Checked | None:
    chunk = next(source, None)
    if chunk is None:
        return None
    good, errors = chunk.check(rules, clock.now_s() + tolerance_s)
    return Checked(chunk, good, errors)


async def _sweep(database: Database, settings: IngestSettings) -> None:
    """Delete the files of jobs that are over, and files that never became a job."""
    files = await asyncio.to_thread(lambda: list(spool.waiting(settings.spool_dir)))
    if not files:
        return
    async with database.transaction("ingest") as session:
        needed, known = await repository.unfinished(session, [upload_id for upload_id, _, _ in files])
    for upload_id, path, is_old in files:
        if upload_id not in needed and (upload_id in known or is_old):
            path.unlink(missing_ok=True)
