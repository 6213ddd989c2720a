"""The shape of the code that CONTRIBUTING promises: small folders, files and functions."""

import ast
import statistics
from collections import Counter

from unit.docs.pages import ROOT, files

MAX_MODULES, MAX_LINES, MAX_MEDIAN_LINES, MAX_FUNCTION_LINES = 14, 300, 80, 40
MODULES = [path for path in files(".py") if path.name != "__init__.py"]


def _name(path) -> str:
    return str(path.relative_to(ROOT))


def test_no_folder_has_too_many_modules() -> None:
    # Revisions are a history: a file for each step, and none is ever read without its number.
    counts = Counter(_name(path.parent) for path in MODULES if path.parent.name != "migrations")
    assert {folder: count for folder, count in counts.items() if count > MAX_MODULES} == {}


def test_files_are_short() -> None:
    lines = {_name(path): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {}
    assert statistics.median(lines.values()) <= MAX_MEDIAN_LINES


def test_functions_are_short() -> None:
    long = [
        f"{_name(path)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION_LINES
    ]
    assert long == []
