"""The OpenAPI document of every service."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr

from pacewatch.kit.http import app as http
from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime.modules import TARGETS, create_modules


def openapi() -> dict[str, dict[str, Any]]:
    """The document by service, as a deployment for pacemakers serves it. Services without routes have none."""
    with TemporaryDirectory() as folder:
        settings = KitSettings(
            database_url=SecretStr("postgresql://nobody@localhost/nothing"), secrets_dir=Path(folder)
        )
        documents = {target: _document(target, settings) for target in TARGETS}
    return {target: document for target, document in documents.items() if document["paths"]}


def _document(target: str, settings: KitSettings) -> dict[str, Any]:
    app = http.create_app(f"Pacewatch {target}", verifier=None, database=None, max_body_mib=settings.max_body_mib)
    for module in create_modules(target, settings):
        if module.router is not None:
            app.include_router(module.router)
    return app.openapi()
