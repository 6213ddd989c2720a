"""The gate's file: every limit is required, and nothing else is accepted."""

import hashlib
from pathlib import Path

import pytest
from pydantic import ValidationError

from pacewatch.registry import gate_file
from pacewatch.registry.settings import RegistrySettings


def changed(folder: Path, old: str, new: str) -> str:
    path = folder / "gate.yaml"
    shipped = gate_file.SHIPPED.read_text()
    assert old in shipped
    path.write_text(shipped.replace(old, new))
    return str(path)


def test_the_shipped_file_is_the_default_and_its_hash_is_that_of_its_bytes() -> None:
    found = gate_file.read(RegistrySettings().gate_file)
    assert found.limits.least_failures == 20
    assert found.sha256 == hashlib.sha256(gate_file.SHIPPED.read_bytes()).hexdigest()


def test_another_file_has_other_limits_and_another_hash(tmp_path: Path) -> None:
    found = gate_file.read(changed(tmp_path, "least_failures: 20", "least_failures: 30"))
    assert found.limits.least_failures == 30
    assert found.sha256 != gate_file.read().sha256


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("least_failures: 20", "least_failures: 0", "least_failures: Input should be greater than or equal to 1"),
        ("least_failures: 20", "", "least_failures: Field required"),
        ("alert_burden: 3.0", "alert_burden: 3.0\nluck: 1", "luck: Extra inputs are not permitted"),
        ("threshold_factor: 3.0", "threshold_factor: .inf", "threshold_factor"),
        ("threshold_factor: 3.0", "threshold_factor: [", "cannot be read"),
    ],
)
def test_a_file_that_is_no_gate_is_refused_in_words(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = changed(tmp_path, old, new)
    with pytest.raises(ValueError, match=r"is not a gate|cannot be read") as refused:
        gate_file.read(path)
    assert message in str(refused.value)
    with pytest.raises(ValidationError):
        RegistrySettings(gate_file=path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.yaml cannot be read"):
        gate_file.read(str(tmp_path / "none.yaml"))
