"""What must work on any Airflow: found, shown in the connection form, connected, running a DAG, started by a commit.

Run by ``make smoke`` in an environment of each older Airflow. It prints a line per check; the exit status is 1 if one
failed.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

os.environ["AIRFLOW__CORE__FERNET_KEY"] = base64.urlsafe_b64encode(os.urandom(32)).decode()

from airflow_provider_pachyderm.testing.server import DevServer  # noqa: E402
from tests.support.airflow_home import EXAMPLE_DAGS  # noqa: E402  (found through the path above; sets Airflow's home)
from tests.support.airflow_runs import AirflowRuns  # noqa: E402
from tools.airflow_stack import Airflow, CommitEvents, end_with_sigterm, free_port, wait_until  # noqa: E402

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import PfsClient

PACHYDERM = "2.11.6"
TYPE = "pachyderm"


def check_discovery(server: DevServer) -> str:
    """The provider is found, with its links."""
    from airflow.providers_manager import ProvidersManager

    manager = ProvidersManager()  # type: ignore[no-untyped-call]
    found = manager.providers["airflow-provider-pachyderm"]
    links = [link for link in manager.extra_links_class_names if link.startswith("airflow_provider_pachyderm.")]
    assert links, "no links"
    return f"{found.version}, {len(links)} links"


def check_form(server: DevServer) -> str:
    """The connection form shows our fields, by whichever way this Airflow learns of them."""
    from airflow.api_fastapi.core_api.services.ui.connections import HookMetaService

    from airflow_provider_pachyderm.hooks._form import EXTRA_FIELDS

    (shown,) = [meta for meta in HookMetaService.hook_meta_data() if meta.connection_type == TYPE]
    assert shown.hook_name == "Pachyderm", shown.hook_name
    if version("apache-airflow").startswith("3.0.") and not _has("flask-appbuilder"):
        # As with every provider there: the fields come from forms of a package that is not installed.
        return "listed; the fields need apache-airflow-providers-fab"
    fields = shown.extra_fields or {}
    assert set(fields) == {field.key for field in EXTRA_FIELDS}, sorted(fields)
    assert shown.standard_fields is not None
    assert shown.standard_fields.password is not None
    return f"{len(fields)} fields, password is {shown.standard_fields.password.title!r}"


def check_connection(server: DevServer) -> str:
    """A connection survives the URI, and the Test button is answered."""
    from airflow.models.connection import Connection

    from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook

    extra = {"project": "default", "timeout": 20, "tls": "false"}
    connection = Connection(
        "smoke", TYPE, host=server.host, port=server.port, password="token", extra=json.dumps(extra)
    )
    configs = []
    for text in (connection.get_uri(), connection.as_json()):
        os.environ["AIRFLOW_CONN_SMOKE"] = text
        configs.append(PachydermHook("smoke").config())
    assert configs[0] == configs[1], configs
    assert (configs[0].auth_token, configs[0].timeout, configs[0].project) == ("token", 20, "default")
    works, said = PachydermHook("smoke").test_connection()
    assert works, said
    return said.splitlines()[0]


def check_dag(server: DevServer) -> str:
    """Operators and a sensor run, without a deprecated call of ours."""
    with AirflowRuns() as runs, tempfile.TemporaryDirectory() as folder:
        source, fetched = Path(folder, "source"), Path(folder, "fetched")
        source.mkdir()
        (source / "file").write_bytes(os.urandom(1_000_000))
        conf = {"repo": "smoke", "source": str(source), "url": "", "destination": str(fetched)}
        run = runs.run(EXAMPLE_DAGS / "pachyderm_ingest.py", "pachyderm_ingest", conf, _environment(server))
        assert run, f"{run.state} {run.tasks} {run.error}\n{run.log[-4000:]}"
        assert (fetched / "file").read_bytes() == (source / "file").read_bytes()
        return f"{len(run.tasks)} tasks, {run.state}"


def check_deferral(server: DevServer) -> str:
    """A sensor wakes that has to wait in its trigger."""
    from airflow_provider_pachyderm.client import PfsClient

    with PfsClient(server.host, server.port) as client, AirflowRuns() as runs:
        for repo in ("texts", "counts"):
            client.create_repo(repo)
        conf = {"repo": "texts", "results": "counts"}
        file = EXAMPLE_DAGS / "pachyderm_on_commit.py"
        runs.begin(file, "pachyderm_on_commit", conf, _environment(server))
        runs.wait_for_log("running trigger in line")
        client.put_file_bytes("texts@master", "/a", b"two words")
        run = runs.end()
        assert run, f"{run.state} {run.tasks} {run.error}\n{run.log[-4000:]}"
        assert client.get_files("counts@master", "/words.csv") == {"/words.csv": b"/a,2\n"}
        return "woken by a commit"


def check_watcher(server: DevServer) -> str:
    """Commits start a DAG, one by one, in a whole Airflow: scheduler, triggerer, DAG processor and API."""
    from airflow_provider_pachyderm.client import PfsClient

    with PfsClient(server.host, server.port) as client, _whole_airflow(server, "pachyderm_events") as airflow:
        client.create_repo("images")
        seen = CommitEvents(airflow)
        # A watcher without a cursor begins at the head, and does not say when.
        commits = [wait_until("the watcher", lambda: _commit_until_seen(client, seen))]
        for _ in range(3):
            commits.append(_commit(client))
            wait_until("a run", lambda: seen.runs()[commits[-1]])
        runs = seen.runs()
        assert all(runs[commit] == 1 for commit in commits), f"{runs} for {commits}"
        return f"{len(commits)} commits, a run each"


CHECKS: dict[str, Callable[[DevServer], str]] = {
    "discovery": check_discovery,
    "form": check_form,
    "connection": check_connection,
    "dag": check_dag,
    "deferral": check_deferral,
    "watcher": check_watcher,
}


@contextmanager
def _whole_airflow(server: DevServer, dag: str) -> Iterator[Airflow]:
    """Run every component, with one DAG of the examples."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        dags = Path(folder, "dags")
        dags.mkdir()
        shutil.copy(EXAMPLE_DAGS / f"{dag}.py", dags)
        airflow = Airflow(Path(folder, "home"), free_port(), dags)
        try:
            airflow.migrate()
            airflow.start_all()
            airflow.connect(server.host, server.port)
            yield airflow
        finally:
            airflow.stop_all()


