"""One DAG run for each commit on a branch (Airflow 3.3 and later).

.. code-block:: python

    images = commit_relay("images", "master")

    with DAG("resize", schedule=images.schedule):

        @task
        def resize(**context):
            info = get_commit(context, "images")
            ...
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._compat import (
    AirflowSkipException,
    Asset,
    require_partition_keys,
    run_and_task_states,
)
from airflow_provider_pachyderm.client import parse_branch, parse_commit, parse_repo
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.relays import _journal
from airflow_provider_pachyderm.relays._commits import THE_FIRST, Base, base_at, base_now, commits_behind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import DAG, PartitionedAssetTimetable

    from airflow_provider_pachyderm.client import CommitInfo, PfsClient

__all__ = ["CommitRelay", "commit_relay", "get_commit"]

# Emitting takes 7 to 28 ms a key and consumer, in one request to Airflow's API server (seen with 3.3.2).
_SLICE = 200
_EMIT = "emit"
_NO_NAME = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class CommitRelay:
    """What ``commit_relay`` made.

    :param dag: the small DAG that follows the branch; it must not be paused
    :param asset: has an event for each commit, with the commit's ID as its partition key
    """

    dag: DAG
    asset: Asset

    @property
    def schedule(self) -> PartitionedAssetTimetable:
        """The schedule of a DAG that is to run once for each commit, with its ID as ``partition_key``."""
        from airflow.sdk import PartitionedAssetTimetable

        return PartitionedAssetTimetable(assets=self.asset)


def commit_relay(
    repo: str,
    branch: str = "master",
    *,
    begin: str = "now",
    cron: str = "*/10 * * * *",
    project: str | None = None,
    pachyderm_conn_id: str = PachydermHook.default_conn_name,
    dag_id: str | None = None,
) -> CommitRelay:
    """Make the DAG that turns each new commit of a branch into a DAG run of whatever has its schedule.

    Call it once for a branch, at the top of a DAG file. A commit that finished makes exactly one run, in the order of
    the branch, however fast they come and whatever is killed meanwhile; one that failed makes none, and one after an
    open commit waits for that. A watcher only wakes the relay, which lists the commits itself.

    A DAG that is paused, or not there yet, when a commit is relayed never gets a run for it: Airflow drops the key.

    How far it has come is kept in the state store of the asset, which Airflow deletes when no DAG names the asset any
    longer; the relay then begins again where ``begin`` says.

    Pachyderm calls: ListCommit; SubscribeCommit and InspectCommit in the triggerer.

    :param repo: ``repo`` or ``project/repo``; neither repo nor branch has to exist yet
    :param branch: name of the branch
    :param begin: ``now``, after what is on the branch when the relay first runs, a few seconds after it is unpaused;
        ``first``, with the first commit there is; or a commit, as ``repo@id``, after which it begins
    :param cron: when it also looks, in UTC, should nothing have woken it
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :param dag_id: id of the relay, which its assets are named after; made from repo and branch if None
    :return: the DAG and its asset
    :raises ValueError: if ``begin`` or a name is not valid, and before Airflow 3.3
    """
    require_partition_keys("commit_relay")
    place = parse_branch((f"{project}/{repo}" if project and "/" not in repo else repo, branch))
    _check_begin(begin)
    from airflow.sdk import DAG, AssetOrTimeSchedule, AssetWatcher, CronTriggerTimetable, task

    from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitEventTrigger

    name = dag_id or _NO_NAME.sub(".", f"commit_relay.{place.repo}.{place.name}")
    trigger = PachydermCommitEventTrigger(
        repo=repo, branch=branch, project=project, pachyderm_conn_id=pachyderm_conn_id
    )
    arrivals = Asset(name=f"{name}.arrivals", watchers=[AssetWatcher(name="arrivals", trigger=trigger)])
    commits = Asset(name=f"{name}.commits")
    hook = PachydermHook(pachyderm_conn_id, project=project)
    every = CronTriggerTimetable(cron, timezone="UTC", run_immediately=True)

    with DAG(
        name,
        schedule=AssetOrTimeSchedule(timetable=every, assets=[arrivals]),
        catchup=False,
        max_active_runs=1,  # one writer of the journal
        default_args={"retries": 20, "retry_delay": timedelta(seconds=10)},
        tags=["pachyderm"],
        doc_md=f"Starts a run for each commit on `{place}`.",
    ) as dag:

        @task(task_id=_EMIT, outlets=[commits])
        def emit(*, asset_state_store: Any = None, outlet_events: Any = None, ti: Any = None) -> int:
            """Emit a key for each new commit."""
            with hook.client() as client:
                found = _new_commits(client, (repo, branch), begin, asset_state_store[commits], ti)
            if not found:
                raise AirflowSkipException(f"nothing new on {place}")
            event = outlet_events[commits]
            event.extra = {"project": found[0].commit.repo.project, "repo": place.repo.name, "branch": branch}
            # a dict keeps their order; add_partitions() keeps a set
            event.partition_keys = dict.fromkeys(str(info.commit.id) for info in found)
            return len(found)

        @task(inlets=[commits])
        def confirm(count: Any, *, asset_state_store: Any = None, ti: Any = None) -> Any:
            """Write down that they were emitted."""
            _journal.confirm(asset_state_store[commits], ti.run_id)
            return count

        @task(outlets=[arrivals])
        def again(count: Any) -> None:
            """Wake the relay for what was too much at once."""
            if count < _SLICE:
                raise AirflowSkipException("nothing was left")

        again(confirm(emit()))
    return CommitRelay(dag, commits)


def get_commit(
    context: Mapping[str, Any],
    repo: str,
    *,
    project: str | None = None,
    pachyderm_conn_id: str = PachydermHook.default_conn_name,
) -> CommitInfo:
    """Return the commit that a run is about, the same in every task and try of it (InspectCommit).

    It is named by the run's partition key, also if that was given by hand, else by ``commit`` in its configuration: an
    ID, or ``repo@id``.

    :param context: the task's context
    :param repo: ``repo`` or ``project/repo``
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    :raises ValueError: if the run names no commit, or one of another repo
    :raises CommitNotFound: if it no longer exists
    """
    run = context["dag_run"]
    named = getattr(run, "partition_key", None) or (run.conf or {}).get("commit")
    if not named:
        raise ValueError(f"The run {run.run_id} has neither a partition key nor a commit in its configuration")
    commit = named if "@" in named else f"{repo}@{named}"
    if parse_commit(commit).repo.name != parse_repo(repo).name:
        raise ValueError(f"The run {run.run_id} is about {named}, which is not of repo {repo!r}")
    with PachydermHook(pachyderm_conn_id, project=project).client() as client:
        return client.inspect_commit(commit)


def _new_commits(client: PfsClient, place: tuple[str, str], begin: str, store: Any, ti: Any) -> list[CommitInfo]:
    """Find what is to be emitted, and write it down."""
    entry: _journal.Entry | None = store.get(_journal.KEY)

    def has_succeeded(run_id: str) -> bool:
        return run_and_task_states(ti, ti.dag_id, run_id, ti.task_id, -1)[1] == "success"

    base = _journal.emitted(entry, ti.run_id, has_succeeded) if entry else _beginning(client, place, begin)
    found = commits_behind(client, *place, base)[:_SLICE]
    if found:
        _journal.begin(store, base, base_at(found[-1]), ti.run_id)
    else:
        _journal.rest(store, base)
    return found


def _beginning(client: PfsClient, place: tuple[str, str], begin: str) -> Base:
    if begin == "now":
        return base_now(client, *place)
    if begin == "first":
        return THE_FIRST
    return base_at(client.inspect_commit(begin))


def _check_begin(begin: str) -> None:
    """Refuse what is neither a word nor a commit.

    :raises ValueError: with what it may be
    """
    if begin not in ("now", "first") and ("@" not in begin or not parse_commit(begin).id):
        raise ValueError(f'begin is "now", "first" or a commit as repo@id, not {begin!r}')
