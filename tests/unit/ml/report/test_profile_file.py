"""Profiles from YAML and Python files."""

import pytest
from unit.ml.report.yaml_profile import YAML

from pacewatch.contracts.profiles import MACHINE
from pacewatch.ml.report.profile_file import profile_of


def test_a_profile_can_be_yaml(tmp_path) -> None:
    (tmp_path / "pump.yaml").write_text(YAML)
    profile = profile_of(str(tmp_path / "pump.yaml"))
    assert profile.predictors[:2] == ("flow_l_min", "flow_l_min_rolling_mean_3d")
    assert profile.signal("flow_l_min").normal.high == 20
    assert profile.predictors[-2:] == ("days_since_installed_at", "model_code")
    assert [attribute.label for attribute in profile.attributes] == ["installed at", "model", "site"]


def test_a_profile_needs_only_its_device_field_and_signals(tmp_path) -> None:
    signal = "{name: flow_l_min, unit: l/min, plausible: [0, 9], normal: [1, 2]}"
    (tmp_path / "pump.yaml").write_text(f"name: pump\ndevice_field: pump_id\nsignals: [{signal}]")
    profile = profile_of(str(tmp_path / "pump.yaml"))
    names = ("rolling_mean_3d", "rolling_mean_7d", "delta_per_day_3d", "delta_per_day_7d")
    assert profile.predictors == ("flow_l_min", *(f"flow_l_min_{name}" for name in names))
    assert (profile.label.horizon_days, profile.signals[0].label) == (7, "flow l min")


def test_a_profile_can_be_python(tmp_path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("from pacewatch.contracts.profiles.machine import MACHINE as MINE\n")
    assert profile_of(str(path)) == MACHINE


LIMITS = "limits: [{{signal: flow_l_min, side: {}, value: {}, meaning: blocked}}]\n"


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ("label: {", "labels: {", "labels: Extra inputs"),
        (
            "unit: l/min, plausible: [0, 100]",
            "plausible: [100, 0]",
            r"0.unit: Field required; .*0.plausible: .*\[low, high",
        ),
        ("[RollingMean,", "[Mean,", "must be one of RollingMean"),
        ("signals: [flow_l_min]", "signals: [flow]", "unknown signals: flow"),
        ("kind: date", "kind: day", "attributes.0.kind: Input should be 'text', 'date' or 'number'"),
        (", values: [A, B]", "", "attributes.1: values: give them for a text that is a predictor"),
        ("name: pump", "[", "not YAML"),
        ("normal: [10, 20]", "normal: [10, 200]", "normal of flow_l_min is outside plausible"),
        ("label: {", LIMITS.format("low", -2) + "label: {", "low -2 of flow_l_min is outside plausible"),
        ("label: {", LIMITS.format("low", 12) + "label: {", "low 12 of flow_l_min is inside normal"),
        ("label: {", LIMITS.format("high", 12) + "label: {", "high 12 of flow_l_min is inside normal"),
        ("name: model, kind", "name: installed_at, kind", "attributes declared more than once: installed_at"),
    ],
)
def test_everything_wrong_in_a_profile_is_named(tmp_path, good, bad, message) -> None:
    (tmp_path / "pump.yaml").write_text(YAML.replace(good, bad))
    with pytest.raises(ValueError, match=message):
        profile_of(str(tmp_path / "pump.yaml"))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(LookupError, match="pacemaker, machine"):
        profile_of("toaster")
