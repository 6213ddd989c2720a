"""The mailcatcher's page loads nothing from other hosts and shows mails in a sandbox."""

import httpx


async def test_the_page_loads_only_our_files_and_frames_mails_in_a_sandbox(http: httpx.AsyncClient) -> None:
    page = await http.get("/")
    assert '<iframe id="body" title="Mail" sandbox="allow-popups allow-popups-to-escape-sandbox">' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for name in ("mailcatcher.css", "mailcatcher.js"):
        assert f'"/{name}"' in page.text
        asset = await http.get(f"/{name}")
        assert asset.status_code == 200
        assert "http:" not in asset.text
        assert "innerHTML" not in asset.text
