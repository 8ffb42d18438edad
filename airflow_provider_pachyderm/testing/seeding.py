"""A directory tree as commits."""

from __future__ import annotations

from pathlib import Path

from airflow_provider_pachyderm.client import AlreadyExists, Commit, PfsClient


def seed(client: PfsClient, directory: Path) -> list[Commit]:
    """Make a commit of each folder, see :meth:`.DevServer.seed`."""
    folders = sorted(entry for entry in directory.iterdir() if entry.is_dir())
    return [_commit(client, folder) for folder in folders]


def _commit(client: PfsClient, folder: Path) -> Commit:
    repo, _, branch = folder.name.partition("@")
    try:
        client.create_repo(repo)
    except AlreadyExists:
        pass  # another of its branches came first
    with client.commit(repo, branch or "master") as commit:
        client.put_files(commit, folder)
    return commit
