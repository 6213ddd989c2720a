"""The page that says which role may use which route, read from the routes themselves."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import SecretStr

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime.modules import create_modules

PAGE: Final = "docs/architecture/permissions.md"
_HEAD: Final = """# Who may do what

This page is made from the routes by `make schemas`; `make lint` holds it to them, and
`tests/integration/launcher/test_scopes.py` calls every line of it with an account of every role.

A route requires one scope; a role is a set of scopes; an API key carries scopes of its own, never `users:manage`. A key
that is bound to devices or sites may use only the routes marked so, and only for those devices. Without the scope
`addresses:read`, which every role but the viewer has, answers and the live stream show `***` for e-mail addresses and
addresses of clients. Routes that change accounts and keys check the account as it is, not as the token says.

| method | path | scope | {roles} | bound key |
|---|---|---|{lines}---|
"""
_OPEN: Final = "no token"


class Permission(NamedTuple):
    """A route and what it requires."""

    method: str
    path: str
    scope: str
    is_for_bound_keys: bool


def permissions_page() -> str:
    """The page in Markdown."""
    head = _HEAD.format(roles=" | ".join(Role), lines="---|" * len(Role))
    return head + "\n".join(_line(one) for one in permissions()) + "\n"


def permissions() -> list[Permission]:
    """Every route of every service, by path and method."""
    with TemporaryDirectory() as folder:
        settings = KitSettings(
            database_url=SecretStr("postgresql://nobody@localhost/nothing"), secrets_dir=Path(folder)
        )
        routers = [module.router for module in create_modules("all", settings) if module.router is not None]
    routes = [route for router in routers for route in _routes(router)]
    found = [_permission(route, method) for route in routes for method in sorted(route.methods or ())]
    return sorted(found, key=lambda one: (one.path, one.method))


def _routes(router: APIRouter) -> Iterator[APIRoute]:
    """The routes of a router, and of the routers that it includes without a prefix of their own."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif (included := getattr(route, "original_router", None)) is not None:
            yield from _routes(included)


def _permission(route: APIRoute, method: str) -> Permission:
    checks = [one.call for one in _all(route.dependant) if hasattr(one.call, "scope")]
    scopes = sorted({str(check.scope) for check in checks})  # type: ignore[union-attr]
    is_for_bound_keys = any(check.bound_keys for check in checks)  # type: ignore[union-attr]
    return Permission(method, route.path, " ".join(scopes) or _OPEN, is_for_bound_keys)


def _all(dependant: Dependant) -> Iterator[Dependant]:
    for one in dependant.dependencies:
        yield one
        yield from _all(one)


def _line(one: Permission) -> str:
    is_open = one.scope == _OPEN
    allowed = [is_open or one.scope in SCOPES_BY_ROLE[role] for role in Role]
    marks = " | ".join("yes" if mark else "-" for mark in [*allowed, is_open or one.is_for_bound_keys])
    return f"| {one.method} | `{one.path}` | {one.scope} | {marks} |"
