"""The mailcatcher's REST interface returns what was sent by SMTP, as mailcatcher itself does, and runs none of it."""

import httpx
import pytest
from support.platform.mailcatcher import PIXEL, plain_mail, rich_mail, send

from pacewatch.launcher.mailcatcher.server import Mailcatcher


async def test_the_list_has_the_fields_of_mailcatcher(mailcatcher: Mailcatcher, http: httpx.AsyncClient) -> None:
    await send(mailcatcher, plain_mail())
    (listed,) = (await http.get("/messages")).json()
    assert set(listed) == {"id", "sender", "recipients", "subject", "size", "type", "created_at"}
    assert (listed["id"], listed["subject"], listed["type"]) == (1, "High risk", "text/plain")
    assert listed["sender"] == "<bounces@example.org>"
    assert listed["recipients"] == ["<ada@example.org>", "<bob@example.org>"]
    assert int(listed["size"]) == len((await http.get("/messages/1.source")).content)


async def test_a_mail_is_split_into_its_formats_and_parts(mailcatcher: Mailcatcher, http: httpx.AsyncClient) -> None:
    await send(mailcatcher, rich_mail())
    details = (await http.get("/messages/1.json")).json()
    assert details["subject"] == "Überhöhtes Risiko"
    assert details["formats"] == ["source", "html", "plain"]
    dot, table = details["attachments"]
    assert (await http.get(dot["href"])).content == PIXEL
    assert (await http.get(table["href"])).content == b"a,b\n"
    assert (table["filename"], table["type"]) == ("rök & rows.csv", "text/csv")
    assert "/messages/1/parts/dot@x" in (await http.get("/messages/1.html")).text
    assert (await http.get("/messages/1.plain")).text.strip() == "Look at device 7."


@pytest.mark.parametrize("format_", ["html", "plain", "source"])
async def test_a_mail_cannot_run_scripts_and_only_our_page_can_frame_it(
    mailcatcher: Mailcatcher, http: httpx.AsyncClient, format_: str
) -> None:
    await send(mailcatcher, rich_mail())
    policy = (await http.get(f"/messages/1.{format_}")).headers["content-security-policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy


async def test_an_attachment_is_downloaded_and_not_displayed(mailcatcher: Mailcatcher, http: httpx.AsyncClient) -> None:
    await send(mailcatcher, rich_mail())
    table = (await http.get("/messages/1.json")).json()["attachments"][1]
    response = await http.get(table["href"])
    assert response.headers["content-disposition"].startswith("attachment;")
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/messages/9.json", "/messages/9.html", "/messages/9.plain", "/messages/9.source", "/messages/9/parts/x"]
)
async def test_an_unknown_mail_is_a_404(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 404


async def test_a_format_that_the_mail_does_not_have_is_a_404(mailcatcher: Mailcatcher, http: httpx.AsyncClient) -> None:
    await send(mailcatcher, plain_mail())
    assert (await http.get("/messages/1.html")).status_code == 404


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"no header at all\r\n",
        b"Subject: =?nonsense?B?//8=?=\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe\r\n",
        b"From: =?utf-8?q?=\r\nTo: ,,<>@\r\nContent-ID: <>\r\nContent-Type: multipart/mixed\r\n\r\nno boundary\r\n",
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n",
    ],
)
async def test_a_malformed_mail_is_listed_and_shown_as_far_as_possible(
    mailcatcher: Mailcatcher, http: httpx.AsyncClient, source: bytes
) -> None:
    await send(mailcatcher, source)
    assert len((await http.get("/messages")).json()) == 1
    details = await http.get("/messages/1.json")
    assert details.status_code == 200
    for format_ in details.json()["formats"]:
        assert (await http.get(f"/messages/1.{format_}")).status_code == 200


async def test_mails_are_deleted_one_by_one_or_all(mailcatcher: Mailcatcher, http: httpx.AsyncClient) -> None:
    for _ in range(3):
        await send(mailcatcher, plain_mail())
    assert (await http.delete("/messages/2")).status_code == 204
    assert [mail["id"] for mail in (await http.get("/messages")).json()] == [1, 3]
    assert (await http.delete("/messages")).status_code == 204
    assert (await http.get("/messages")).json() == []


async def test_a_request_for_another_host_name_is_refused(http: httpx.AsyncClient) -> None:
    assert (await http.get("/messages", headers={"Host": "rebound.example.org"})).status_code == 400
