"""Serves the built dashboard in `--target all`. In front of separate services nginx does that."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
NOT_BUILT = (
    "<!doctype html><title>Pacewatch</title><h1>Pacewatch is running</h1>"
    "<p>The dashboard is not built yet: run <code>make web</code>. The operators' listener describes the API at /docs."
)


class Dashboard(StaticFiles):
    """Files of the build. Every other path is a page of the single-page application."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or path.startswith("api/"):
                raise
            response = await super().get_response("index.html", scope)
        response.headers["content-security-policy"] = POLICY
        # Files with a hash in their name never change. The page that links to them does.
        is_immutable = path.startswith("assets/") and not isinstance(response, HTMLResponse)
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if is_immutable else "no-cache"
        return response


# Who looks for them here gets a 404, and not a page that seems to work.
OPERATORS_PATHS = ("/metrics", "/docs", "/redoc", "/openapi.json")


class Pages(Mount):
    """Every path but those of operators and of the API: there a wrong method gets a 405, which names the right ones."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["path"].startswith(("/api/", *OPERATORS_PATHS)):
            return Match.NONE, {}
        return super().matches(scope)


def mount_dashboard(app: FastAPI, folder: Path) -> None:
    """Serve the build in `folder` at `/`. Without a build, serve a page that says how to make it."""
    if (folder / "index.html").exists():
        app.router.routes.append(Pages("/", Dashboard(directory=folder, html=True), name="dashboard"))
    else:

        @app.get("/", include_in_schema=False)
        async def not_built() -> HTMLResponse:
            return HTMLResponse(NOT_BUILT)
