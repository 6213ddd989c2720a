"""The inbox: what goes in by SMTP comes out as mailcatcher would give it, and does no harm on the way."""

import asyncio
import sys
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx
import pytest
from servers.own import free_ports

from pacewatch.launcher.errors import PortTaken
from pacewatch.launcher.mailcatcher.server import Inbox

PIXEL = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def inbox(tmp_path: Path) -> AsyncIterator[Inbox]:
    async with Inbox(tmp_path) as inbox:
        yield inbox


@pytest.fixture
async def http(inbox: Inbox) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{inbox.http_port}", timeout=30) as client:
        yield client


def a_mail(subject: str = "High risk") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "pacewatch@example.org", "ada@example.org", subject
    mail.set_content("Look at device 7.\n")
    return mail


def a_rich_mail() -> EmailMessage:
    mail = a_mail("Überhöhtes Risiko")
    mail.add_alternative(f"<html><head></head><body>{SCRIPT}<img src='cid:dot@x'></body></html>", subtype="html")
    html = mail.get_payload(1)
    assert isinstance(html, EmailMessage)
    html.add_related(PIXEL, "image", "gif", cid="<dot@x>")
    mail.add_attachment(b"a,b\n", maintype="text", subtype="csv", filename="rök & rows.csv")
    return mail


async def send(inbox: Inbox, mail: EmailMessage) -> None:
    await aiosmtplib.send(
        mail,
        hostname="127.0.0.1",
        port=inbox.smtp_port,
        sender="bounces@example.org",
        recipients=["ada@example.org", "bob@example.org"],
    )


async def send_raw(inbox: Inbox, source: bytes) -> None:
    await aiosmtplib.send(
        source, hostname="127.0.0.1", port=inbox.smtp_port, sender="a@example.org", recipients=["b@example.org"]
    )


async def test_the_list_is_mailcatchers(inbox: Inbox, http: httpx.AsyncClient) -> None:
    await send(inbox, a_mail())
    (listed,) = (await http.get("/messages")).json()
    assert set(listed) == {"id", "sender", "recipients", "subject", "size", "type", "created_at"}
    assert (listed["id"], listed["subject"], listed["type"]) == (1, "High risk", "text/plain")
    assert listed["sender"] == "<bounces@example.org>"
    assert listed["recipients"] == ["<ada@example.org>", "<bob@example.org>"]
    assert int(listed["size"]) == len((await http.get("/messages/1.source")).content)


async def test_a_rich_mail_comes_apart_into_its_formats_and_parts(inbox: Inbox, http: httpx.AsyncClient) -> None:
    await send(inbox, a_rich_mail())
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
async def test_a_mail_can_be_framed_by_our_page_alone_and_run_nothing(
    inbox: Inbox, http: httpx.AsyncClient, format_: str
) -> None:
    await send(inbox, a_rich_mail())
    policy = (await http.get(f"/messages/1.{format_}")).headers["content-security-policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy


async def test_an_attachment_is_saved_and_never_shown(inbox: Inbox, http: httpx.AsyncClient) -> None:
    await send(inbox, a_rich_mail())
    table = (await http.get("/messages/1.json")).json()["attachments"][1]
    answer = await http.get(table["href"])
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_page_loads_nothing_from_elsewhere_and_frames_mails_in_a_sandbox(http: httpx.AsyncClient) -> None:
    page = await http.get("/")
    assert '<iframe id="body" title="Mail" sandbox="allow-popups allow-popups-to-escape-sandbox">' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for name in ("inbox.css", "inbox.js"):
        asset = await http.get(f"/{name}")
        assert asset.status_code == 200
        assert "http:" not in asset.text
        assert "innerHTML" not in asset.text


async def test_the_next_run_still_has_the_mails(tmp_path: Path) -> None:
    async with Inbox(tmp_path) as first:
        await send(first, a_mail())
    async with Inbox(tmp_path) as second:
        await send(second, a_mail("Another"))
        kept = second.mailbox.mails()
    assert [(mail.id, mail.subject) for mail in kept] == [(1, "High risk"), (2, "Another")]
    assert kept[0].recipients == ("<ada@example.org>", "<bob@example.org>")


async def test_only_the_newest_mails_are_kept(tmp_path: Path) -> None:
    async with Inbox(tmp_path, limit=2) as inbox:
        for number in range(4):
            await send(inbox, a_mail(str(number)))
        assert [mail.subject for mail in inbox.mailbox.mails()] == ["2", "3"]
    assert len(list(tmp_path.iterdir())) == 2


async def test_mails_are_deleted_one_by_one_or_all(inbox: Inbox, http: httpx.AsyncClient, tmp_path: Path) -> None:
    for _ in range(3):
        await send(inbox, a_mail())
    assert (await http.delete("/messages/2")).status_code == 204
    assert [mail["id"] for mail in (await http.get("/messages")).json()] == [1, 3]
    assert (await http.delete("/messages")).status_code == 204
    assert (await http.get("/messages")).json() == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "path", ["/messages/9.json", "/messages/9.html", "/messages/9.plain", "/messages/9.source", "/messages/9/parts/x"]
)
async def test_what_is_not_there_is_a_404(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 404


async def test_a_format_that_a_mail_does_not_have_is_a_404(inbox: Inbox, http: httpx.AsyncClient) -> None:
    await send(inbox, a_mail())
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
async def test_a_broken_mail_is_listed_and_shown_as_far_as_it_goes(
    inbox: Inbox, http: httpx.AsyncClient, source: bytes
) -> None:
    await send_raw(inbox, source)
    assert len((await http.get("/messages")).json()) == 1
    details = await http.get("/messages/1.json")
    assert details.status_code == 200
    for format_ in details.json()["formats"]:
        assert (await http.get(f"/messages/1.{format_}")).status_code == 200


async def test_another_sites_name_for_this_machine_is_refused(http: httpx.AsyncClient) -> None:
    assert (await http.get("/messages", headers={"Host": "rebound.example.org"})).status_code == 400


async def test_a_port_that_is_taken_is_said_to_be(inbox: Inbox, tmp_path: Path) -> None:
    with pytest.raises(PortTaken, match=str(inbox.http_port)):
        async with Inbox(tmp_path / "other", http_port=inbox.http_port):
            pass


async def test_the_inbox_alone_runs_until_it_is_asked_to_end(tmp_path: Path) -> None:
    smtp_port, http_port = free_ports(2)
    call = f"run_inbox({smtp_port}, {http_port}, Path('mail'))"
    program = f"from pathlib import Path; from pacewatch.launcher.mailcatcher.server import run_inbox; {call}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert f"http://localhost:{http_port}".encode() in await process.stdout.readline()
    await aiosmtplib.send(a_mail(), hostname="127.0.0.1", port=smtp_port)
    process.terminate()
    assert await process.wait() == 0
    assert len(list((tmp_path / "mail").iterdir())) == 1
