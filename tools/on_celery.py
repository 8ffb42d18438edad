"""The ingestion DAG on CeleryExecutor, with Redis, PostgreSQL and two workers: as it runs on more than one machine.

Run by ``make celery``; everything it makes is below ``.airflow-celery/``. Redis and PostgreSQL are those of Debian
(``apt-get install redis-server postgresql``), started on loopback for as long as it takes. Each worker, and each task,
has a home, a directory for temporary files and a working directory of its own. The exit status is 1 if a run fails,
makes more than its one commit, or brings back other bytes, or if one worker did everything.
"""

from __future__ import annotations

import os
import pwd
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from airflow_provider_pachyderm.client import CommitState, PfsClient  # noqa: E402  (found through the path above)
from airflow_provider_pachyderm.testing.server import DevServer  # noqa: E402
from tools.airflow_stack import Airflow, Report, Run, end_with_sigterm, free_port, places, scattered, wait_until  # noqa: E402

HOME = ROOT / ".airflow-celery"
DAG = "pachyderm_ingest"
WORKERS = ("worker-1", "worker-2")
RUNS = 6


def main() -> int:
    """Run the DAG several times at once, and say how it went."""
    report = Report()
    began = time.monotonic()
    end_with_sigterm()
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir()
    report.step(f"Redis, PostgreSQL, dev server and Airflow with {len(WORKERS)} workers, below {HOME.name}")
    with redis() as broker, postgres() as database, DevServer("2.11.6", HOME / "pachyderm") as server:
        airflow = make_airflow(broker, database)
        try:
            airflow.migrate()
            airflow.start_all(**{worker: scattered(HOME / worker) for worker in WORKERS})
            airflow.connect(server.host, server.port)
            wait_until("the DAG", lambda: [dag["dag_id"] for dag in airflow.get("/dags")["dags"]] == [DAG])
            report.figure(f"{airflow.url}, up after {time.monotonic() - began:.0f} s")
            with PfsClient(server.host, server.port) as client:
                ingest(airflow, client, report)
        finally:
            airflow.stop_all()
    report.figure(f"{time.monotonic() - began:.0f} s")
    return report.end()


def make_airflow(broker: str, database: str) -> Airflow:
    """Return an Airflow with workers that know only the addresses of the rest."""
    dags = HOME / "dags"
    dags.mkdir()
    shutil.copy(ROOT / "example_dags" / f"{DAG}.py", dags)
    airflow = Airflow(
        HOME,
        free_port(),
        dags,
        AIRFLOW__CORE__EXECUTOR="CeleryExecutor",
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"postgresql+psycopg2://{database}",
        AIRFLOW__CELERY__BROKER_URL=broker,
        AIRFLOW__CELERY__RESULT_BACKEND=f"db+postgresql://{database}",
    )
    for worker in WORKERS:
        own = ("--celery-hostname", f"{worker}@%h", "--concurrency", "2", "--skip-serve-logs", "--without-gossip")
        airflow.add(worker, "celery", "worker", *own)
    return airflow


def ingest(airflow: Airflow, client: PfsClient, report: Report) -> None:
    """Run the DAG into a repo for each run, all at once, and look at what is in Pachyderm and what came back."""
    report.step(f"{RUNS} runs of {DAG} at once, each with a sensor that defers")
    source = HOME / "source"
    (source / "deep").mkdir(parents=True)
    (source / "big").write_bytes(random.randbytes(5_000_001))
    (source / "deep" / "small").write_bytes(b"small")
    runs = [start(airflow, f"celery-{number}", source) for number in range(RUNS)]
    states = [run.end() for run in runs]
    report.check(f"{states.count('success')} of {RUNS} runs succeeded", states == ["success"] * RUNS)
    commits = [[info.state for info in client.list_commit(f"celery-{number}")] for number in range(RUNS)]
    report.check("one finished commit in each repo", commits == [[CommitState.FINISHED]] * RUNS)
    back = [files(HOME / f"celery-{number}") for number in range(RUNS)]
    report.check("all bytes came back", back == [files(source)] * RUNS)
    spread(airflow, report)


def start(airflow: Airflow, repo: str, source: Path) -> Run:
    """Start a run into a repo."""
    return Run(airflow, DAG, {"repo": repo, "source": str(source), "url": "", "destination": str(HOME / repo)})


def spread(airflow: Airflow, report: Report) -> None:
    """Show which worker ran how many tasks, in how many places."""
    tasks: list[dict[str, Any]] = airflow.get("/dags/~/dagRuns/~/taskInstances?limit=1000")["task_instances"]
    pids = {str(task["pid"]) for task in tasks if task["pid"]}
    shares = {worker: len(pids & places(HOME / worker)) for worker in WORKERS}
    for worker, share in shares.items():
        report.check(f"{worker} ran {share} of the {len(pids)} processes with a task", share > 0)
    report.check("each of them in its own place", sum(shares.values()) == len(pids))


def files(folder: Path) -> dict[str, bytes]:
    """Read all files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextmanager
def redis() -> Iterator[str]:
    """Run a Redis on loopback that keeps nothing; gives its URL."""
    port = free_port()
    options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(HOME))
    with running("redis", binary("redis-server", "redis-server"), *options):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL on loopback; gives user, address and name of an empty database."""
    port, folder = str(free_port()), HOME / "postgres"
    owner = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name  # it refuses to be run by root
    folder.mkdir()
    shutil.chown(folder, owner)
    initialise = [binary("initdb", "postgresql"), "--auth=trust", "--username=airflow", f"--pgdata={folder}"]
    subprocess.run(initialise, user=owner, cwd="/", check=True, stdout=subprocess.DEVNULL)
    options = ("-D", str(folder), "-p", port, "-k", str(folder), "-h", "127.0.0.1", "-F")
    create = [binary("createdb", "postgresql"), "-h", "127.0.0.1", "-p", port, "-U", "airflow", "airflow"]
    with running("postgres", binary("postgres", "postgresql"), *options, user=owner):
        wait_until("PostgreSQL", lambda: subprocess.run(create, capture_output=True).returncode == 0, 60)
        yield f"airflow@127.0.0.1:{port}/airflow"


@contextmanager
def running(name: str, *command: str, user: str | None = None) -> Iterator[None]:
    """Run a process for the length of the block."""
    with (
        (HOME / f"{name}.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, user=user, cwd="/", start_new_session=True) as process,
    ):
        try:
            yield
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()


def binary(name: str, package: str) -> str:
    """Find a program; Debian keeps PostgreSQL's away from the path."""
    homes = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([*homes, os.environ.get("PATH", "")]))
    if found is None:
        raise SystemExit(f"{name} is not there: apt-get install {package}")
    return found


if __name__ == "__main__":
    sys.exit(main())
