"""Declares the columns of a table that people send, such as a file of readings: names, kinds and bounds."""

from dataclasses import dataclass
from enum import StrEnum
from math import inf


class ColumnKind(StrEnum):
    """What the cells of a column are; nothing is ever guessed from them."""

    DEVICE = "device"
    TIME = "time"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. A row with a gap in a required one is left out; any other may have gaps, or be missing as a whole.

    `low` and `high` bound numbers (in `unit`) and times (in Unix seconds); `values` are the texts that may occur, in
    lower case; `aliases` are other names of the column.
    """

    name: str
    kind: ColumnKind
    unit: str = ""
    low: float = -inf
    high: float = inf
    is_required: bool = True
    values: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableColumns:
    """The columns of a table of `noun`s; those in `ignored` may be there and are not used."""

    noun: str
    columns: tuple[Column, ...]
    ignored: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns that are used."""
        return tuple(column.name for column in self.columns)
