"""Pages do not go stale unnoticed: links and paths lead somewhere, the map is complete, decisions end in a check."""

import re
from pathlib import Path

import pytest
from unit.docs.pages import ROOT, anchors, files, links, prose, quoted, section

PAGES = files(".md")
DECISIONS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
MAP, INDEX = ROOT / "docs/README.md", ROOT / "docs/decisions/README.md"
# Forms that are filled in, and notes beside files of tests: nobody looks for them on a map.
NO_PAGES = {ROOT / ".azuredevops/pull_request_template.md", ROOT / ".github/PULL_REQUEST_TEMPLATE.md"}
NO_PAGES |= {page for page in PAGES if page.is_relative_to(ROOT / "tests/files")}
HEADINGS = ["What was asked", "Decision", "Why", "Rejected", "Price", "Check"]
FOLDERS = "contracts|docs|infra|launcher|libs|pipelines|services|tests|web"
PATH = re.compile(rf"(?:{FOLDERS})/[\w./-]*\w")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_path_in_backticks_exists(page: Path) -> None:
    paths = [text.rstrip("/") for text in quoted(prose(page)) if PATH.fullmatch(text.rstrip("/"))]
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_page_is_on_the_map() -> None:
    shown = {(page.parent / link).resolve() for page in (MAP, INDEX) for link in links(page)}
    assert [_name(page) for page in PAGES if page not in shown | NO_PAGES | {MAP}] == []


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(len(DECISIONS)))


@pytest.mark.parametrize("page", DECISIONS, ids=_name)
def test_a_decision_has_its_number_and_the_sections_of_the_template(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {int(page.name[:4])}. ")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == [heading for heading in HEADINGS if heading != "Price" or heading in headings]


@pytest.mark.parametrize("page", DECISIONS, ids=_name)
def test_a_decision_ends_in_a_check_that_exists(page: Path) -> None:
    paths = [text for text in quoted(section(page, "Check")) if PATH.fullmatch(text)]
    assert any(path.endswith(".py") for path in paths), "name a test or a script, by its path from the root"
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_make_target_in_backticks_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {text.split()[1] for text in quoted(prose(page)) if re.match(r"make [a-z]", text)}
    assert named - targets == set()
