"""The main job, end to end: files and a URL go into Pachyderm, a sensor sees the commit, the files come back.

Run by ``make demo``; everything it makes is below ``.demo/``. With ``PACHD_ADDRESS`` set it uses that server instead
of the embedded one, in a repo of its own that it deletes afterwards. Then the URL step needs a ``DEMO_URL`` which that
server can reach, and is skipped without one.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit
from urllib.request import urlopen

from airflow_provider_pachyderm.client import ClientConfig, PfsClient

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / ".demo"
SOURCE, WEBSITE, FETCHED = DEMO / "source", DEMO / "website", DEMO / "fetched"
AIRFLOW_LOG, SERVER_LOG = DEMO / "airflow.log", DEMO / "devserver.log"
DAG = "pachyderm_ingest"


def say(text: str) -> None:
    """Announce a step."""
    print(f"\n==> {text}", flush=True)


@dataclass(frozen=True)
class Target:
    """The server to use and what may be done there."""

    config: ClientConfig
    repo: str
    url: str | None


def make_source() -> None:
    """Real files of several kinds: text in folders, an empty one, and one of several chunks."""
    shutil.copytree(ROOT / "proto", SOURCE / "proto")
    shutil.copy(ROOT / "LICENSE", SOURCE)
    (SOURCE / "empty").touch()
    (SOURCE / "random.bin").write_bytes(os.urandom(5_000_001))


@contextlib.contextmanager
def dev_server(version: str) -> Iterator[str]:
    """Run the embedded server; yields its address."""
    command = [sys.executable, "-m", "airflow_provider_pachyderm.devserver", "--port", "0"]
    command += ["--version", version, "--data", str(DEMO / "pachyderm")]
    with (
        SERVER_LOG.open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            ready = process.stdout.readline().split()
            if ready[:1] != ["ready"]:
                raise SystemExit(f"The dev server did not start:\n{SERVER_LOG.read_text()}")
            yield ready[1]
        finally:
            process.terminate()


@contextlib.contextmanager
def website() -> Iterator[str]:
    """Serve one file over HTTP on loopback; yields its URL."""
    WEBSITE.mkdir()
    shutil.copy(ROOT / "README.md", WEBSITE / "readme.md")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_QuietHandler, directory=str(WEBSITE)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/readme.md"
    finally:
        server.shutdown()
        server.server_close()


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """The demo says itself what it does."""


@contextlib.contextmanager
def embedded(version: str) -> Iterator[Target]:
    """Our own server and website."""
    say(f"dev server, Pachyderm {version}, data in {DEMO.name}/pachyderm")
    with dev_server(version) as address, website() as url:
        print(f"    serving on {address}")
        yield Target(ClientConfig(host=address), "airflow-demo", url)


@contextlib.contextmanager
def external(address: str) -> Iterator[Target]:
    """Somebody's server: a repo of our own there, deleted afterwards."""
    url = os.environ.get("DEMO_URL")
    target = Target(ClientConfig.from_env(), f"airflow-demo-{uuid.uuid4().hex[:8]}", url)
    say(f"server {address}, repo {target.repo}" + ("" if url else "; DEMO_URL is not set: the URL step is skipped"))
    try:
        yield target
    finally:
        with PfsClient(config=target.config) as client:
            client.delete_repo(target.repo)
        print(f"    deleted repo {target.repo}")


def airflow_environment(target: Target) -> dict[str, str]:
    """An Airflow home of our own and the connection."""
    config = target.config
    connection = {
        "conn_type": "pachyderm",
        "host": config.host,
        "port": config.port,
        "password": config.auth_token,
        "extra": {"tls": config.tls},
    }
    return os.environ | {
        "AIRFLOW_HOME": str(DEMO / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "example_dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW_CONN_PACHYDERM_DEFAULT": json.dumps(connection),
    }


def airflow(arguments: list[str], environment: dict[str, str]) -> None:
    """Run an ``airflow`` command, its output going to the log; tasks are named as they end."""
    command = [str(Path(sys.executable).with_name("airflow")), *arguments]
    with (
        AIRFLOW_LOG.open("a") as log,
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            log.write(line)
            if task := re.search(r"\[DAG TEST\] end task task_id=(\S+)", line):
                print(f"    {task[1]}", flush=True)
    if process.returncode:
        tail = AIRFLOW_LOG.read_text(errors="replace").splitlines()[-40:]
        raise SystemExit(
            "\n".join([*tail, f"`airflow {' '.join(arguments[:3])}` failed; the whole log: {AIRFLOW_LOG}"])
        )


def run_dag(target: Target) -> None:
    """``airflow dags test`` of the example."""
    environment = airflow_environment(target)
    if not (DEMO / "airflow" / "airflow.db").exists():
        say("airflow db migrate")
        airflow(["db", "migrate"], environment)
    conf = {"repo": target.repo, "source": str(SOURCE), "url": target.url or "", "destination": str(FETCHED)}
    say(f"airflow dags test {DAG}    (log: {AIRFLOW_LOG.relative_to(ROOT)})")
    airflow(["dags", "test", DAG, "--conf", json.dumps(conf)], environment)


def show(target: Target) -> None:
    """What Pachyderm has now: commits, newest first, and files."""
    with PfsClient(config=target.config) as client:
        say(f"commits of {target.repo}, Pachyderm {client.version()}")
        for info in client.list_commit(target.repo):
            about = info.description.partition("\n")[0]
            print(f"    {info.commit}  {info.state.name.lower()}  {info.started:%H:%M:%S}  {about}")
        say(f"files of {target.repo}@master")
        for file in client.walk_file((target.repo, "master"), "/"):
            print(f"    {file.size_bytes:>9}  {file.path}")


def expected_files(target: Target) -> dict[str, bytes]:
    """What must have come back."""
    files = {str(path.relative_to(SOURCE)): path.read_bytes() for path in SOURCE.rglob("*") if path.is_file()}
    if target.url:
        with urlopen(target.url) as response:
            files[f"web/{Path(urlsplit(target.url).path).name}"] = response.read()
    return files


def compare(target: Target) -> bool:
    """Byte for byte, both ways."""
    say(f"comparison of what was sent with {FETCHED.relative_to(ROOT)}")
    expected = expected_files(target)
    fetched = {str(path.relative_to(FETCHED)): path.read_bytes() for path in FETCHED.rglob("*") if path.is_file()}
    for name in sorted(expected.keys() | fetched.keys()):
        same = expected.get(name) == fetched.get(name)
        verdict = (
            "same" if same else "missing" if name not in fetched else "not sent" if name not in expected else "differs"
        )
        print(f"    {verdict:8}  {name}")
    same = expected == fetched
    total = sum(map(len, fetched.values()))
    print(
        f"\n{len(fetched)} files, {total} bytes fetched: "
        + ("all equal to the source" if same else "NOT equal to the source")
    )
    return same


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pachyderm", default="2.11.6", help="version that the embedded server plays")
    version: str = parser.parse_args().pachyderm
    for folder in (SOURCE, WEBSITE, FETCHED, DEMO / "pachyderm"):
        shutil.rmtree(folder, ignore_errors=True)
    DEMO.mkdir(exist_ok=True)
    SOURCE.mkdir()
    AIRFLOW_LOG.unlink(missing_ok=True)
    make_source()
    address = os.environ.get("PACHD_ADDRESS")
    with external(address) if address else embedded(version) as target:
        run_dag(target)
        show(target)
        return 0 if compare(target) else 1


if __name__ == "__main__":
    sys.exit(main())
