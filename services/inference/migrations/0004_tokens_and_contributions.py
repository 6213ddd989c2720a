"""A token that shows whether a cached window is current, and contributions stored as numbers instead of words."""

from alembic import op

from pacewatch.contracts.profile import Profile

revision = "0004"
down_revision = "0003"

# For each contribution: the predictor's position in the feature set, its value (NaN: missing) and the contribution.
STATEMENTS = """
ALTER TABLE {schema}.devices ADD COLUMN window_token bigint NOT NULL DEFAULT 0;
ALTER TABLE {schema}.predictions ADD COLUMN reasons double precision[];
UPDATE {schema}.predictions SET reasons = coalesce((
    SELECT array_agg(part.value ORDER BY stored.place, part.number)
    FROM jsonb_array_elements(factors) WITH ORDINALITY AS stored (factor, place)
    CROSS JOIN array_position(ARRAY[{names}], stored.factor ->> 'name') AS predictor
    CROSS JOIN LATERAL (VALUES
        (1, (predictor - 1)::double precision),
        (2, coalesce((stored.factor ->> 'value')::double precision, 'NaN')),
        (3, (stored.factor ->> 'contribution')::double precision)
    ) AS part (number, value)
    WHERE predictor IS NOT NULL
), '{{}}');
ALTER TABLE {schema}.predictions ALTER COLUMN reasons SET NOT NULL;
ALTER TABLE {schema}.predictions DROP COLUMN factors;
"""


def upgrade(schema: str, profile: Profile) -> None:
    """Change both tables; factors stored in words become numbers."""
    names = ", ".join(f"'{name}'" for name in profile.predictors)
    for statement in STATEMENTS.format(schema=schema, names=names).strip().split(";\n"):
        op.execute(statement)
