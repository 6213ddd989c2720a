"""Hostile files and bodies of at most 4 MiB, made from a seed: what a parser could hang on, swell from or crash at.

Each family gives as many files as it is asked for, smaller and larger ones, the first of them the largest.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Final

from load.doors import tables, texts
from load.doors.sizes import MAX_BYTES

JSON, PARQUET, ARROW = (
    "application/json",
    "application/vnd.apache.parquet",
    "application/vnd.apache.arrow.stream",
)
Make = Callable[[Random, int], bytes]

# family -> doors: a format of uploads, or a content type of bodies
FAMILIES: Final[Mapping[str, tuple[Make, tuple[str, ...]]]] = {
    "digit runs": (texts.digit_runs, ("csv",)),
    "numbers with a tail": (texts.numbers_with_a_tail, ("csv",)),
    "one long line": (texts.one_long_line, ("csv", "ndjson")),
    "blank lines": (texts.blank_lines, ("csv", "ndjson")),
    "separators": (texts.separators, ("csv",)),
    "odd rows": (texts.odd_rows, ("csv",)),
    "any bytes": (texts.any_bytes, ("csv", "ndjson", "parquet", JSON, PARQUET, ARROW)),
    "empty objects": (texts.empty_objects, ("ndjson",)),
    "repeated fields": (texts.repeated_fields, ("ndjson", JSON)),
    "nested lists": (texts.nested_lists, ("ndjson", JSON)),
    "flood of objects": (texts.flood_of_objects, (JSON,)),
    "flood of texts": (texts.flood_of_texts, (JSON,)),
    "long numbers": (texts.long_numbers, ("ndjson", JSON)),
    "wrong rows": (texts.wrong_rows, (JSON,)),
    "overlapping chunks": (tables.overlapping_chunks, ("parquet", PARQUET)),
    "nulls": (tables.nulls, ("parquet", PARQUET)),
    "the same row": (tables.the_same_row, ("parquet", PARQUET)),
    "pages that unpack far": (tables.pages_that_unpack_far, ("parquet", PARQUET)),
    "many pages": (tables.many_pages, ("parquet", PARQUET)),
    "many row groups": (tables.many_row_groups, ("parquet", PARQUET)),
    "many columns": (tables.many_columns, ("parquet", PARQUET)),
    "many columns of Arrow": (tables.many_arrow_columns, (ARROW,)),
    "forged footers": (tables.forged_footers, ("parquet", PARQUET)),
    "damaged Parquet": (tables.damaged_parquet, ("parquet", PARQUET)),
    "damaged Arrow": (tables.damaged_arrow, (ARROW,)),
    "compressed Arrow": (tables.compressed_arrow, (ARROW,)),
    "empty record batches": (tables.empty_record_batches, (ARROW,)),
}


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file, and where it is sent: uploaded as `door`, or posted with the content type `door`."""

    family: str
    door: str
    body: bytes

    @property
    def is_body(self) -> bool:
        return "/" in self.door

    def __str__(self) -> str:
        return f"{self.family}, {self.door.rpartition('.')[2]}, {len(self.body):,} bytes"


def corpus(most: int, seed: int = 7) -> Iterator[Hostile]:
    """At most so many files: of each family and door the largest first, then ever smaller ones."""
    return islice(_endless(seed), most)


def _endless(seed: int) -> Iterator[Hostile]:
    divisor = 1
    while True:
        for family, (make, doors) in FAMILIES.items():
            for door in doors:
                body = make(Random(f"{seed} {family} {door} {divisor}"), MAX_BYTES // divisor)
                assert len(body) <= MAX_BYTES, (family, len(body))
                yield Hostile(family, door, body)
        divisor *= 2