def _commit(client: PfsClient) -> str:
    with client.commit("images", "master") as commit:
        client.put_file_bytes(commit, "/file", os.urandom(8))
    return str(client.inspect_commit(commit).commit)


def _commit_until_seen(client: PfsClient, seen: CommitEvents) -> str | None:
    commit = _commit(client)
    with suppress(TimeoutError):
        wait_until("a run", lambda: seen.runs()[commit], patience=15)
        return commit
    return None


def _environment(server: DevServer) -> str:
    return json.dumps({"conn_type": TYPE, "host": server.host, "port": server.port})


def _has(distribution: str) -> bool:
    with suppress(ModuleNotFoundError):
        return bool(version(distribution))
    return False


def _result(check: Callable[[DevServer], str], server: DevServer) -> tuple[bool, str]:
    try:
        return True, check(server)
    except Exception as error:
        return False, f"{type(error).__name__}: {error}"


def main() -> int:
    """Make every check, whatever becomes of the others."""
    end_with_sigterm()
    packages = ("apache-airflow", "apache-airflow-providers-common-compat", "protobuf", "grpcio")
    print("==>", ", ".join(f"{package} {version(package)}" for package in packages), flush=True)
    warnings.filterwarnings("ignore", module=r"airflow\.")  # of Airflow, about itself
    results: list[bool] = []
    with tempfile.TemporaryDirectory() as folder, DevServer(PACHYDERM, Path(folder)) as server:
        for name, check in CHECKS.items():
            works, said = _result(check, server)
            print(f"    {'ok' if works else 'FAILED':8}{name:12}{said}", flush=True)
            results.append(works)
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
