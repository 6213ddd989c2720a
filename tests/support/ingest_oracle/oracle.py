"""The oracle of ingest: computes what must be stored from the requests and answers, without reading the store."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from support.ingest_oracle.batches import Batch, Key, Reading, Values

ACCEPTED, DUPLICATES = "", {"duplicate", "conflict", "duplicate_in_batch"}


@dataclass(frozen=True)
class Answered:
    """A batch, its answer, and how many answers to the same body were lost before."""

    batch: Batch
    report: Mapping[str, Any]
    lost: int

    def codes(self) -> list[str]:
        """The code of each row in the answer; AssertionError if a row has two."""
        codes: dict[int, str] = {}
        for error in self.report["errors"]:
            assert error["row"] not in codes, error
            codes[error["row"]] = error["code"]
        return [codes.pop(row, ACCEPTED) for row in range(len(self.batch.readings))]


@dataclass
class Oracle:
    """`stored` is what must be stored; `recovered` counts rows accepted before under an answer that was lost.

    An accepted row is late if it was measured at or before `late_until_s`.
    """

    late_until_s: int
    stored: dict[Key, Values] = field(default_factory=dict)
    recovered: int = 0
    _shared: dict[Key, list[tuple[str, Values]]] = field(default_factory=lambda: defaultdict(list))

    def check(self, clients: Iterable[Sequence[Answered]]) -> None:
        """Compare every answer with the expected one; AssertionError names the first wrong one."""
        for client in clients:
            for answered in client:
                self._check(answered)
        for key, answers in self._shared.items():
            self._check_shared(key, answers)

    def _check(self, answered: Answered) -> None:
        readings, codes = answered.batch.readings, answered.codes()
        expected = self._expected(readings)
        if_repeated = [code if code is None else code or "duplicate" for code in expected]
        was_accepted_before = answered.lost > 0 and not answered.batch.idempotency_key and _agree(codes, if_repeated)
        assert was_accepted_before or _agree(codes, expected), _first_difference(codes, expected, answered)
        _check_counts(answered.report, codes)
        accepted = [reading for reading, code in zip(readings, codes, strict=True) if code == ACCEPTED]
        assert answered.report["late"] == sum(reading.key[1] <= self.late_until_s for reading in accepted)
        for reading, code, expected_code in zip(readings, codes, expected, strict=True):
            if expected_code is None:
                self._shared[reading.key].append((code, reading.values))
            elif expected_code == ACCEPTED:
                self.stored[reading.key] = reading.values
                self.recovered += code != ACCEPTED

    def _expected(self, readings: Sequence[Reading]) -> list[str | None]:
        """The code of each row, given what is stored; None where it depends on other clients."""
        expected: list[str | None] = []
        seen: set[Key] = set()
        for reading in readings:
            if reading.rejection:
                expected.append(reading.rejection)
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

    def _check_shared(self, key: Key, answers: Sequence[tuple[str, Values]]) -> None:
        """Exactly one client's row was accepted, and all others got a duplicate or a conflict."""
        accepted = [values for code, values in answers if code == ACCEPTED]
        assert len(accepted) == 1, f"{key} was accepted {len(accepted)} times: {answers}"
        (self.stored[key],) = accepted
        for code, values in answers:
            if code != ACCEPTED:
                assert code == ("duplicate" if values == accepted[0] else "conflict"), (key, answers)


def _agree(codes: Sequence[str], expected: Sequence[str | None]) -> bool:
    return all(code == wanted for code, wanted in zip(codes, expected, strict=True) if wanted is not None)


def _first_difference(codes: Sequence[str], expected: Sequence[str | None], answered: Answered) -> str:
    rows = zip(answered.batch.readings, codes, expected, strict=True)
    wrong = [one for one in rows if one[2] is not None and one[1] != one[2]]
    return f"{len(wrong)} rows of {answered.report['batch_id']}, {answered.lost} lost: {wrong[:3]}"


def _check_counts(report: Mapping[str, Any], codes: Sequence[str]) -> None:
    frequency = Counter(codes)
    duplicates = sum(frequency[code] for code in DUPLICATES)
    accepted = frequency[ACCEPTED]
    expected = (len(codes), accepted, duplicates, len(codes) - accepted - duplicates)
    assert counts(report) == expected, report["batch_id"]


def counts(report: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Received, accepted, duplicates and rejected of a report or an audit row."""
    return report["received"], report["accepted"], report["duplicates"], report["rejected"]


def differences(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> list[Any]:
    """The first five keys with different values: a complete list could be too long to read."""
    return [key for key in {**one, **other} if one.get(key) != other.get(key)][:5]
