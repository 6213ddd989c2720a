"""The pages beside the API: its own answers stay its own, and every server sends the same content policies."""

import re
from pathlib import Path

import httpx
from fastapi import FastAPI

from pacewatch.kit.http import middleware
from pacewatch.launcher.runtime.dashboard import POLICY, mount_dashboard

NGINX = Path(__file__).parents[3] / "infra" / "compose" / "nginx.conf.template"


async def test_a_wrong_method_names_the_methods_of_the_api(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>")
    app = FastAPI(openapi_url=None)

    @app.post("/api/v1/things")
    async def things() -> None: ...

    mount_dashboard(app, tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        for method in ("GET", "PUT"):
            refused = await client.request(method, "/api/v1/things")
            assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
        assert (await client.get("/api/v1/nothing")).status_code == 404
        assert (await client.get("/devices/12")).text == "<!doctype html>"
        for path in ("/metrics", "/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"):
            assert (await client.get(path)).status_code == 404


def test_nginx_sends_the_content_policies_of_the_processes() -> None:
    (block,) = re.findall(r"map \$uri \$pacewatch_content_policy \{(.*?)\n\}", NGINX.read_text(), re.DOTALL)
    api, pages = re.findall(r'"(.*)";', block)
    assert api == dict(middleware._API_HEADERS)[b"content-security-policy"].decode()
    assert pages == POLICY
