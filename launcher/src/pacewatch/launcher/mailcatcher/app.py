"""The mailcatcher as an application. It does not trust any mail: each is shown in a sandboxed frame."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware

from pacewatch.launcher.mailcatcher import endpoints, page
from pacewatch.launcher.mailcatcher.mailbox import Mailbox

MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src 'self' data:; "
    "style-src 'unsafe-inline'; frame-ancestors 'self'"
)


def create_app(mailbox: Mailbox) -> FastAPI:
    """The application for one mailbox. It refuses requests for any host name but localhost."""
    app = FastAPI(title="Pacewatch mailcatcher", docs_url=None, redoc_url=None)
    app.state.mailbox = mailbox
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1"])
    app.middleware("http")(_add_security_headers)
    app.include_router(endpoints.router)
    app.include_router(page.router)
    return app


async def _add_security_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers.setdefault("Content-Security-Policy", MAIL_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
