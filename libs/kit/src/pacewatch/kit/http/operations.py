"""What operators read of a process, on a listener of its own: senders of requests need none of it."""

from fastapi import FastAPI, Response
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


def create_operations_app(app: FastAPI) -> FastAPI:
    """`/metrics` for Prometheus; `/docs` and `/openapi.json` describe `app`, whose listener has none of them.

    The page brings its script and style along: operators' machines may have no internet.
    """
    operations = FastAPIOffline(title=app.title, version=app.version, redoc_url=None)
    operations.openapi = app.openapi  # type: ignore[method-assign]  # as FastAPI documents it

    @operations.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return operations
