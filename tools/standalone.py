"""Airflow as it really runs - scheduler, triggerer, LocalExecutor - beside the dev server, while things go wrong.

Run by ``make standalone``; everything it makes is below ``.airflow-standalone/``. The DAGs are those of
``example_dags``, one with every sensor, and one that drops what a dead run left open. It restarts and kills the
triggerer, restarts the dev server, kills tasks that wait and that write, and gives every process that runs a task a
home, a directory for temporary files and a working directory of its own. The exit status is 1 if a commit started no
run, or started two through graceful restarts, if a sensor missed what it waited for, if a killed task left more than
its one commit, or if a run dropped the commit of one that was still writing.

``--serve`` starts everything, shows where it is, and stays until SIGINT or SIGTERM.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from airflow_provider_pachyderm.client import CommitState, OriginKind, PfsClient  # noqa: E402  (found through the path above)
from airflow_provider_pachyderm.testing.server import DevServer  # noqa: E402
from tools.airflow_stack import (  # noqa: E402
    Airflow,
    CommitEvents,
    Report,
    Run,
    end_with_sigterm,
    free_port,
    places,
    scattered,
    wait_until,
)

HOME = ROOT / ".airflow-standalone"
EXAMPLES = ROOT / "example_dags"
EVENTS, INGEST, WAIT = "pachyderm_events", "pachyderm_ingest", "wait_in_every_mode"
DROP = "drop_ours"
WATCHED, KILLED, WAITED, LEFT = "images", "killed", "waited", "left"
WAITING = ("running", "up_for_reschedule", "deferred")
INTERRUPTIONS = 3
BIG_FILE = 400_000_000


@contextmanager
def stack(port: int, dags: Path) -> Iterator[tuple[Airflow, DevServer]]:
    """Start the dev server and all of Airflow, and end everything afterwards.

    :param port: of Airflow
    :param dags: its DAG folder
    """
    airflow = Airflow(HOME, port, dags)
    with DevServer("2.11.6", HOME / "pachyderm") as server:
        try:
            airflow.migrate()
            airflow.start_all(scheduler=scattered(HOME / "places"))
            yield airflow, server
        finally:
            airflow.stop_all()


class Watch(CommitEvents):
    """The events of the watched branch, and the runs they started."""

    def __init__(self, airflow: Airflow, client: PfsClient) -> None:
        super().__init__(airflow)
        self._client = client
        self.commits: list[str] = []

    def begin(self) -> None:
        """Wait until the watcher knows where it begins."""
        wait_until("the DAGs", lambda: {EVENTS, INGEST, WAIT, DROP} <= self._dags())
        wait_until("the watcher's cursor", self._cursor)

    def commit(self) -> str:
        """Make a commit, and return it."""
        with self._client.commit(WATCHED, "master") as commit:
            self._client.put_file_bytes(commit, f"/{len(self.commits)}", random.randbytes(1000))
        self.commits.append(str(self._client.inspect_commit(commit).commit))
        return self.commits[-1]

    def wait_for_event(self, commit: str) -> None:
        """Return as soon as a commit has an event."""
        wait_until(f"an event of {commit}", lambda: self.events()[commit], every=0.02)

    def wait_for_run(self, commit: str) -> None:
        """Wait until a commit has started a run, and the run has succeeded."""
        wait_until(f"a run for {commit}", lambda: self.runs()[commit])
        wait_until(f"the end of the runs after {commit}", lambda: not self._running())

    def _running(self) -> bool:
        states = Counter(run["state"] for run in self._airflow.get(f"/dags/{EVENTS}/dagRuns?limit=1000")["dag_runs"])
        if states["failed"]:
            raise RuntimeError(f"A run of {EVENTS} failed")
        return bool(states["queued"] + states["running"])

    def _dags(self) -> set[str]:
        return {dag["dag_id"] for dag in self._airflow.get("/dags")["dags"]}

    def _cursor(self) -> bool:
        (asset,) = (asset for asset in self._airflow.get("/assets")["assets"] if asset["name"] == WATCHED)
        return bool(self._airflow.get(f"/assets/{asset['id']}/state-store")["asset_state_store"])


def event_driven(airflow: Airflow, server: DevServer, watch: Watch, report: Report) -> None:
    """Make commits through graceful restarts: each must start one run."""
    report.step("event-driven DAG: a commit while all is well")
    began = time.monotonic()
    watch.wait_for_run(watch.commit())
    report.figure(f"{time.monotonic() - began:.1f} s from the commit to the end of its run")

    report.step("graceful restart of the triggerer, with a commit while it is down")
    airflow.stop("triggerer")
    commit = watch.commit()
    airflow.start("triggerer")
    watch.wait_for_run(commit)

    report.step("graceful restart of the dev server")
    server.stop()
    time.sleep(3)
    server.start()
    watch.wait_for_run(watch.commit())

    report.step("graceful restart of both, with three commits while the triggerer is down")
    airflow.stop("triggerer")
    server.stop()
    server.start()
    burst = [watch.commit() for _ in range(3)]
    airflow.start("triggerer")
    for commit in burst:
        watch.wait_for_run(commit)
    report.check(f"{len(watch.commits)} commits, one event each", watch.events() == Counter(watch.commits))
    report.check("each commit in one run", watch.runs() == Counter(watch.commits))


def interruptions(airflow: Airflow, watch: Watch, report: Report) -> None:
    """End the triggerer as soon as an event is stored: the worst moment, as the cursor may not be saved."""
    for how, end in (("SIGKILL", airflow.kill), ("SIGTERM", airflow.stop)):
        report.step(f"{how} to the triggerer as soon as an event is stored, {INTERRUPTIONS} times")
        interrupted = [interrupt(airflow, watch, end) for _ in range(INTERRUPTIONS)]
        events = watch.events()
        times = ", ".join(str(events[commit]) for commit in interrupted)
        report.figure(f"events of the commits that were interrupted: {times}")
        report.check("no commit was lost", set(events) == set(watch.commits))


def interrupt(airflow: Airflow, watch: Watch, end: Callable[[str], None]) -> str:
    """Make a commit, end the triggerer at its event, start it again, and wait for a run of the next commit."""
    commit = watch.commit()
    watch.wait_for_event(commit)
    end("triggerer")
    airflow.start("triggerer")
    airflow.wait_until_healthy()
    watch.wait_for_run(watch.commit())
    return commit


def killed_task(airflow: Airflow, client: PfsClient, report: Report) -> None:
    """Kill a task while it writes a big file; the scheduler's retry must leave one commit."""
    report.step("SIGKILL of a task half way through its upload")
    source = HOME / "source"
    source.mkdir()
    (source / "big").write_bytes(random.randbytes(1_000_000) * (BIG_FILE // 1_000_000))
    client.create_repo(KILLED)
    conf = {"repo": KILLED, "source": str(source), "url": "", "destination": str(HOME / "fetched")}
    run = Run(airflow, INGEST, conf)
    wait_until("the upload", lambda: open_commits(client), every=0.05)
    os.kill(run.task("put_directory")["pid"], signal.SIGKILL)
    report.check("the killed try left its commit open", bool(open_commits(client)))
    report.check("the run succeeded", run.end() == "success")
    tries = run.task("put_directory")["try_number"]
    report.check(f"the upload took {tries} tries", tries == 2)
    # A server of 2.x makes an empty one of its own when the only commit of a branch is dropped.
    commits = [info for info in client.list_commit(KILLED) if info.origin is not OriginKind.AUTO]
    report.check(f"{len(commits)} commit, finished", [info.state for info in commits] == [CommitState.FINISHED])
    same = (HOME / "fetched" / "big").read_bytes() == (source / "big").read_bytes()
    report.check(f"{BIG_FILE // 1_000_000} MB came back as they were", same)


def waiting(airflow: Airflow, client: PfsClient, report: Report) -> None:
    """Let every sensor wait in every mode; what they wait for comes while the triggerer is down and a poke is dead."""
    report.step("sensors that poke, reschedule and defer, through a dead poke and a restart of the triggerer")
    client.create_repo(WAITED)
    staged = client.start_commit(WAITED, "staged")
    conf = {"repo": WAITED, "commit": str(staged)}
    run = Run(airflow, WAIT, conf)
    wait_until("the sensors", lambda: all(state in WAITING for state in run.states().values()))
    airflow.stop("triggerer")
    os.kill(run.task("commit_poke")["pid"], signal.SIGKILL)
    commits = []
    for number in range(2):
        with client.commit(WAITED, "master") as commit:
            client.put_file_bytes(commit, "/done", b"%d" % number)
        commits.append(str(client.inspect_commit(commit).commit))
    client.finish_commit(staged)
    airflow.start("triggerer")
    report.check("all sensors saw what they waited for", run.end() == "success")
    report.check(
        f"the poke took {run.task('commit_poke')['try_number']} tries", run.task("commit_poke")["try_number"] == 2
    )
    seen = {mode: run.result(f"commit_{mode}") for mode in ("poke", "reschedule", "deferrable")}
    report.check("in each mode the first of two commits", set(seen.values()) == {commits[0]})


def left_open(airflow: Airflow, client: PfsClient, report: Report) -> None:
    """Kill tasks for good while they write; the next run drops what they left, but not the commits of a living one."""
    report.step("SIGKILL for good of a task that writes, and of one between the start and the end of a shared commit")
    client.create_repo(LEFT)

    def begin(name: str) -> tuple[Run, Path]:
        hold = HOME / f"hold-{name}"
        hold.touch()
        return Run(airflow, DROP, {"repo": LEFT, "hold": str(hold), "name": name}), hold

    def running(run: Run, *tasks: str) -> bool:
        states = run.states()
        return all(states[task] == "running" for task in tasks)

    dead, _ = begin("dead")
    left = wait_until("two open commits", lambda: {*found} if len(found := open_commits(client, LEFT)) == 2 else None)
    wait_until("its tasks", lambda: running(dead, "write", "between"))
    for task in ("write", "between"):
        os.kill(dead.task(task)["pid"], signal.SIGKILL)
    report.check("its run failed", dead.end() == "failed")
    report.check("it left both commits open", {*open_commits(client, LEFT)} == left)

    alive, holds = begin("alive")
    taken = wait_until(
        "the next run's", lambda: {*found} if len(found := {*open_commits(client, LEFT)} - left) == 2 else None
    )
    report.check("the next run dropped both, and has its own", {*open_commits(client, LEFT)} == taken)

    report.step("a run beside it that finds its open commits")
    waits, held = begin("waits")
    held.unlink()
    wait_until("the tasks that wait", lambda: running(waits, "write", "start"))
    wait_until("what it is told", lambda: all(_waited(waits, task) for task in ("write", "start")), 60)
    report.check("the commits of a run that writes are not dropped", {*open_commits(client, LEFT)} == taken)
    holds.unlink()
    report.check("both runs succeeded", [alive.end(), waits.end()] == ["success", "success"])
    report.check("nothing is open", not open_commits(client, LEFT))
    found = {info.path for info in client.list_file(f"{LEFT}@master", "/")}
    report.check(f"files of the two, none of the dead one: {sorted(found)}", found == {"/alive", "/waits"})


def _waited(run: Run, task: str) -> bool:
    """Whether a task has logged that it waits for a commit."""
    return any("Waiting for commit" in path.read_text() for path in (HOME / "logs").rglob(f"*{run.id}*/*{task}*/*.log"))


def open_commits(client: PfsClient, repo: str = KILLED) -> list[str]:
    """Name the open commits in a repo, by default that of the task that is to be killed."""
    return [str(info.commit) for info in client.list_commit(repo) if info.state is CommitState.OPEN]


def scatter(airflow: Airflow, report: Report) -> None:
    """Show that the tasks ran in places of their own."""
    report.step("a home, a temporary and a working directory for each task")
    tasks = airflow.get("/dags/~/dagRuns/~/taskInstances?limit=1000")["task_instances"]
    pids = {str(task["pid"]) for task in tasks if task["pid"]}
    own = places(HOME / "places")
    report.check(f"{len(pids)} processes ran tasks, each in its own place", bool(pids) and pids <= own)
    failed = [task["task_id"] for task in tasks if task["state"] not in ("success", "skipped")]
    report.check(
        f"{len(tasks)} tasks, none failed but those of the dead run", sorted(failed) == ["between", "finish", "write"]
    )


def own_dags() -> Path:
    """Make a DAG folder with no more than is needed: others have schedules."""
    folder = HOME / "dags"
    folder.mkdir()
    tested = ROOT / "tests/airflow/dags"
    for source in (EXAMPLES / f"{EVENTS}.py", EXAMPLES / f"{INGEST}.py", tested / f"{WAIT}.py", tested / f"{DROP}.py"):
        shutil.copy(source, folder)
    return folder


def demonstrate() -> int:
    """Let everything go wrong that is meant to, and say how it went."""
    report = Report()
    began = time.monotonic()
    report.step(f"dev server and Airflow, below {HOME.name}")
    with stack(free_port(), own_dags()) as (airflow, server):
        report.figure(f"{airflow.url}, up after {time.monotonic() - began:.0f} s")
        airflow.connect(server.host, server.port)
        with PfsClient(server.host, server.port) as client:
            client.create_repo(WATCHED)
            watch = Watch(airflow, client)
            watch.begin()
            event_driven(airflow, server, watch, report)
            interruptions(airflow, watch, report)
            waiting(airflow, client, report)
            killed_task(airflow, client, report)
            left_open(airflow, client, report)
            scatter(airflow, report)
    report.figure(f"{time.monotonic() - began:.0f} s")
    return report.end()


def serve(port: int) -> int:
    """Bring everything up and stay."""
    print(f"Starting the dev server and Airflow, below {HOME.name}; this takes a minute", flush=True)
    with stack(port, EXAMPLES) as (airflow, server):
        airflow.connect(server.host, server.port)
        with PfsClient(server.host, server.port) as client:
            client.create_repo(WATCHED)
        print(f"Airflow    {airflow.url}  (everybody is admin; connection pachyderm_default; DAGs not paused)")
        print(f"Pachyderm  {server.address}  (repo {WATCHED} is watched by {EVENTS})", flush=True)
        with suppress(KeyboardInterrupt, SystemExit):
            signal.pause()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", action="store_true", help="start everything and stay until SIGINT or SIGTERM")
    parser.add_argument("--port", type=int, default=8080, help="of Airflow, with --serve (default: %(default)s)")
    options = parser.parse_args()
    end_with_sigterm()
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir()
    return serve(options.port) if options.serve else demonstrate()


if __name__ == "__main__":
    sys.exit(main())
