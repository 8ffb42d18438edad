"""Secrets are planted wherever a user can put one: nothing that is written, shown, sent or stored may have them."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import secrets
import traceback
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.common.compat import sdk
from airflow.providers.common.compat.sdk import TaskDeferred

from airflow_provider_pachyderm._compat import get_hook_lineage_collector
from airflow_provider_pachyderm.client import AsyncPfsClient, ClientConfig, PfsClient
from airflow_provider_pachyderm.decorators._task import _PachydermTask
from airflow_provider_pachyderm.decorators.pachyderm import CommitToWrite
from airflow_provider_pachyderm.fs.filesystem import PachydermFileSystem
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermGetFilesOperator,
    PachydermListFilesOperator,
    PachydermPutFileOperator,
    PachydermPutFileUrlOperator,
)
from airflow_provider_pachyderm.sensors.pachyderm import PachydermCommitSensor, PachydermFileSensor
from airflow_provider_pachyderm.testing.server import DevServer
from airflow_provider_pachyderm.triggers.pachyderm import PachydermFileTrigger
from tests.support.airflow_task import context_of
from tests.support.web import Website

try:
    from airflow.sdk.lineage import HookLineageCollector
except ImportError:  # Airflow 2
    from airflow.lineage.hook import HookLineageCollector  # type: ignore[no-redef]

CANARY = secrets.token_hex(6)
TOKEN, ID_TOKEN, USER, PASSWORD = (f"{CANARY}-{kind}" for kind in ("token", "idtoken", "user", "password"))
LOGIN = f"{USER}:{PASSWORD}@"
SIGNED = f"?X-Amz-Signature={CANARY}-sig&token={CANARY}-query&n={CANARY}"
KEY = f"-----BEGIN PRIVATE KEY-----\n{CANARY * 5}\n-----END PRIVATE KEY-----\n"


@pytest.fixture(scope="module", params=[pytest.param("1.13.4", marks=pytest.mark.thorough), "2.11.6"])
def guarded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    options = ("--verbose", "--auth-token", TOKEN, "--id-token", f"{ID_TOKEN}=jane@example.com")
    with DevServer(request.param, tmp_path_factory.mktemp("guarded"), *options) as server:
        yield server


class Shown:
    """All that anybody could see of what was done.

    :param log: has what was logged meanwhile.
    """

    def __init__(self, log: pytest.LogCaptureFixture, lineage: Any) -> None:
        self.texts: list[str] = []
        self.failed = 0
        self._log = log
        self._lineage = lineage

    def of(self, deed: Callable[[], Any]) -> None:
        """Do something and keep all that it shows, however it ends."""
        try:
            self.add(deed())
        except TaskDeferred as deferral:
            self.add(deferral.trigger.serialize())
        except Exception as error:
            self.failed += 1
            self.add("".join(traceback.format_exception(error)), repr(error), vars(error), pickle.dumps(error))

    def task(self, task: Any) -> None:
        """Render and run a task, and keep also its XComs, and its fields as Airflow shows them."""
        context = context_of(task)
        self.of(lambda: task._do_render_template_fields(task, task.template_fields, context, None, set()))
        self.add(rendered(task))
        self.of(lambda: task.execute(context))
        self.add(context["ti"].xcoms)

    def add(self, *values: Any) -> None:
        self.texts += [value.decode("latin-1") if isinstance(value, bytes) else repr(value) for value in values]

    def check(self, *others: str) -> None:
        collected = self._lineage.collected_assets
        assets = [each.asset.uri for each in (*collected.inputs, *collected.outputs)]
        records = [f"{record.getMessage()} {record.exc_text} {record.args!r}" for record in self._log.records]
        whole = (*self.texts, *assets, *records, self._log.text, *others)
        assert not {_around(line) for text in whole for line in text.splitlines() if CANARY in line}


def _around(line: str) -> str:
    place = line.index(CANARY)
    return line[max(0, place - 150) : place + 50]


def rendered(task: Any) -> Any:
    try:
        from airflow.sdk.execution_time.task_runner import _serialize_rendered_fields
    except ImportError:  # Airflow 2
        from airflow.serialization.helpers import serialize_template_field
        from airflow.utils.log.secrets_masker import redact

        return [redact(serialize_template_field(getattr(task, name), name), name) for name in task.template_fields]
    return _serialize_rendered_fields(task)


@pytest.fixture
def shown(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Shown:
    caplog.set_level(logging.DEBUG)
    collector = HookLineageCollector()
    monkeypatch.setattr(sdk, "get_hook_lineage_collector", lambda: collector, raising=False)
    # which has it collect assets on Airflow 2, too
    return Shown(caplog, get_hook_lineage_collector())


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Set ``pachyderm_default``."""

    def connect(**fields: Any) -> str:
        monkeypatch.setenv("AIRFLOW_CONN_PACHYDERM_DEFAULT", json.dumps({"conn_type": "pachyderm", **fields}))
        return "pachyderm_default"

    return connect


