"""A DAG, as users write it: mypy and pyright read it, see ``make types``, and a test of the signatures runs it."""

# What Airflow does not annotate is not ours to mend.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnusedExpression=false
from __future__ import annotations

from typing import assert_type

from airflow.sdk import DAG

from airflow_provider_pachyderm.client import AsyncPfsClient, ClientConfig, Commit, CommitInfo, PfsClient
from airflow_provider_pachyderm.decorators.pachyderm import CommitToRead, CommitToWrite, pachyderm_task
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCreateRepoOperator,
    PachydermGetFilesOperator,
    PachydermPutFileOperator,
)
from airflow_provider_pachyderm.sensors.pachyderm import PachydermCommitSensor, PachydermFileSensor

with DAG("types"):
    create = PachydermCreateRepoOperator(task_id="create", repo="images", description="words")
    put = PachydermPutFileOperator(task_id="put", repo="images", path="/raw", source="/data")
    seen = PachydermCommitSensor(task_id="seen", repo="images", deferrable=True, poke_interval=10)
    there = PachydermFileSensor(task_id="there", repo="images", pattern="/raw/*.png")
    get = PachydermGetFilesOperator(task_id="get", commit="images@master", path=["/raw"], destination="/tmp/raw")
    create >> put >> seen >> there >> get

    @pachyderm_task(reads={"images": "images@master"}, writes={"sizes": "sizes@master"}, retries=2)
    def measure(images: CommitToRead, sizes: CommitToWrite, unit: str) -> int:
        assert_type(images.commit, Commit)
        assert_type(images.info, CommitInfo)
        assert_type(sizes.info, CommitInfo | None)
        assert_type(images.url("/a"), str)
        sizes.path("/a").write_text(images.path("/a").read_text())
        return len(images.client.get_files(images, "/a"))

    measure(unit="px") >> measure(unit="cm", images="images@staging")


def task() -> None:
    hook = PachydermHook("pachyderm_default", project="p")
    assert_type(hook.config(), ClientConfig)
    assert_type(hook.test_connection(), tuple[bool, str])
    with hook.client() as client:
        assert_type(client, PfsClient)
    with hook.read("images@master") as read, hook.write(("images", "copy"), description="a copy") as written:
        assert_type(read, CommitToRead)
        assert_type(written, CommitToWrite)
        written.client.copy_file(read, "/", written, "/")


async def async_task() -> None:
    async with PachydermHook().async_client() as client:
        assert_type(client, AsyncPfsClient)
