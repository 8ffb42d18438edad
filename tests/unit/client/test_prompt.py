"""What tables, names and errors look like at a prompt."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from dataclasses import fields
from datetime import datetime, timezone
from typing import Any

import pytest

import airflow_provider_pachyderm.client as package
from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    AsyncPpsClient,
    Branch,
    ClientConfig,
    Commit,
    CommitInfo,
    CommitState,
    FileCount,
    Modification,
    PfsClient,
    PpsClient,
    Repo,
)
from airflow_provider_pachyderm.client._other_clients import NAMES_HERE, SETTINGS_HERE
from airflow_provider_pachyderm.client._tables import InfoList
from tests.support.pages import DOCS

CLIENTS = [PfsClient, AsyncPfsClient, PpsClient, AsyncPpsClient]
# decorated, in bases that both kinds of client have
SHARED = {"retrying", "transaction"}
COMMIT = Commit(Repo("images"), "master", "f" * 32)
_ROW = re.compile(r"^\| `(?:Client\.|pfs\.|auth\.|transaction\.|version\.)?(\w+)\(", re.MULTILINE)


def table(items: list[Any]) -> str:
    return InfoList(items)._repr_html_()


def test_a_table_has_columns_for_what_is_said() -> None:
    info = CommitInfo(
        COMMIT, CommitState.OPEN, description="<i>", started=datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
    )
    html = table([info])
    assert re.findall("<th>(.*?)</th>", html) == ["commit", "state", "origin", "description", "started"]
    assert re.findall("<td>(.*?)</td>", html) == [str(COMMIT), "open", "unknown", "&lt;i&gt;", "2026-11-30 12:00:00"]


def test_a_table_of_anything() -> None:
    assert table([]) == "<p>empty</p>"
    assert "<td>&lt;script&gt;</td>" in table(["<script>"])
    assert "<td>images@a, images@b</td>" in table([(Branch(Repo("images"), "a"), Branch(Repo("images"), "b"))])
    assert "<td>6869</td><" in table([b"hi"])


def test_a_long_table_is_cut() -> None:
    html = table([COMMIT] * 1201)
    assert html.count("<tr><td>") == 200
    assert "and 1,001 more" in html


def test_a_long_text_is_cut() -> None:
    assert f"<td>{'x' * 200}…</td>" in table(["x" * 1000])
    assert f"<td>{'&lt;' * 200}</td>" in table(["<" * 200])


def test_a_list_is_a_list() -> None:
    items = InfoList([COMMIT])
    assert items == [COMMIT]
    assert repr(items) == repr([COMMIT])
    assert pickle.loads(pickle.dumps(items)) == copy.deepcopy(items) == items


def test_a_number_of_files_says_where_they_are() -> None:
    count = FileCount(3, COMMIT)
    assert repr(count) == f"3 ({COMMIT})"
    assert (str(count), f"{count}", f"{count:,}", "%s %d" % (count, count)) == ("3", "3", "3", "3 3")  # noqa: UP031
    assert repr(FileCount(0)) == "0"


def test_only_public_names_are_listed() -> None:
    assert dir(package) == sorted(package.__all__)


@pytest.mark.parametrize("client", CLIENTS)
def test_errors_about_arguments_name_the_class_that_people_know(client: type) -> None:
    for name, function in inspect.getmembers(client, callable):
        if not name.startswith("__") and name not in SHARED:
            assert inspect.unwrap(function).__qualname__ == f"{client.__name__}.{name}"


def test_a_missing_argument_is_that_of_the_client() -> None:
    call: Any = PfsClient("localhost").get_file
    with pytest.raises(TypeError, match=r"^PfsClient\.get_file\(\) missing 2 required positional arguments"):
        call()
    for known in (PfsClient, PpsClient):
        connect: Any = known.from_url
        with pytest.raises(TypeError, match=rf"^{known.__name__}\.from_url\(\) missing 1 required"):
            connect()
    with pytest.raises(TypeError, match=r"^PfsClient\.put_file\(\) got an unexpected keyword argument 'to'"):
        PfsClient("localhost").put_file("a@b", "/c", "d", to=1)  # type: ignore[call-overload]


@pytest.mark.parametrize("client", CLIENTS[:2])
def test_names_of_other_clients_have_a_hint(client: type) -> None:
    made = client("localhost")
    with pytest.raises(AttributeError, match=r"object has no attribute 'get_remote_version': use client.version\(\)$"):
        made.get_remote_version  # noqa: B018
    with pytest.raises(AttributeError, match=r"'creat_repo'$") as caught:
        made.creat_repo  # noqa: B018
    assert (caught.value.name, caught.value.obj) == ("creat_repo", made)  # Python suggests what is alike
    assert not hasattr(made, "pfs")
    with pytest.raises(AttributeError, match=r"has no attribute 'Client': use PfsClient\(host, port\)$"):
        package.Client  # noqa: B018


@pytest.mark.parametrize("client", CLIENTS[:2])
def test_settings_of_other_clients_have_a_hint(client: Any) -> None:
    name = re.escape(client.__name__)
    with pytest.raises(TypeError, match=rf"^{name}\(\) has no setting 'root_certs': use tls_ca, with tls=True$"):
        client("localhost", root_certs=b"")
    with pytest.raises(TypeError, match=rf"^{name}\.from_url\(\) has no setting 'time_out': use timeout$"):
        client.from_url("localhost", time_out=1)
    for connect in client.from_env, client.from_pachctl_config:
        with pytest.raises(TypeError, match=r"\(\) has no setting 'shoe_size'$"):
            connect(shoe_size=42)


def test_hints_name_what_there_is() -> None:
    settings = {field.name for field in fields(ClientConfig)}
    assert not settings & SETTINGS_HERE.keys()
    assert {hint.split(",")[0].split("=")[0] for hint in SETTINGS_HERE.values() if "`" not in hint} <= settings
    for name, hint in NAMES_HERE.items():
        assert not hasattr(PfsClient, name)
        for owner, member in re.findall(r"\b(client|changes|PfsClient)\.(\w+)", hint):
            assert hasattr(Modification if owner == "changes" else PfsClient, member), hint
        assert all(hasattr(PpsClient, member) for member in re.findall(r"client\.pps\.(\w+)", hint)), hint


def test_each_function_that_the_pages_translate_has_its_hint() -> None:
    """But for what they say there is nothing for, and what belongs to objects that there are none of here."""
    of_others = {"worker", "egress", "check_storage", "put_cache", "get_cache", "clear_cache", "list_task"}
    of_others |= {"create_tf_job_pipeline", "get_kube_events", "query_loki", "garbage_collect"}
    of_old_servers = {"authenticate_github", "authenticate_one_time_password", "get_one_time_password"}
    for page in DOCS.glob("coming-from-*.md"):
        for name in _ROW.findall(page.read_text()):
            known = hasattr(PfsClient, name) or hasattr(package, name)
            assert known or name in NAMES_HERE or name in of_others | of_old_servers, (page.name, name)