@pytest.fixture
def repo(guarded: DevServer) -> str:
    name = f"canary-{secrets.token_hex(4)}"
    with PfsClient(guarded.host, guarded.port, auth_token=TOKEN) as client:
        client.create_repo(name)
    return name


def written(server: DevServer) -> str:
    """What the server has logged and what it keeps."""
    files = [path for path in server._folder.rglob("*") if path.is_file()]
    assert server._folder / "server.log" in files
    return "\n".join(path.read_bytes().decode("latin-1") for path in files)


def urls(website: Website) -> list[str]:
    """A page that is there, and what is refused in every way there is."""
    there = website.add(f"/page{SIGNED}", b"content")
    host = website.url("").removeprefix("http://")
    return [
        there,
        website.url(f"/none{SIGNED}"),
        f"http://{LOGIN}{host}/none{SIGNED}",
        f"http://{LOGIN}127.0.0.1:1/{SIGNED}",
        f"http://{USER}:{PASSWORD}/{PASSWORD}@{host}/a{SIGNED}",
        f"ftp://{LOGIN}{host}/a{SIGNED}",
        f"s3://{LOGIN}bucket/a{SIGNED}",
        f"nothing://{LOGIN}x/{SIGNED}#{CANARY}",
        f"http://[{LOGIN}x/{SIGNED}",
        f"{LOGIN}{host}/a{SIGNED}",
    ]


def test_tasks_that_put_urls(
    guarded: DevServer, repo: str, website: Website, shown: Shown, connect: Callable[..., str]
) -> None:
    console = f"https://{LOGIN}console.example.com/{SIGNED}"
    connect(host=guarded.host, port=guarded.port, password=TOKEN, extra={"console_url": console})
    for number, url in enumerate(urls(website)):
        shown.task(PachydermPutFileUrlOperator(task_id=f"put-{number}", repo=repo, path="/a", url=url))
    assert shown.failed == len(urls(website)) - 1
    shown.check(written(guarded))


def fetch(url: str, out: CommitToWrite) -> CommitToWrite:
    out.client.put_file_url(out, "/a", url)
    return out


def test_functions_that_fetch_urls(
    guarded: DevServer, repo: str, website: Website, shown: Shown, connect: Callable[..., str]
) -> None:
    console = f"https://{LOGIN}console.example.com/{SIGNED}"
    connect(host=guarded.host, port=guarded.port, password=TOKEN, extra={"console_url": console})
    for number, url in enumerate(urls(website)):
        options: Any = {"writes": {"out": f"{repo}@master"}, "op_kwargs": {"url": url}}
        shown.task(_PachydermTask(task_id=f"fetch-{number}", python_callable=fetch, **options))
    assert shown.failed == len(urls(website)) - 1
    shown.check(written(guarded))


def test_tasks_that_put_and_get_files_elsewhere(
    guarded: DevServer, repo: str, website: Website, shown: Shown, connect: Callable[..., str], tmp_path: Path
) -> None:
    connect(host=guarded.host, port=guarded.port, password=TOKEN)
    (tmp_path / "a").write_bytes(b"1")
    shown.task(PachydermPutFileOperator(task_id="put", repo=repo, path="/a", source=str(tmp_path / "a")))
    assert shown.failed == 0
    for number, url in enumerate([*urls(website)[:-1], f"sftp://{LOGIN}127.0.0.1:1/a", f"gs://{LOGIN}b/a"]):
        shown.task(PachydermPutFileOperator(task_id=f"put-{number}", repo=repo, path="/a", source=url))
        shown.task(PachydermGetFilesOperator(task_id=f"get-{number}", repo=repo, path="/none", destination=url))
        shown.task(PachydermListFilesOperator(task_id=f"list-{number}", repo=repo, path="/none", manifest=url))
    shown.task(PachydermCommitSensor(task_id="commit", repo=repo, deferrable=True, from_commit=f"{repo}@master"))
    shown.task(PachydermFileSensor(task_id="file", repo=repo, path="/a"))
    shown.check(written(guarded))


