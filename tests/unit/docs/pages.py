"""The Markdown pages of this repository, and what they refer to."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
# Installed, built or downloaded: not ours.
_FOREIGN = {".venv", "node_modules", "dist", ".git", ".demo", ".pytest_cache", ".hypothesis", "reports"}
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_QUOTED = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def files(*suffixes: str) -> list[Path]:
    """Our own files with one of these suffixes, sorted."""
    return sorted(path for path in _ours(ROOT) if path.suffix in suffixes)


def _ours(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in _FOREIGN or path.is_symlink():
            continue
        if path.is_dir():
            yield from _ours(path)
        else:
            yield path


def prose(path: Path) -> str:
    """The page without its blocks of code."""
    return _FENCED.sub("", path.read_text())


def links(path: Path) -> list[str]:
    """Targets of the page's links to other places in this repository."""
    return [target for target in _LINK.findall(prose(path)) if "://" not in target and not target.startswith("mailto:")]


def quoted(text: str) -> list[str]:
    """What stands between backticks."""
    return _QUOTED.findall(text)


def anchors(path: Path) -> set[str]:
    """What `#...` may follow the page's name: its headings, as Azure DevOps and GitHub write them."""
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in _HEADING.findall(prose(path))
    }


def section(path: Path, heading: str) -> str:
    """The text below `## heading`, up to the next heading; empty if there is none."""
    match = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", path.read_text(), re.MULTILINE | re.DOTALL)
    return match.group(1) if match else ""
