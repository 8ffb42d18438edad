"""Whose commit it is that a task finds open."""

from __future__ import annotations

import pytest

from airflow_provider_pachyderm.client import Commit, CommitInfo, CommitState, Repo
from airflow_provider_pachyderm.tasks.identity import TaskTry, Writer


def try_of(number: int, task: str = "t", map_index: int = -1) -> TaskTry:
    return TaskTry(Writer("d", "r", task, map_index), number)


def open_commit(description: str) -> CommitInfo:
    return CommitInfo(Commit(Repo("r"), id="f" * 32), CommitState.OPEN, description=description)


def test_an_earlier_try_of_the_same_task_is_over() -> None:
    left = open_commit(try_of(2).sign("Files"))
    assert try_of(3).is_after(left)
    assert try_of(12).is_after(left)


@pytest.mark.parametrize(
    "description",
    [
        "",
        "Files",
        try_of(3).sign("Files"),
        try_of(4).sign("Files"),
        try_of(2, task="other").sign("Files"),
        try_of(2, map_index=1).sign("Files"),
        try_of(2).sign("Files") + " and more",
        try_of(2).sign("Files") + "\nand more",
    ],
)
def test_all_others_may_be_alive(description: str) -> None:
    assert not try_of(3).is_after(open_commit(description))


def test_outside_of_a_task_there_is_no_try() -> None:
    assert TaskTry.running() is None
