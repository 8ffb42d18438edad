"""Tasks with arguments that make no sense. Never run: both checkers refuse each, and say so if they do not."""

# What Airflow does not annotate is not ours to mend.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

from airflow_provider_pachyderm.decorators.pachyderm import pachyderm_task
from airflow_provider_pachyderm.operators.pachyderm import (
    PachydermCreateRepoOperator,
    PachydermFinishCommitOperator,
    PachydermGetFilesOperator,
    PachydermListFilesOperator,
    PachydermPutFileOperator,
)
from airflow_provider_pachyderm.sensors.pachyderm import PachydermCommitSensor, PachydermFileSensor

PachydermGetFilesOperator(task_id="a", destination="/tmp", paths=["/"])  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
PachydermPutFileOperator(task_id="b", repo="images", content="text")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
PachydermCreateRepoOperator(repo="images")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
PachydermCreateRepoOperator(task_id="d", repo="images", retires=3)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
PachydermCreateRepoOperator(task_id="e", repo="images", retries="3")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
PachydermCreateRepoOperator(task_id="f", repo="images", poke_interval=10)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
PachydermCreateRepoOperator(task_id="g", repo="images", if_exists="replace")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
PachydermFinishCommitOperator(task_id="h", commit="images@master", wait_for="ever")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
PachydermListFilesOperator(task_id="i", repo="images", kind="files")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
PachydermCommitSensor(task_id="j", repo="images", pokeinterval=10)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
PachydermCommitSensor(task_id="k", repo="images", mode="rescheduled")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
PachydermFileSensor(task_id="l", repo="images", path="/a", deferable=True)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
pachyderm_task(read={"images": "images@master"})  # type: ignore[call-overload] # pyright: ignore[reportCallIssue]
pachyderm_task(writes="images@master")  # type: ignore[call-overload] # pyright: ignore[reportArgumentType]
