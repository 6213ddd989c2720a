"""Every revision can run while the release before is at work: it adds, and locks nobody out."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from support.migration_rules import plain, revisions, statements, violations

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.version import VERSION
from pacewatch.kit.migrate import create_index

SERVICES = Path(__file__).parents[3] / "services"
# The last revision of each service that was made before anything was deployed: no process runs on a schema before it.
FIRST_DEPLOYED = {
    "gateway": "0002",
    "inference": "0005",
    "ingest": "0010",
    "notifier": "0002",
    "registry": "0002",
    "trainer-agent": "0001",
}


@pytest.mark.parametrize("service", sorted(path.parent.name for path in SERVICES.glob("*/migrations")))
def test_every_revision_only_adds_and_locks_nobody_out(service: str) -> None:
    found = revisions(SERVICES / service / "migrations")
    assert FIRST_DEPLOYED.get(service, "") in {"", *found}
    for number, revision in found.items():
        if number > FIRST_DEPLOYED.get(service, ""):
            contract = getattr(revision, "contract", "")
            assert violations(statements(revision, profile=PACEMAKER), contract, VERSION) == [], number


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE t ADD COLUMN n bigint",
        "ALTER TABLE t ADD COLUMN n bigint NOT NULL DEFAULT 0, ADD m text[] NOT NULL DEFAULT '{}'",
        "ALTER TABLE t ADD COLUMN at timestamptz NOT NULL DEFAULT now()",
        "ALTER TABLE t ALTER COLUMN n DROP NOT NULL",
        "CREATE TABLE u (n bigint PRIMARY KEY, m text NOT NULL); CREATE UNIQUE INDEX i ON u (m); UPDATE u SET n = 1",
        "CREATE OR REPLACE VIEW v AS SELECT 1; CREATE SEQUENCE s; INSERT INTO t DEFAULT VALUES",
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (n)",
    ],
)
def test_what_adds_is_allowed(statement: str) -> None:
    assert violations([plain(one) for one in statement.split(";")]) == []


REMOVES = [
    "DROP TABLE t",
    "DROP INDEX i",
    "ALTER TABLE t DROP COLUMN n",
    "ALTER TABLE t ADD m text, DROP n",
    "ALTER TABLE t DROP CONSTRAINT c",
    "ALTER TABLE t RENAME COLUMN n TO m",
    "ALTER TABLE t RENAME TO u",
    "ALTER VIEW v RENAME TO w",
    "ALTER TABLE t ALTER COLUMN n SET NOT NULL",
    "ALTER TABLE t ALTER n DROP DEFAULT",
    "ALTER TABLE t ALTER COLUMN n TYPE text",
    "ALTER TABLE t ALTER COLUMN n SET DATA TYPE text",
    "ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0)",
    "ALTER TABLE t ADD CHECK (n > 0)",
    "ALTER TABLE ONLY t ADD COLUMN n bigint NOT NULL",
    "CREATE UNIQUE INDEX CONCURRENTLY i ON t (n)",
]
LOCKS = [
    "CREATE INDEX i ON t (n)",
    "CREATE INDEX ON t USING brin (n)",
    "UPDATE t SET n = 1",
    "DELETE FROM t",
    "TRUNCATE t",
    "LOCK TABLE t",
    "ALTER TABLE t ADD COLUMN at timestamptz NOT NULL DEFAULT clock_timestamp()",
    "ALTER TABLE t ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY",
    "ALTER TABLE t ADD COLUMN n bigint UNIQUE",
]


@pytest.mark.parametrize("statement", [*REMOVES, *LOCKS])
def test_what_removes_or_locks_is_refused(statement: str) -> None:
    assert violations([plain(statement)])


@pytest.mark.parametrize("statement", REMOVES)
def test_what_removes_is_allowed_one_release_after_the_last_that_needed_it(statement: str) -> None:
    contract = "0.2.0: the last release that read `n`"
    assert violations([plain(statement)], contract, "0.2.1") == []
    assert violations([plain(statement)], contract, "0.2.0")
    assert violations([plain(statement)], "it is not needed", "9.0.0")


@pytest.mark.parametrize("statement", LOCKS)
def test_what_locks_is_never_allowed(statement: str) -> None:
    assert violations([plain(statement)], "0.1.0: the last release that read `n`", "0.3.0")


def test_an_index_is_created_concurrently_in_a_revision_of_its_own() -> None:
    def alone(schema: str) -> None:
        create_index(schema, "i", "t (n)")

    def with_a_column(schema: str) -> None:
        from alembic import op  # noqa: PLC0415

        op.execute(f"ALTER TABLE {schema}.t ADD COLUMN n bigint")
        create_index(schema, "i", "t (n)")

    assert violations(statements(SimpleNamespace(upgrade=alone))) == []
    assert len(violations(statements(SimpleNamespace(upgrade=with_a_column)))) == 1
