"""Row models follow from the profile, and accept what a working device sends and nothing else."""

from typing import Any

import pytest
from pydantic import ValidationError

from pacewatch.contracts.outcomes import OutcomeKind, outcome_model
from pacewatch.contracts.profile import AttributeKind, Profile
from pacewatch.contracts.profiles import PROFILES, by_name
from pacewatch.contracts.risk import device_risk_model
from pacewatch.contracts.telemetry import ignored_columns, reading_model

every_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)


def reading(profile: Profile, **changes: Any) -> dict[str, Any]:
    signals = {signal.name: signal.normal.low for signal in profile.signals}
    return {profile.device_field: 7, "timestamp": 1_700_000_000, **signals, **changes}


@every_profile
def test_a_normal_reading_is_accepted_with_the_other_columns_of_the_data_set(profile: Profile) -> None:
    model = reading_model(profile)
    model.model_validate(reading(profile))
    model.model_validate(reading(profile, **dict.fromkeys(ignored_columns(profile), 0.5)))
    model.model_validate(reading(profile, **dict.fromkeys(ignored_columns(profile))))


@every_profile
def test_the_bounds_of_the_plausible_range_are_accepted_and_values_beyond_are_refused(profile: Profile) -> None:
    model = reading_model(profile)
    for signal in profile.signals:
        for edge, beyond in ((signal.plausible.low, -1e-6), (signal.plausible.high, 1e-6)):
            model.model_validate(reading(profile, **{signal.name: edge}))
            with pytest.raises(ValidationError, match=signal.name):
                model.model_validate(reading(profile, **{signal.name: edge + beyond}))


@every_profile
@pytest.mark.parametrize("wrong", ["1", True, None, float("nan"), float("inf"), [], {}])
def test_a_value_of_another_type_is_refused_in_every_field(profile: Profile, wrong: Any) -> None:
    for name in reading(profile):
        with pytest.raises(ValidationError, match=name):
            reading_model(profile).model_validate(reading(profile, **{name: wrong}))


@every_profile
def test_missing_and_unknown_fields_and_ids_out_of_range_are_refused(profile: Profile) -> None:
    for name in reading(profile):
        with pytest.raises(ValidationError, match=name):
            reading_model(profile).model_validate({k: v for k, v in reading(profile).items() if k != name})
    invalid: list[dict[str, int]] = [
        {"unknown": 1},
        {profile.device_field: -1},
        {profile.device_field: 2**53},
        {"timestamp": -1},
    ]
    for wrong in invalid:
        with pytest.raises(ValidationError, match=next(iter(wrong))):
            reading_model(profile).model_validate(reading(profile, **wrong))


@every_profile
def test_an_outcome_accepts_its_kind_as_a_string(profile: Profile) -> None:
    outcome = {profile.device_field: 1, "kind": "failure", "occurred_at": 5}
    assert outcome_model(profile).model_validate(outcome).model_dump()["kind"] is OutcomeKind.FAILURE
    for wrong in ("exploded", 5, None, []):
        with pytest.raises(ValidationError, match="kind"):
            outcome_model(profile).model_validate({**outcome, "kind": wrong})


@every_profile
def test_a_profile_is_consistent(profile: Profile) -> None:
    assert len(set(profile.predictors)) == len(profile.predictors)
    assert {feature.signal for feature in profile.features} <= {*profile.signal_names, ""}
    names = [attribute.name for attribute in profile.attributes]
    assert len({*names, profile.device_field, "valid_from", "reason"}) == len(names) + 3
    for attribute in profile.attributes:
        is_coded = attribute.is_predictor and attribute.kind is AttributeKind.TEXT
        assert bool(attribute.values) == is_coded
    assert profile.predictors[: len(profile.required_predictors)] == profile.required_predictors
    assert profile.device_field in device_risk_model(profile).model_fields
    for signal in profile.signals:
        assert signal.plausible.low <= signal.normal.low < signal.normal.high <= signal.plausible.high
    for limit in profile.limits:
        signal = profile.signal(limit.signal)
        assert limit.value in signal.plausible
        assert limit.value not in signal.normal


def test_the_model_of_a_profile_is_created_once() -> None:
    profile = by_name("pacemaker")
    assert reading_model(profile) is reading_model(profile)


def test_the_predictors_of_the_pacemaker_are_the_columns_of_the_data_set() -> None:
    assert by_name("pacemaker").required_predictors == (
        "lead_impedance_ohms",
        "capture_threshold_v",
        "r_wave_sensing_mv",
        "battery_voltage_v",
        "lead_impedance_ohms_rolling_mean_3d",
        "lead_impedance_ohms_rolling_mean_7d",
        "capture_threshold_v_rolling_mean_3d",
        "capture_threshold_v_rolling_mean_7d",
        "lead_impedance_ohms_delta_per_day_3d",
        "lead_impedance_ohms_delta_per_day_7d",
        "capture_threshold_v_delta_per_day_3d",
        "capture_threshold_v_delta_per_day_7d",
    )


def test_an_unknown_profile_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(LookupError, match="pacemaker, machine"):
        by_name("toaster")
