"""The tables that people send, as a profile declares them: readings, outcomes, the register of devices."""

from math import inf

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.contracts.profile import AttributeKind, Profile
from pacewatch.contracts.tables.columns import Column, ColumnKind, TableColumns
from pacewatch.contracts.telemetry import ignored_columns

VALID_FROM = "valid_from"

_KINDS = {
    AttributeKind.TEXT: ColumnKind.TEXT,
    AttributeKind.DATE: ColumnKind.TIME,
    AttributeKind.NUMBER: ColumnKind.NUMBER,
}


def device_column(profile: Profile) -> Column:
    """The device, under the profile's name for it or as device_id."""
    return Column(profile.device_field, ColumnKind.DEVICE, aliases=("device_id",))


def reading_columns(profile: Profile, latest_s: float = inf) -> TableColumns:
    """A table of readings; times after `latest_s` are in the future. The published label and features are ignored."""
    time = Column("timestamp", ColumnKind.TIME, low=profile.epoch_s, high=latest_s, aliases=("timestamp_s",))
    signals = (
        Column(one.name, ColumnKind.NUMBER, one.unit, one.plausible.low, one.plausible.high) for one in profile.signals
    )
    return TableColumns("reading", (device_column(profile), time, *signals), frozenset(ignored_columns(profile)))


def outcome_columns(profile: Profile) -> TableColumns:
    """A table of outcomes. Published tables have timestamp and component for occurred_at and mode."""
    times = ("occurred_at_s", "timestamp", "timestamp_s")
    return TableColumns(
        "outcome",
        (
            device_column(profile),
            Column("occurred_at", ColumnKind.TIME, aliases=times),
            Column("kind", ColumnKind.TEXT, is_required=False, values=tuple(OutcomeKind)),
            Column("mode", ColumnKind.TEXT, is_required=False, aliases=("component",)),
            Column("learnt_at", ColumnKind.TIME, is_required=False, aliases=("learnt_at_s",)),
        ),
    )


def device_columns(profile: Profile) -> TableColumns:
    """A table of devices: attributes of the profile, and from when they hold, by default always."""
    attributes = (Column(one.name, _KINDS[one.kind], is_required=False) for one in profile.attributes)
    valid_from = Column(VALID_FROM, ColumnKind.TIME, is_required=False)
    return TableColumns("device", (device_column(profile), valid_from, *attributes))
