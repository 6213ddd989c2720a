"""docs/rights.md: which service may do what in PostgreSQL and RabbitMQ."""

from collections.abc import Iterable, Iterator

from pacewatch.launcher.runtime.rights import Rights, rights

_INTRODUCTION = """# Rights of the services

Written by `make schemas` from `launcher/src/pacewatch/launcher/runtime/rights.py`; `pacewatch migrate` grants exactly
this ([access](architecture/access.md)). What is not in a table is refused,
temporary tables and large objects too, if `migrate` owns the database and is a superuser.
"""


def rights_page() -> Iterator[str]:
    """The lines of the page."""
    every = rights()
    yield from _INTRODUCTION.splitlines()
    yield "\n## PostgreSQL\n"
    yield "Tables of the service's own schema: rows are read and written, tables are neither made nor changed.\n"
    yield from _table(
        ["service", *(one.service for one in every)], ([one.service, *_schemas(one, every)] for one in every)
    )
    yield "\n## RabbitMQ\n"
    yield "Nothing is declared or deleted by a service. Routing keys are those of the exchange `pacewatch`.\n"
    yield from _table(
        ["service", "sends", "receives from"],
        ([one.service, _names(one.sends), _names(one.receives)] for one in every),
    )


def _schemas(one: Rights, every: Iterable[Rights]) -> Iterator[str]:
    for other in every:
        if other.service == one.service:
            yield "all tables: read, write"
        else:
            tables = {name: columns for name, columns in one.reads.items() if name.startswith(f"{other.service}.")}
            calls = [name for name in one.calls if name.startswith(f"{other.service}.")]
            allowed = [*(_read(name, columns) for name, columns in tables.items()), *map(_call, calls)]
            yield "<br>".join(allowed) or "–"


def _read(table: str, columns: tuple[str, ...]) -> str:
    name = table.partition(".")[2]
    return f"read `{name}`" + (f" ({', '.join(columns)})" if columns else "")


def _call(function: str) -> str:
    return f"call `{function.partition('.')[2]}`"


def _names(names: tuple[str, ...]) -> str:
    return "<br>".join(f"`{name}`" for name in names) or "–"


def _table(head: list[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cells)} |"
