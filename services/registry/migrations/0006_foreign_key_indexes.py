"""Indexes on foreign keys of activations, by which a version is deleted and its activations are found."""

from pacewatch.contracts.profile import Profile
from pacewatch.kit.migrate import create_index

revision = "0006"
down_revision = "0005"


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Create an index for each."""
    for column in ("version", "previous", "fallback_sequence"):
        create_index(schema, f"activations_{column}", f"activations ({column})")
