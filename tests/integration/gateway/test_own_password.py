"""People change their own password with the old one; the first account is made only where there is none."""

import pytest
from support.platform.in_process import InProcess

from .conftest import EMAIL, PASSWORD, Start, bearer, log_in, refresh

pytestmark = pytest.mark.servers

NEW = "a better password"


@pytest.mark.parametrize("role", ["viewer", "operator", "engineer", "superuser"])
async def test_every_role_changes_its_own_password_and_stays_logged_in(gateway: InProcess, role: str) -> None:
    async with gateway.client() as ada, gateway.client(None) as client, gateway.client(None) as elsewhere:
        await ada.post("/users", json={"email": "bob@example.org", "password": PASSWORD, "role": role})
        headers = bearer(await log_in(client, "bob@example.org"))
        other = (await log_in(elsewhere, "bob@example.org")).cookies["pacewatch_refresh"]
        wrong = {"old_password": "wrong", "new_password": NEW}
        assert (await client.post("/auth/password", json=wrong, headers=headers)).status_code == 401
        changed = await client.post("/auth/password", json=wrong | {"old_password": PASSWORD}, headers=headers)
        assert changed.status_code == 200
        assert (await client.get("/auth/me", headers=bearer(changed))).json()["email"] == "bob@example.org"
        assert (await client.post("/auth/refresh")).status_code == 200
        assert (await refresh(gateway, other)).status_code == 401
        assert (await log_in(client, "bob@example.org", PASSWORD)).status_code == 401
        assert (await log_in(client, "bob@example.org", NEW)).status_code == 200


async def test_a_refused_password_is_explained_in_words(gateway: InProcess) -> None:
    wrong = "Your password, the old one, is wrong."
    too_short = "new_password: a password needs at least 8 characters"
    refusals = [
        ("wrong", NEW, 401, "wrong_credentials", wrong),
        (PASSWORD, "short", 422, "validation_failed", too_short),
        (PASSWORD, PASSWORD, 422, "password_unchanged", "The new password is the old one; choose another."),
    ]
    async with gateway.client() as ada:
        for old, new, status, code, detail in refusals:
            answer = await ada.post("/auth/password", json={"old_password": old, "new_password": new})
            assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (status, code, detail)
        answer = await ada.post("/auth/totp", json={"password": "wrong"})
        assert (answer.status_code, answer.json()["detail"]) == (401, wrong)
        assert (await ada.get("/auth/me")).status_code == 200


async def test_a_key_has_no_password(gateway: InProcess) -> None:
    async with gateway.client() as ada:
        key = (await ada.post("/api-keys", json={"name": "ward 7", "scopes": ["fleet:read"]})).json()
        body, headers = {"old_password": PASSWORD, "new_password": NEW}, {"Authorization": f"Bearer {key['token']}"}
        assert (await ada.post("/auth/password", json=body, headers=headers)).status_code == 401


async def test_the_first_account_is_not_made_again_beside_others(start: Start) -> None:
    async with start() as process, process.client() as ada, process.client(None) as client:
        bob = {"email": "bob@example.org", "password": PASSWORD, "role": "superuser"}
        await ada.post("/users", json=bob)
        users = (await ada.get("/users")).json()["items"]
        client.headers.update(bearer(await log_in(client, "bob@example.org")))
        assert (await client.delete(f"/users/{users[0]['id']}")).status_code == 204
    async with start() as process, process.client(None) as client:
        assert (await log_in(client, EMAIL, PASSWORD)).status_code == 401
        assert (await log_in(client, "bob@example.org", PASSWORD)).status_code == 200


@pytest.mark.parametrize("path", ["login", "refresh", "logout", "password"])
@pytest.mark.parametrize(
    ("headers", "is_refused"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Origin": "https://evil.example"}, True),
        ({"Origin": "null"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:5173"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
    ],
)
async def test_a_post_from_another_site_is_refused(
    gateway: InProcess, path: str, headers: dict[str, str], is_refused: bool
) -> None:
    async with gateway.client() as client:
        response = await client.post(f"/auth/{path}", data={"username": EMAIL, "password": PASSWORD}, headers=headers)
    assert (response.status_code == 403 and response.json()["code"] == "cross_site") is is_refused


async def test_the_origin_of_the_dashboard_is_not_another_site(gateway: InProcess) -> None:
    async with gateway.client(None) as client:
        data = {"username": EMAIL, "password": PASSWORD}
        assert (await client.post("/auth/login", data=data, headers={"Origin": gateway.url})).status_code == 200