def test_connections(guarded: DevServer, shown: Shown, connect: Callable[..., str], tmp_path: Path) -> None:
    pachctl = tmp_path / "config.json"
    place = f"{guarded.host}:{guarded.port}"
    context = {"pachd_address": f"grpc://{LOGIN}{place}", "session_token": TOKEN}
    pachctl.write_text(json.dumps({"v2": {"active_context": "a", "contexts": {"a": context}}}))
    fields: list[dict[str, Any]] = [
        {"host": guarded.host, "port": guarded.port, "password": TOKEN},
        {"host": guarded.host, "port": guarded.port, "password": f"{TOKEN}-wrong"},
        {"host": guarded.host, "port": 1, "password": TOKEN, "extra": {"retry_timeout": 0}},
        {"host": f"grpcs://{LOGIN}{guarded.host}", "port": guarded.port, "password": TOKEN},
        {"host": f"{LOGIN}{guarded.host}", "password": TOKEN},
        {"host": f"https://{guarded.host}/{SIGNED}", "password": TOKEN},
        {"host": guarded.host, "port": guarded.port, "login": USER, "password": PASSWORD, "schema": TOKEN},
        {"host": guarded.host, "password": f"{TOKEN}\n"},
        {"host": guarded.host, "extra": {"tls_private_key": KEY, "tls_cert": KEY, "tls": "true"}},
        {"host": guarded.host, "extra": {"tls_private_key": CANARY * 5, "tls_cert": "/none", "tls": "true"}},
        {"host": guarded.host, "extra": {"tls_private_key": [KEY]}},
        {"host": guarded.host, "port": guarded.port, "extra": {"console_url": f"{LOGIN}console.example.com"}},
        {"extra": {"pachctl_config": str(pachctl)}},
        {"host": guarded.host, "port": guarded.port, "extra": {"pachctl_config": str(pachctl)}},
    ]
    for each in fields:
        connect(**each)
        shown.of(PachydermHook().test_connection)
        shown.of(lambda: repr(PachydermHook().config()))
        shown.of(lambda: repr(asyncio.run(PachydermHook().async_config())))
        shown.task(PachydermPutFileOperator(task_id="put", repo="repo", path="/a", content="x"))
        shown.task(PachydermFileSensor(task_id="wait", repo="none", path="/a", deferrable=True, timeout=1))
        shown.of(lambda: asyncio.run(_event(_trigger())))
        shown.of(lambda: PachydermFileSystem(skip_instance_cache=True).to_json())
        shown.of(lambda: PachydermFileSystem(skip_instance_cache=True).ls("/"))
    shown.check(written(guarded))


def _trigger() -> Any:
    deadline = (datetime.now(timezone.utc) + timedelta(seconds=1)).isoformat()
    return PachydermFileTrigger(repo="none", branch="master", path="/a", deadline=deadline)


async def _event(trigger: Any) -> Any:
    return trigger.serialize(), (await anext(trigger.run())).payload


def test_what_the_masker_is_told(shown: Shown, connect: Callable[..., str], tmp_path: Path) -> None:
    """Airflow masks these in the texts of others, too: in tracebacks, and in what a task prints."""
    redact = sdk.redact
    pachctl = tmp_path / "config.json"
    pachctl.write_text(json.dumps({"v1": {"pachd_address": "grpc://pachd", "session_token": f"{TOKEN}-of-pachctl"}}))
    connect(
        password=TOKEN,
        extra={"console_url": f"https://{LOGIN}example.com/{SIGNED}", "pachctl_config": str(pachctl)},
    )
    PachydermHook().config()
    connect(host="grpcs://pachd", extra={"tls_private_key": KEY})
    shown.of(lambda: PachydermHook().config())
    for secret in (TOKEN, f"{TOKEN}-of-pachctl", LOGIN, PASSWORD, SIGNED, f"{CANARY}-sig", *KEY.splitlines()[1:2]):
        assert CANARY not in redact(f"they say: {secret}!"), secret


def use(kind: Any, shown: Shown, deed: Callable[[Any], Any], *place: Any, **settings: Any) -> Callable[[], Any]:
    """Make what makes a client, does something with it and closes it."""

    async def run() -> Any:
        async with kind(*place, **settings) as client:
            shown.add(client, client.config)
            return await deed(client)

    def run_sync() -> Any:
        with kind(*place, **settings) as client:
            shown.add(client, client.config)
            return deed(client)

    return run_sync if kind is PfsClient else lambda: asyncio.run(run())


def put_url(repo: str, url: str) -> Callable[[Any], Any]:
    return lambda client: client.put_file_url((repo, "master"), "/a", url)


@pytest.mark.parametrize("kind", [PfsClient, AsyncPfsClient])
def test_clients(guarded: DevServer, shown: Shown, website: Website, repo: str, kind: Any) -> None:
    place = (guarded.host, guarded.port)
    for url in urls(website):
        shown.of(use(kind, shown, put_url(repo, url), *place, auth_token=TOKEN))
        shown.of(partial(kind.from_url, url))
        shown.of(partial(ClientConfig.from_env, {"PACHD_ADDRESS": url}))
    for token in (f"{TOKEN}-wrong", f"{TOKEN}\n", f"{TOKEN}é"):
        shown.of(use(kind, shown, lambda client: client.list_repo(), *place, auth_token=token))
    shown.of(use(kind, shown, lambda client: client.authenticate_id_token(f"{ID_TOKEN}-wrong"), *place))
    shown.check(written(guarded))
