"""Relays: what they emit, and the commit that a run is about; `tools/relay.py` shows them in a real Airflow."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from airflow_provider_pachyderm._compat import require_partition_keys
from airflow_provider_pachyderm.client import CommitNotFound, PfsClient
from airflow_provider_pachyderm.relays._commits import THE_FIRST, Base, base_at, base_now, commits_behind
from airflow_provider_pachyderm.relays.pachyderm import commit_relay, get_commit


def put(client: PfsClient, repo: str, branch: str = "master") -> str:
    return str(client.put_file_bytes((repo, branch), "/a", b"A").id)


def ids(client: PfsClient, repo: str, base: Base) -> list[str]:
    return [str(info.commit.id) for info in commits_behind(client, repo, "master", base)]


def test_commits_in_order(client: PfsClient, repo: str) -> None:
    commits = [put(client, repo) for _ in range(3)]
    put(client, repo, "other")
    assert ids(client, repo, THE_FIRST) == commits
    assert ids(client, repo, base_at(client.inspect_commit(f"{repo}@{commits[0]}"))) == commits[1:]
    now = base_now(client, repo, "master")
    assert ids(client, repo, now) == []
    commits.append(put(client, repo))
    assert ids(client, repo, now) == commits[3:]


def test_nothing_is_there_yet(client: PfsClient, repo: str) -> None:
    for missing in (repo, f"{repo}-missing"):
        assert base_now(client, missing, "master") == THE_FIRST
        assert ids(client, missing, THE_FIRST) == []
    commit = put(client, repo)
    assert ids(client, repo, THE_FIRST) == [commit]


def test_open_and_failed_commits(client: PfsClient, repo: str) -> None:
    first = put(client, repo)
    if client.version().major >= 2:
        client.finish_commit(client.start_commit(repo, "master"), error="spoilt")
    started = client.start_commit(repo, "master")
    assert ids(client, repo, THE_FIRST) == [first]
    client.finish_commit(started, wait=True)
    assert ids(client, repo, THE_FIRST) == [first, started.id]


def test_base_that_is_gone(client: PfsClient, repo: str) -> None:
    first, gone = put(client, repo), put(client, repo)
    base = base_at(client.inspect_commit(f"{repo}@{gone}"))
    client.delete_commit(f"{repo}@{gone}")
    assert ids(client, repo, base) == []
    later = put(client, repo)
    assert ids(client, repo, base) == [later]
    assert ids(client, repo, THE_FIRST) == [first, later]


def run(**arguments: Any) -> Any:
    return {"dag_run": SimpleNamespace(run_id="r", **{"conf": None, **arguments})}


def test_commit_of_a_run(client: PfsClient, repo: str) -> None:
    commit = put(client, repo)
    put(client, repo)
    for context in (run(partition_key=commit), run(conf={"commit": commit}), run(conf={"commit": f"{repo}@{commit}"})):
        assert get_commit(context, repo).commit.id == commit
    with pytest.raises(ValueError, match="neither a partition key nor a commit"):
        get_commit(run(partition_key=None), repo)
    with pytest.raises(ValueError, match="is not of repo"):
        get_commit(run(conf={"commit": f"other@{commit}"}), repo)
    with pytest.raises(CommitNotFound):
        get_commit(run(partition_key="0123456789ab4def8123456789abcdef"), repo)


def test_what_a_relay_is_made_of() -> None:
    try:
        require_partition_keys("commit_relay")
    except ValueError:
        with pytest.raises(ValueError, match="commit_relay needs Airflow"):
            commit_relay("images")
        return
    relay = commit_relay("team/images", "v2")
    assert relay.dag.dag_id == "commit_relay.team.images.v2"
    assert relay.dag.max_active_runs == 1
    assert relay.dag.task_dict["emit"].outlets == [relay.asset]
    assert relay.schedule.asset_condition == relay.asset
    for begin in ("", "later", "images@master", "0123"):
        with pytest.raises(ValueError, match="begin is"):
            commit_relay("images", begin=begin)
