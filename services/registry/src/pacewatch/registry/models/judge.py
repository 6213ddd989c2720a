"""The judge: takes up candidates one by one, examines and gates each, and promotes or rejects it.

Claim, verdict and event are one transaction: a judge that dies gives its candidate back by dying. The check runs while
the candidate's row is locked; the active row is locked only for the decision, so nobody else waits for a check.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import RowMapping

from pacewatch.contracts.models import GateResult, ModelRejected, ModelStatus
from pacewatch.contracts.training import RunStatus
from pacewatch.kit import logs
from pacewatch.kit.db import Database, Session
from pacewatch.kit.messaging.outbox import emit
from pacewatch.kit.module import Resources
from pacewatch.ml.artifacts.manifest import Manifest
from pacewatch.ml.errors import ArtifactRefusedError
from pacewatch.registry.models import gate, repository, service
from pacewatch.registry.models.examination import Examiner
from pacewatch.registry.runs import repository as runs_repository
from pacewatch.registry.settings import RegistrySettings

POLL_S: Final = 2.0
PAUSES_S: Final = (5.0, 20.0, 60.0, 300.0)
ACTOR: Final = "promotion gate"

log = logs.get(__name__)


class Unjudgeable(Exception):
    """Something other than the candidate went wrong: the artifact store or the machine; try again later."""

    def __init__(self, version: str, reason: str) -> None:
        super().__init__(reason)
        self.version = version


async def judge(resources: Resources, examiner: Examiner, settings: RegistrySettings) -> None:
    """Judge candidates until cancelled."""
    wakeup = resources.wakeups.subscribe(repository.JUDGE_CHANNEL)
    while True:
        try:
            judged = await judge_next(resources.database, examiner, settings)
        except Unjudgeable as problem:
            await put_off(resources.database, problem.version, str(problem))
            judged = None
        if judged is None:
            await wakeup.wait(POLL_S)


async def judge_next(database: Database, examiner: Examiner, settings: RegistrySettings) -> str | None:
    """Decide on one waiting candidate; its version, or None if there is none."""
    async with database.transaction("registry") as session:
        row = await repository.next_candidate(session)
        if row is None:
            return None
        version: str = row["version"]
        try:
            manifest = await examiner.examine(version, str(row["run_id"]), service.artifact_of(row))
        except ArtifactRefusedError as refused:
            reason = f"{refused.code}: {refused}"[:2_000]
            answer = GateResult(check="artifact", passed=False, value=None, limit=None, message=reason)
            await _reject(session, version, reason, [answer])
        except Exception as error:
            raise Unjudgeable(version, f"{type(error).__name__}: {error}") from error
        else:
            await _decide(session, row, manifest, settings)
        return version


async def _decide(session: Session, row: RowMapping, manifest: Manifest, settings: RegistrySettings) -> None:
    """Gate an examined candidate by its signed figures, and act on the answer."""
    version: str = row["version"]
    run = await runs_repository.find(session, row["run_id"])
    if run is not None and run["status"] == RunStatus.CANCELLED:
        await _reject(session, version, "its training run was cancelled", [])
        return
    before = await repository.active(session, lock=True)
    champion = await _champion(session, before.version, manifest) if before.version else None
    works = GateResult(check="artifact", passed=True, value=None, limit=None, message="verified, loads and scores")
    answers = [works, *gate.judged(manifest.metrics, champion, settings)]
    if failed := [answer for answer in answers if not answer.passed]:
        await _reject(session, version, "; ".join(answer.message for answer in failed)[:2_000], answers)
        return
    accepted = {"status": ModelStatus.ACCEPTED, "gate": [answer.model_dump() for answer in answers]}
    signed = {"algorithm": manifest.algorithm, "threshold": manifest.threshold, "metrics": manifest.metrics}
    await repository.update(session, version, reason="passed every check", **accepted, **signed)
    log.info("model_accepted", version=version)
    if settings.auto_promote:
        promoted = await repository.find(session, version)
        assert promoted is not None  # noqa: S101 - locked by this transaction
        fallback = before.sequence or None
        await service.change_active(
            session, promoted, before, fallback=fallback, actor=ACTOR, reason="passed every check"
        )


async def _champion(session: Session, version: str, manifest: Manifest) -> gate.Figures | None:
    """The active model's figures on the candidate's rows, if its trainer judged it; else those of its own time."""
    beside = manifest.metrics.get("champion")
    if isinstance(beside, Mapping) and beside.get("version") == version:
        return beside
    row = await repository.find(session, version)
    return row["metrics"] if row is not None else None


async def _reject(session: Session, version: str, reason: str, answers: list[GateResult]) -> None:
    """Keep the candidate for audit, and say why."""
    told = [answer.model_dump() for answer in answers]
    await repository.update(session, version, status=ModelStatus.REJECTED, reason=reason, gate=told)
    await emit(session, ModelRejected(version=version, reason=reason, gate=answers))
    log.warning("model_rejected", version=version, reason=reason)


async def put_off(database: Database, version: str, reason: str) -> None:
    """Try again later; reject what could not be judged time and again."""
    log.warning("candidate_put_off", version=version, reason=reason)
    async with database.transaction("registry") as session:
        row = await repository.find(session, version, lock=True)
        if row is None or row["status"] != ModelStatus.CANDIDATE:
            return
        if row["judge_failures"] >= len(PAUSES_S):
            await _reject(session, version, f"could not be judged: {reason}"[:2_000], [])
        else:
            await repository.put_off(session, version, PAUSES_S[row["judge_failures"]])
