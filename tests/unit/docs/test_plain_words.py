"""Plain words: a reader searches for what things are called elsewhere, so a few words are banned.

The list is in banned_words.txt. A word that is the right one somewhere goes into ALLOWED with the whole phrase.
"""

import re
from pathlib import Path

import pytest
from unit.docs.pages import ROOT, files

SUFFIXES = (".md", ".py", ".ts", ".tsx", ".mjs", ".js", ".html", ".css", ".txt", ".yml", ".yaml", ".sh")
ALLOWED = (
    "resource alarm",  # RabbitMQ's own term: too little memory or disk blocks publishers
    "disk alarm",
    "memory alarm",
    '"alarm"',  # a function of the C library
    "told text check (told in",  # a column of ingest.connectivity, and the statements that use it
    "heard s, told from",
    "heard s, told as before",
    "column `told`",
    "set told =",
    "told: state that was last announced",
    "`candidate put off`",  # former names of log events, in the changelog
    "`training run given up`",
)
# Gives banned words to be found.
EXEMPT = (Path(__file__), Path(__file__).with_name("banned_words.txt"))
CHECKED = [path for path in files(*SUFFIXES) if path not in EXEMPT] + [ROOT / "Makefile", ROOT / ".ci" / "run"]
LIST = Path(__file__).with_name("banned_words.txt")
BANNED = dict(line.split(": ", 1) for line in LIST.read_text().splitlines() if line and not line.startswith("#"))
_PATTERN = re.compile(rf"\b({'|'.join(sorted(BANNED, key=len, reverse=True))})\b")


def found(text: str) -> list[str]:
    """Each banned word in a text, with its line and what to write instead."""
    hits = []
    for number, line in enumerate(text.splitlines(), 1):
        words = re.sub(r"[_\-]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", line)).lower()
        for phrase in ALLOWED:
            words = words.replace(phrase, "")
        hits += [f"line {number}: {word} ({BANNED[word]})" for word in _PATTERN.findall(words)]
    return hits


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", CHECKED, ids=_name)
def test_no_banned_word(path: Path) -> None:
    assert found(path.read_text()) == []


@pytest.mark.parametrize(
    "text", ["Rows are told.", "rows_told = 1", "class RowsTold:", "TOLD", "what-was-told", "it is taken  up"]
)
def test_a_banned_word_is_found_in_prose_and_in_names(text: str) -> None:
    assert len(found(re.sub(r" +", " ", text))) == 1


@pytest.mark.parametrize("text", ["stolid", "a resource alarm of RabbitMQ", "the store", "folder"])
def test_other_words_are_left_alone(text: str) -> None:
    assert found(text) == []
