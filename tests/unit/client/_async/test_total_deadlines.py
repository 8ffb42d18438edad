"""Waiting for several things ends at one deadline for all of them, however they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v1 import pps_pb2 as v1_pps
from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2, pps_pb2
from airflow_provider_pachyderm.client import AsyncPfsClient, Commit, DeadlineExceeded, Repo
from tests.unit.client.pachd import Pachd

COMMIT = Commit(Repo("r"), None, "0123456789ab4def8123456789abcdef")


def endless(reply: Any) -> Callable[[Any, grpc.ServicerContext], Iterator[Any]]:
    """Bring another one again and again."""

    def bring(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        while context.is_active():
            yield reply
            time.sleep(0.05)

    return bring


async def test_jobs_of_2x() -> None:
    pachd = Pachd((2, 11, 6))
    pachd.on(methods.Pps.InspectJobSet, endless(pps_pb2.JobInfo()))
    with pachd.running() as address:
        async with AsyncPfsClient(address) as client:
            with pytest.raises(DeadlineExceeded):
                await client.pps.wait_jobs(COMMIT, timeout=0.3)


async def test_jobs_of_1x() -> None:
    pachd = Pachd((1, 13, 4))
    pachd.on(v1_methods.Pps.FlushJob, endless(v1_pps.JobInfo()))
    with pachd.running() as address:
        async with AsyncPfsClient(address) as client:
            with pytest.raises(DeadlineExceeded):
                await client.pps.wait_jobs(COMMIT, timeout=0.3)


async def test_commits_of_a_set() -> None:
    pachd = Pachd((2, 11, 6))
    pachd.on(methods.Pfs.InspectCommitSet, endless(pfs_pb2.CommitInfo()))
    with pachd.running() as address:
        async with AsyncPfsClient(address) as client:
            with pytest.raises(DeadlineExceeded):
                await client.wait_commit_set(COMMIT, timeout=0.3)
