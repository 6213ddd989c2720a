"""Hostile CSV, NDJSON and JSON, of about `size` bytes each."""

import json
from random import Random

from support.ingest import reading

ROW = reading()
HEADER = ",".join(ROW).encode() + b"\n"
LINE = ",".join(map(str, ROW.values())).encode() + b"\n"
_LINE_BYTES = 60_000  # just under what a line may have


def _filled(head: bytes, part: bytes, size: int, tail: bytes = b"") -> bytes:
    """`part` as often as fits into `size` bytes, between head and tail."""
    return head + part * max((size - len(head) - len(tail)) // len(part), 1) + tail


def digit_runs(random: Random, size: int) -> bytes:
    """A long run of digits that is no number after all: once found in quadratic time."""
    line = b"1," * random.randrange(5) + b"1" * _LINE_BYTES + b"x" + b"\n"
    return _filled(HEADER, line, size)[:size]


def numbers_with_a_tail(random: Random, size: int) -> bytes:
    digits = bytes(random.choice(b"0123456789") for _ in range(62))
    point = random.randrange(62)
    field = digits[:point] + b"." + digits[point:] + b"x"
    return _filled(HEADER, b",".join([field] * len(ROW)) + b"\n", size)


def one_long_line(random: Random, size: int) -> bytes:
    return (HEADER if random.random() < 0.8 else b"") + random.choice([b"1", b",", b'"', b"{", b" "]) * (size // 2)


def blank_lines(random: Random, size: int) -> bytes:
    return _filled(HEADER, random.choice([b"\n", b"\r\n", b" \n"]), size)


def separators(random: Random, size: int) -> bytes:
    """Lines of more fields than a header may have."""
    return _filled(HEADER, b"," * random.choice([_LINE_BYTES, len(ROW) - 1, 300]) + b"\n", size)


def odd_rows(random: Random, size: int) -> bytes:
    """Valid rows and others, mixed so that no block is read as a table of numbers."""
    others = [b"nan,inf,-inf,nan,1e999,-0\n", b"\0,\0\n", b"\xff\xfe,1,1,1,1,1\n", b'"1","2","3","4","5","6"\n']
    return _filled(HEADER, b"".join(random.sample(others, 3)) + LINE, size)


def any_bytes(random: Random, size: int) -> bytes:
    return random.randbytes(size)


def empty_objects(random: Random, size: int) -> bytes:
    return _filled(b"", random.choice([b"{}\n", b"[]\n", b"0\n", b'{"":0}\n']), size)


def repeated_fields(random: Random, size: int) -> bytes:
    """An object with one field, thousands of times: parsed again by Python, pair by pair."""
    row = _filled(b'{"":""', b',"":""', min(size // 2, _LINE_BYTES), b"}")
    rows = [row] * max(size // (len(row) + 1), 1)
    return b"[" + b",".join(rows) + b"]" if random.random() < 0.5 else b"\n".join(rows)


def nested_lists(random: Random, size: int) -> bytes:
    depth = random.choice([900, 1_000, size // 2])
    return (b"[" * depth + b"]" * depth)[:size]


def flood_of_objects(random: Random, size: int) -> bytes:
    """One row that holds a million objects."""
    return _filled(b"[[{}", random.choice([b",{}", b',{"":0}', b",[]", b",0"]), size, b"]]")


def flood_of_texts(random: Random, size: int) -> bytes:
    return _filled(b'[["",{}', random.choice([b',""', b',"\\u0041"', b',{"":""}']), size, b"]]")


def long_numbers(random: Random, size: int) -> bytes:
    number = random.choice([b"%s", b"0.%s", b"1e%s", b"-%s"]) % (
        b"1" * min(size - 99, random.choice([_LINE_BYTES, size]))
    )
    return b'[{"timestamp":%s,"":""}]' % number


def wrong_rows(random: Random, size: int) -> bytes:
    """As many rows as a batch may have, each with everything wrong."""
    row = dict.fromkeys(ROW, random.choice([None, "x" * 30, [], {}, True])) | {f"other{n}": n for n in range(9)}
    text = json.dumps(row).encode()
    return b"[" + b",".join([text] * min(2_000, size // (len(text) + 1))) + b"]"
