"""The judge: checks candidates one by one, runs the gate on each, and promotes it or keeps it back.

Lock, decision and event are one transaction, so a judge that dies releases its candidate. The check runs while the
candidate's row is locked. The row of the active model is locked only for the decision, so no request waits for a check.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import RowMapping

from pacewatch.contracts.models import GateResult, Judgement, ModelRejected, ModelStatus, Verdict
from pacewatch.contracts.training import RunStatus
from pacewatch.kit import logs
from pacewatch.kit.db import Database, Session
from pacewatch.kit.messaging.outbox import emit
from pacewatch.kit.module import Resources
from pacewatch.ml.artifacts.manifest import Manifest
from pacewatch.ml.errors import ArtifactRefusedError
from pacewatch.registry import gate_file
from pacewatch.registry.gate_file import Gate
from pacewatch.registry.models import gate, repository, service
from pacewatch.registry.models.artifact_check import ArtifactChecker
from pacewatch.registry.models.repository import RETRY_PAUSES_S, Active
from pacewatch.registry.runs import repository as runs_repository
from pacewatch.registry.settings import RegistrySettings

POLL_S: Final = 2.0
ACTOR: Final = "promotion gate"

log = logs.get(__name__)


class CheckFailed(Exception):
    """The check itself failed, not the candidate: the artifact store or this machine has a problem; try again later."""

    def __init__(self, version: str, reason: str) -> None:
        super().__init__(reason)
        self.version = version


async def judge_candidates(resources: Resources, checker: ArtifactChecker, settings: RegistrySettings) -> None:
    """Judge candidates until cancelled."""
    wakeup = resources.wakeups.subscribe(repository.CANDIDATE_CHANNEL)
    while True:
        try:
            version = await judge_next(resources.database, checker, settings)
        except CheckFailed as failure:
            await postpone(resources.database, failure.version, str(failure))
            version = None
        if version is None:
            await wakeup.wait(POLL_S)


async def judge_next(database: Database, checker: ArtifactChecker, settings: RegistrySettings) -> str | None:
    """Decide on one candidate and return its version; None if no candidate is due. CheckFailed."""
    async with database.transaction("registry") as session:
        row = await repository.lock_next_candidate(session)
        if row is None:
            return None
        version: str = row["version"]
        try:
            own_gate = gate_file.read(settings.gate_file)  # somebody may have edited it since the start
            manifest = await checker.check(version, str(row["run_id"]), service.artifact_of(row))
        except ArtifactRefusedError as refused:
            reason = f"{refused.code}: {refused}"[:2_000]
            result = GateResult(check="artifact", passed=False, value=None, limit=None, message=reason)
            await _reject(session, version, reason, [result])
        except Exception as error:
            raise CheckFailed(version, f"{type(error).__name__}: {error}") from error
        else:
            await _decide(session, row, manifest, own_gate, settings)
        return version


async def _decide(
    session: Session, row: RowMapping, manifest: Manifest, own_gate: Gate, settings: RegistrySettings
) -> None:
    """Run the gate on the signed metrics of a checked candidate, then promote it or keep it back."""
    version: str = row["version"]
    run = await runs_repository.find(session, row["run_id"])
    if run is not None and run["status"] == RunStatus.CANCELLED:
        await _reject(session, version, "its training run was cancelled", [])
        return
    before = await repository.get_active(session, lock=True)
    checks = gate.evaluate(manifest.metrics, await _champion(session, before.version, manifest), own_gate.limits)
    verdict = gate.verdict_of(checks)
    provisional = verdict == Verdict.INSUFFICIENT and before.version is None
    undecided = [check.name for check in checks if check.passed is None]
    judgement = Judgement(
        verdict=verdict, gate_sha256=own_gate.sha256, undecided=undecided, provisional=provisional
    ).model_dump(mode="json")
    checked = GateResult(check="artifact", passed=True, value=None, limit=None, message="verified, loads and scores")
    results = [checked, *(check.result() for check in checks)]
    if verdict != Verdict.PASSED and not provisional:
        missed = gate.missed(checks)
        await _reject(session, version, f"{verdict}: {missed}"[:2_000], results, judgement)
        return
    reason = "the first model, provisional: too little evidence" if provisional else "passed every check"
    await _accept(session, version, manifest, results, judgement, reason)
    if settings.auto_promote:
        await _promote(session, version, before, reason)


async def _accept(
    session: Session,
    version: str,
    manifest: Manifest,
    results: list[GateResult],
    judgement: Mapping[str, Any],
    reason: str,
) -> None:
    """The candidate may be activated; its figures are now those that were signed."""
    accepted = {"status": ModelStatus.ACCEPTED, "gate": [result.model_dump() for result in results]}
    signed = {"algorithm": manifest.algorithm, "threshold": manifest.threshold, "metrics": manifest.metrics}
    await repository.update(session, version, reason=reason, judgement=judgement, **accepted, **signed)
    log.info("model_accepted", version=version, verdict=judgement["verdict"])


async def _promote(session: Session, version: str, before: Active, reason: str) -> None:
    promoted = await repository.find(session, version)
    assert promoted is not None  # noqa: S101 - locked by this transaction
    fallback = before.sequence or None
    await service.change_active(session, promoted, before, fallback=fallback, actor=ACTOR, reason=reason)


async def _champion(session: Session, version: str | None, manifest: Manifest) -> gate.Champion | None:
    """The active model, with the comparison that the candidate's trainer signed if it is of this version."""
    row = await repository.find(session, version) if version else None
    if row is None:
        return None
    compared = manifest.metrics.get("champion")
    is_active = isinstance(compared, Mapping) and compared.get("version") == version
    provisional = bool(row["judgement"].get("provisional", False))
    return gate.Champion(row["threshold"], provisional, compared if is_active else None)


async def _reject(
    session: Session,
    version: str,
    reason: str,
    results: list[GateResult],
    judgement: Mapping[str, Any] | None = None,
) -> None:
    """Do not promote the candidate, keep its record for audit, and publish the reason.

    Without a `judgement` it never came before the gate, and nobody can sign for it.
    """
    values = {"gate": [result.model_dump() for result in results], "judgement": judgement or {}}
    await repository.update(session, version, status=ModelStatus.REJECTED, reason=reason, **values)
    await emit(session, ModelRejected(version=version, reason=reason, gate=results))
    log.warning("model_rejected", version=version, reason=reason)


async def postpone(database: Database, version: str, reason: str) -> None:
    """Judge the candidate again after a pause; reject it after five failed checks."""
    log.warning("candidate_postponed", version=version, reason=reason)
    async with database.transaction("registry") as session:
        row = await repository.find(session, version, lock=True)
        if row is None or row["status"] != ModelStatus.CANDIDATE:
            return
        if row["judge_failures"] >= len(RETRY_PAUSES_S):
            await _reject(session, version, f"could not be judged: {reason}"[:2_000], [])
        else:
            await repository.postpone(session, version, RETRY_PAUSES_S[row["judge_failures"]])
