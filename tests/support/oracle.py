"""What ingest has promised: computed from what was sent and answered, without a look at what is stored."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from support.workload import Batch, Key, Reading, Values

ACCEPTED, DUPLICATES = "", {"duplicate", "conflict", "duplicate_in_batch"}


@dataclass(frozen=True)
class Answered:
    """A batch, the answer to it, and how many answers to the same body were lost before."""

    batch: Batch
    report: Mapping[str, Any]
    lost: int

    def codes(self) -> list[str]:
        """What became of each row, by its code; AssertionError where a row is told two things."""
        told: dict[int, str] = {}
        for error in self.report["errors"]:
            assert error["row"] not in told, error
            told[error["row"]] = error["code"]
        return [told.pop(row, ACCEPTED) for row in range(len(self.batch.readings))]


@dataclass
class Oracle:
    """`stored` is what must be stored; `recovered` counts rows that a lost answer had accepted before.

    An accepted row is late when it was measured at `late_until_s` or before.
    """

    late_until_s: int
    stored: dict[Key, Values] = field(default_factory=dict)
    recovered: int = 0
    _shared: dict[Key, list[tuple[str, Values]]] = field(default_factory=lambda: defaultdict(list))

    def judge(self, clients: Iterable[Sequence[Answered]]) -> None:
        """Hold every answer against what it must be; AssertionError names the first that is wrong."""
        for client in clients:
            for answered in client:
                self._judge(answered)
        for key, told in self._shared.items():
            self._judge_shared(key, told)

    def _judge(self, answered: Answered) -> None:
        readings, told = answered.batch.readings, answered.codes()
        expected = self._expected(readings)
        known = [code if code is None else code or "duplicate" for code in expected]
        was_accepted_before = answered.lost > 0 and not answered.batch.idempotency_key and _agree(told, known)
        assert was_accepted_before or _agree(told, expected), _first_difference(told, expected, answered)
        _check_counts(answered.report, told)
        accepted = [reading for reading, code in zip(readings, told, strict=True) if code == ACCEPTED]
        assert answered.report["late"] == sum(reading.key[1] <= self.late_until_s for reading in accepted)
        for reading, code, foreseen in zip(readings, told, expected, strict=True):
            if foreseen is None:
                self._shared[reading.key].append((code, reading.values))
            elif foreseen == ACCEPTED:
                self.stored[reading.key] = reading.values
                self.recovered += code != ACCEPTED

    def _expected(self, readings: Sequence[Reading]) -> list[str | None]:
        """The code of each row, given what is stored; None where it depends on other clients."""
        expected: list[str | None] = []
        seen: set[Key] = set()
        for reading in readings:
            if reading.refusal:
                expected.append(reading.refusal)
                continue
            stored = self.stored.get(reading.key)
            if reading.key in seen:
                expected.append("duplicate_in_batch")
            elif reading.is_shared:
                expected.append(None)
            elif stored is None:
                expected.append(ACCEPTED)
            else:
                expected.append("duplicate" if stored == reading.values else "conflict")
            seen.add(reading.key)
        return expected

    def _judge_shared(self, key: Key, told: Sequence[tuple[str, Values]]) -> None:
        """Whoever came first was accepted, and everybody else was told so."""
        accepted = [values for code, values in told if code == ACCEPTED]
        assert len(accepted) == 1, f"{key} was accepted {len(accepted)} times: {told}"
        (self.stored[key],) = accepted
        for code, values in told:
            if code != ACCEPTED:
                assert code == ("duplicate" if values == accepted[0] else "conflict"), (key, told)


def _agree(told: Sequence[str], expected: Sequence[str | None]) -> bool:
    return all(code == foreseen for code, foreseen in zip(told, expected, strict=True) if foreseen is not None)


def _first_difference(told: Sequence[str], expected: Sequence[str | None], answered: Answered) -> str:
    rows = zip(answered.batch.readings, told, expected, strict=True)
    wrong = [one for one in rows if one[2] is not None and one[1] != one[2]]
    return f"{len(wrong)} rows of {answered.report['batch_id']}, {answered.lost} lost: {wrong[:3]}"


def _check_counts(report: Mapping[str, Any], told: Sequence[str]) -> None:
    codes = Counter(told)
    duplicates = sum(codes[code] for code in DUPLICATES)
    expected = (len(told), codes[ACCEPTED], duplicates, len(told) - codes[ACCEPTED] - duplicates)
    assert counts(report) == expected, report["batch_id"]


def counts(report: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Received, accepted, duplicates and rejected of a report or an audit row."""
    return report["received"], report["accepted"], report["duplicates"], report["rejected"]


def differences(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> list[Any]:
    """The first few keys of which the two do not say the same: a whole difference would fill the screen."""
    return [key for key in {**one, **other} if one.get(key) != other.get(key)][:5]
