"""What a revision may do while processes of the release before work on its schema: add.

A revision is run without a server, and its statements are judged. What it removes or restricts is a contract: that is
allowed if the revision names the last release whose code needed it, and that release is not the newest:

    contract = "0.2.0: the last release that read `factors`"
"""

import importlib.util
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

SCHEMA = "rules"
_CONTRACT = re.compile(r"(\d+)\.(\d+)\.(\d+): \S.{9,}")
_TABLE = r"(?:if exists |if not exists |only )*(\S+)"
_CREATED = re.compile(rf"create (?:unlogged )?table {_TABLE}")
_INDEX = re.compile(rf"create (unique )?index (concurrently )?.*? ?on {_TABLE}")
_ROWS = re.compile(rf"(?:update|delete from|truncate|lock|reindex) (?:table )?{_TABLE}")
_ALONE = re.compile(r"(drop|create|create unique) index concurrently|begin|commit|set lock_timeout")
_ALTERED = re.compile(rf"alter table {_TABLE} (.*)")
_NOT_REWRITTEN_BY = re.compile(r"default (now\(\)|current_timestamp|[^()]*$)")
# Of one action of ALTER TABLE.
_RESTRICTS = {
    r"drop (?!not null)": "removes",
    r"rename\b": "renames",
    r"alter (column )?\S+ (drop (?!not null)|set not null|(set data )?type\b)": "changes a column",
    r"add (constraint|check|unique|primary key|foreign key|exclude)\b": "adds a constraint",
    r"add (column )?(?!constraint\b)\S+ (?!.*\bdefault\b).*\bnot null\b": "adds a column that inserts do not fill",
}


def statements(revision: ModuleType, **parameters: object) -> list[str]:
    """The statements of a revision in small letters, without its schema and comments."""
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True})
    written: list[str] = []
    context.impl.static_output = written.append  # type: ignore[method-assign, assignment]
    with Operations.context(context):
        revision.upgrade(schema=SCHEMA, **parameters)
    return [plain(one) for text in written for one in _split(text) if plain(one)]


def plain(statement: str) -> str:
    text = re.sub(r"--[^\n]*", "", statement).replace(f"{SCHEMA}.", "")
    return re.sub(r"\s+", " ", text).strip(" ;").lower()


def _split(text: str) -> Iterator[str]:
    """At semicolons, except in bodies of functions."""
    parts = re.split(r"(\$\$.*?\$\$|;)", text, flags=re.DOTALL)
    statement = ""
    for part in parts:
        if part == ";":
            yield statement
            statement = ""
        else:
            statement += part
    yield statement


def violations(found: Sequence[str], contract: str = "", newest: str = "0.1.0") -> list[str]:
    """What is wrong with these statements of one revision; `newest` is the newest release."""
    allowed, problems = False, []
    if contract:
        allowed = bool(match := _CONTRACT.fullmatch(contract)) and _numbers(contract) < _numbers(newest)
        if not match:
            problems.append('contract: must be "RELEASE: what it was the last one to need"')
        elif not allowed:
            problems.append(f"contract: processes of release {newest} may still need it; wait for the next release")
    created = {match[1] for one in found if (match := _CREATED.match(one))}
    for one in found:
        restricts, locks = _judge(one, created)
        problems += [f"{why}: {one}" for why in (locks if allowed else [*restricts, *locks])]
    if any("concurrently" in one for one in found):
        problems += [
            f"needs a revision of its own, as it may run twice: {one}" for one in found if not _ALONE.match(one)
        ]
    return problems


def _judge(one: str, created: set[str]) -> tuple[list[str], list[str]]:
    """How the statement restricts the release before, and how it locks it out of stored rows."""
    if one.startswith("drop ") and not one.startswith("drop index concurrently"):
        return ["removes"], []
    if (match := _INDEX.match(one)) and match[3] not in created:
        unique, concurrently = match[1], match[2]
        return ["refuses rows"] if unique else [], [] if concurrently else ["locks writers out; use create_index"]
    if (match := _ROWS.match(one)) and match[1] not in created:
        return [], ["locks stored rows; let a loop of the service do it in parts"]
    if (match := _ALTERED.match(one)) and match[1] not in created:
        actions = re.split(r", (?![^(]*\))", match[2])
        return [why for action in actions for form, why in _RESTRICTS.items() if re.match(form, action)], [
            why for action in actions for why in _rewrites(action)
        ]
    return ["renames"] if re.match(r"alter .*\brename\b", one) else [], []


def _rewrites(action: str) -> Iterator[str]:
    if not action.startswith("add "):
        return
    if "generated " in action or ("default " in action and not _NOT_REWRITTEN_BY.search(action)):
        yield "rewrites every row, as its values differ"
    if re.search(r"\b(unique|primary key)\b", action):
        yield "builds an index while writers are locked out"


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", release)[:3]))


def revisions(folder: Path) -> dict[str, Any]:
    """The modules of a service's revisions, by number."""
    found = {}
    for path in sorted(folder.glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"revision_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found[module.revision] = module
    return found
