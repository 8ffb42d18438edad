"""What cannot be meant by who may do what is refused before anything is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from airflow_provider_pachyderm.client import AsyncPfsClient, InvalidRequest, Scope
from tests.unit.client.pachd import Pachd

Ask = Callable[[Any], Awaitable[Any]]


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        (lambda client: client.set_scope("r", "robot:x", "READER"), "a Scope, such as Scope.READER, not 'READER'"),
        (lambda client: client.set_acl("r", {"robot:x": "reader"}), "a Scope, such as Scope.READER, not 'reader'"),
        (lambda client: client.set_acl("r", {None: Scope.READER}), "a name in scopes must be a str, not NoneType"),
        (lambda client: client.set_acl("r", [("robot:x", Scope.READER)]), "must be a dict from principals to their"),
        (lambda client: client.authorize("r", None), "needs must be a list of names, not None"),
        (lambda client: client.authorize("r", [Scope.READER]), "a name in needs must be a str, not Scope"),
        (lambda client: client.authorize("r", []), "needs must not be empty: give a permission such as REPO_READ"),
        (
            lambda client: client.modify_role_binding("r", "robot:x", "repoReader"),
            "roles must be a list of names, not 'repoReader'",
        ),
        (lambda client: client.modify_role_binding("r", "robot:x", None), "roles must be a list of names, not None"),
        (lambda client: client.modify_members("group:g", [7]), "a name in add must be a str, not int"),
        (lambda client: client.get_roles_for_permission(None), "permission must be a str, not NoneType"),
    ],
)
async def test_nothing_is_sent(pachd: Pachd, address: str, ask: Ask, why: str) -> None:
    async with AsyncPfsClient(address) as client:
        with pytest.raises(InvalidRequest, match=why):
            await ask(client)
    assert pachd.calls == []


@pytest.mark.parametrize("number", ["9999999999", "9" * 5000])
async def test_no_permission_has_such_a_number(address: str, number: str) -> None:
    async with AsyncPfsClient(address) as client:
        with pytest.raises(InvalidRequest, match=f"permission '{number}' does not exist"):
            await client.authorize("r", number)
