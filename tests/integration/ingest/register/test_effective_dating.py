"""What was recorded in any order is read back as a plain reading of the history says, at any moment."""

from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.ingest import NOW_S, Ingest

from pacewatch.contracts.http.times import iso
from pacewatch.contracts.profiles.pacemaker import PACEMAKER

FIELD = PACEMAKER.device_field
MOMENTS = [0, *(NOW_S - 10 * ago for ago in range(3))]
NAMES = ("implanted_at", "lead_model", "lot")


@dataclass(frozen=True)
class Word:
    """One row of a request: `value` of one attribute of a device from a moment on; None withdraws it."""

    device: int
    moment_s: int
    name: str
    value: str | None

    def row(self) -> dict[str, Any]:
        value = self.value if self.name != "implanted_at" or self.value is None else ord(self.value)
        return {FIELD: self.device, "valid_from": self.moment_s, self.name: value}


words = st.builds(
    Word, st.integers(0, 1), st.sampled_from(MOMENTS), st.sampled_from(NAMES), st.none() | st.sampled_from("ABC")
)
requests = st.lists(words, min_size=1, max_size=6, unique_by=lambda word: (word.device, word.moment_s))


def expected(history: list[Word], device: int, at_s: int) -> dict[str, Any]:
    """The slow way: of each attribute the last word about each moment, then the latest moment with a value."""
    result = {}
    for name in NAMES:
        last = {word.moment_s: word for word in history if (word.device, word.name) == (device, name)}
        standing = [moment_s for moment_s, word in last.items() if word.value is not None and moment_s <= at_s]
        if standing:
            value = last[max(standing)].row()[name]
            result[name] = iso(value) if name == "implanted_at" else value
    return result


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(requests, min_size=1, max_size=6))
async def test_any_history_is_read_back_as_it_was_at_any_moment(ingest: Ingest, sent: list[list[Word]]) -> None:
    await ingest.empty()
    for request in sent:
        answer = await ingest.post([word.row() for word in request], "devices")
        assert answer.json()["rejected"] == 0, answer.text
    history = [word for request in sent for word in request]
    for at_s in [0, 1, *(moment_s + after_s for moment_s in MOMENTS[1:] for after_s in (-1, 0))]:
        items = (await ingest.get("devices", as_of=at_s))["items"]
        found = {item[FIELD]: item["attributes"] for item in items}
        assert found == {device: expected(history, device, at_s) for device in found}
        said = {word.device for word in history if word.value is not None}
        assert found.keys() == said
