"""The register of devices: values of attributes, each from a moment on, with who recorded them, when and why.

Nothing is updated: a correction is another row with a higher number, and a row without a value withdraws.
"""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0014"
down_revision = "0013"

STATEMENTS = """
CREATE TABLE {schema}.registrations (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    recorded_at timestamptz NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    correlation_id text NOT NULL,
    entries integer NOT NULL
);

CREATE TABLE {schema}.attributes (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    registration bigint NOT NULL REFERENCES {schema}.registrations,
    device_id bigint NOT NULL,
    attribute text NOT NULL,
    valid_from_s bigint NOT NULL,
    as_text text,
    as_number double precision,
    UNIQUE (device_id, attribute, valid_from_s, number),
    UNIQUE (registration, number)
);

CREATE VIEW {schema}.device_attributes AS
    SELECT device_id, attribute, valid_from_s, as_text, as_number FROM (
        SELECT DISTINCT ON (device_id, attribute, valid_from_s)
            device_id, attribute, valid_from_s, as_text, as_number
        FROM {schema}.attributes ORDER BY device_id, attribute, valid_from_s, number DESC
    ) AS newest
    WHERE as_text IS NOT NULL OR as_number IS NOT NULL
"""


def upgrade(schema: str, profile: Profile) -> None:  # noqa: ARG001 - every step is called alike
    """Create both tables and the view of what is valid, which the trainer may read."""
    for statement in STATEMENTS.format(schema=schema).split(";\n"):
        op.execute(statement)
