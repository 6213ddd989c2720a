"""Writes the contracts as files that other tools can read. `make lint` checks that they match the code.

JSON Schema for every event, AsyncAPI 3 for the messages between services, OpenAPI for every service, the pages of what
people and services may do, `.env.example`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from pacewatch.launcher.contract_files.asyncapi import asyncapi
from pacewatch.launcher.contract_files.env_example import env_example
from pacewatch.launcher.contract_files.json_schemas import json_schemas
from pacewatch.launcher.contract_files.openapi import openapi
from pacewatch.launcher.contract_files.permissions import PAGE, permissions_page
from pacewatch.launcher.contract_files.rights_page import rights_page


def generate() -> dict[str, str]:
    """Every generated file: its path from the root of the repository, and its text."""
    files = {f"contracts/schemas/{name}.json": _to_json(schema) for name, schema in json_schemas().items()}
    files["contracts/asyncapi.yaml"] = yaml.safe_dump(asyncapi(), sort_keys=False, width=110, allow_unicode=True)
    files |= {f"contracts/openapi/{name}.json": _to_json(document) for name, document in openapi().items()}
    files[PAGE] = permissions_page()
    files["docs/rights.md"] = "\n".join(rights_page()) + "\n"
    files[".env.example"] = "\n".join(env_example()) + "\n"
    return files


def write(root: Path) -> list[str]:
    """Write the files below `root` that differ. Returns their paths."""
    files = generate()
    changed = _stale(root, files)
    for name in changed:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[name], encoding="utf-8")
    return changed


def stale(root: Path) -> list[str]:
    """Paths of the files below `root` that do not match the code."""
    return _stale(root, generate())


def _stale(root: Path, files: Mapping[str, str]) -> list[str]:
    return [name for name, text in files.items() if _read(root / name) != text]


def _to_json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
