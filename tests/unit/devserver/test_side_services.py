"""Version, auth and health of both worlds, by the bytes of the real contracts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import pytest

from airflow_provider_pachyderm._wire.v1 import admin_pb2 as admin_v1
from airflow_provider_pachyderm._wire.v1 import version_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import admin_pb2 as admin_v2
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pfs
from airflow_provider_pachyderm._wire.v2 import version_pb2 as v2
from airflow_provider_pachyderm.devserver.app import serve
from airflow_provider_pachyderm.devserver.engine.auth.authentication import NOT_LICENSED
from airflow_provider_pachyderm.devserver.releases.profile import profile_for


@asynccontextmanager
async def serving(played: str) -> AsyncIterator[grpc.aio.Channel]:
    async with serve(profile_for(played), grace=0) as running, grpc.aio.insecure_channel(running.address) as channel:
        yield channel


async def call(channel: grpc.aio.Channel, path: str, request: bytes = b"") -> tuple[bytes, str, str]:
    try:
        return await channel.unary_unary(path)(request), "OK", ""
    except grpc.aio.AioRpcError as error:
        return b"", error.code().name, error.details() or ""


@pytest.mark.parametrize(("played", "said"), [("1.13.4", (1, 13, 4)), ("1.11.9", (1, 12, 0)), ("2.11.6", (2, 11, 6))])
async def test_version(played: str, said: tuple[int, int, int]) -> None:
    service, message = ("versionpb.API", v1.Version) if played < "2" else ("versionpb_v2.API", v2.Version)
    async with serving(played) as channel:
        reply, status, _ = await call(channel, f"/{service}/GetVersion")
    answer = message.FromString(reply)
    assert (status, (answer.major, answer.minor, answer.micro), answer.additional) == ("OK", said, "")


@pytest.mark.parametrize(("played", "other"), [("1.13.4", "versionpb_v2.API"), ("2.11.6", "versionpb.API")])
async def test_the_other_worlds_path_is_not_there(played: str, other: str) -> None:
    async with serving(played) as channel:
        refused = await call(channel, f"/{other}/GetVersion")
    assert refused == (b"", "UNIMPLEMENTED", f"unknown service {other}")


@pytest.mark.parametrize(
    ("played", "path"),
    [
        ("1.13.4", "/auth.API/WhoAmI"),
        ("2.11.6", "/auth_v2.API/WhoAmI"),
        ("2.11.6", "/auth_v2.API/GetRobotToken"),
        ("2.11.6", "/auth_v2.API/GetRoleBinding"),
        ("2.3.9", "/auth_v2.API/Authenticate"),
    ],
)
async def test_auth_is_not_activated(played: str, path: str) -> None:
    async with serving(played) as channel:
        assert await call(channel, path, b"\x0a\x00") == (b"", "UNIMPLEMENTED", "the auth service is not activated")


async def test_health_of_1x() -> None:
    async with serving("1.13.4") as channel:
        assert await call(channel, "/health.Health/Health") == (b"", "OK", "")


@pytest.mark.parametrize(
    ("request_", "expected"),
    [(b"", (b"\x08\x01", "OK", "")), (b"\x0a\x00", (b"\x08\x01", "OK", "")), (b"\x0a\x01x", (b"", "NOT_FOUND", None))],
)
async def test_health_of_2x(request_: bytes, expected: tuple[bytes, str, str | None]) -> None:
    async with serving("2.11.6") as channel:
        reply, status, text = await call(channel, "/grpc.health.v1.Health/Check", request_)
        assert (reply, status) == expected[:2]
        assert expected[2] is None or text == expected[2]


async def test_watching_health_sends_the_state_and_stays_open() -> None:
    async with serving("2.11.6") as channel:
        watch = channel.unary_stream("/grpc.health.v1.Health/Watch")(b"")
        assert await watch.read() == b"\x08\x01"
        assert not watch.done()
        watch.cancel()


@pytest.mark.parametrize("played", ["2.0.8", "2.11.6"])
async def test_auth_cannot_be_activated_without_a_licence(played: str) -> None:
    async with serving(played) as channel:
        assert await call(channel, "/enterprise_v2.API/GetState") == (b"", "OK", "")
        assert await call(channel, "/auth_v2.API/Activate") == (b"", "UNKNOWN", NOT_LICENSED)


@pytest.mark.parametrize("played", ["1.7.0", "1.13.4", "2.0.0", "2.11.6"])
async def test_pachctl_is_told_of_the_cluster(played: str) -> None:
    service, message = ("admin", admin_v1) if played < "2" else ("admin_v2", admin_v2)
    async with serving(played) as channel:
        first, status, _ = await call(channel, f"/{service}.API/InspectCluster")
        again, _, _ = await call(channel, f"/{service}.API/InspectCluster")
    info = message.ClusterInfo.FromString(first)
    assert (status, len(info.id), first == again) == ("OK", 32, True)
    assert (info.deployment_id == info.id) is (played != "1.7.0")
    # without it pachctl warns of a server that is too old, each time
    assert getattr(info, "version_warnings_ok", False) is (played == "2.11.6")


@pytest.mark.parametrize(("played", "status"), [("1.5.3", "UNIMPLEMENTED"), ("1.6.0", "OK"), ("2.11.6", "OK")])
async def test_no_licence_is_told_of(played: str, status: str) -> None:
    service = "enterprise" if played < "2" else "enterprise_v2"
    async with serving(played) as channel:
        assert (await call(channel, f"/{service}.API/GetState"))[:2] == (b"", status)


@pytest.mark.parametrize("played", ["2.5.9", "2.11.6"])
async def test_there_are_no_pipelines(played: str) -> None:
    """pachctl lists them before it deletes a project."""
    async with serving(played) as channel:
        stream = channel.unary_stream("/pps_v2.API/ListPipeline")(b"")
        assert [pipeline async for pipeline in stream] == []
        assert (await call(channel, "/pps_v2.API/ActivateAuth"))[:2] == (b"", "OK")


async def test_a_cache_of_values_by_key_and_tag() -> None:
    async with serving("2.11.6") as channel:
        for key, tag in (("a", "one"), ("b", "two")):
            request = pfs.PutCacheRequest(key=key, tag=tag)
            request.value.Pack(pfs.Project(name=key))
            await call(channel, "/pfs_v2.API/PutCache", request.SerializeToString())
        await call(channel, "/pfs_v2.API/ClearCache", pfs.ClearCacheRequest(tag_prefix="o").SerializeToString())
        gone, status, text = await call(
            channel, "/pfs_v2.API/GetCache", pfs.GetCacheRequest(key="a").SerializeToString()
        )
        kept, _, _ = await call(channel, "/pfs_v2.API/GetCache", pfs.GetCacheRequest(key="b").SerializeToString())
    assert (gone, status, text) == (b"", "UNKNOWN", "sql: no rows in result set")
    value = pfs.Project()
    assert pfs.GetCacheResponse.FromString(kept).value.Unpack(value)
    assert value.name == "b"


@pytest.mark.parametrize(
    ("played", "text"),
    [
        ("2.7.8", "context deadline exceeded"),
        ("2.12.0-rc.3", "inspect finishing or finished commit: watcher cancelled: context deadline exceeded"),
    ],
)
async def test_d62_d78_now_and_then_the_end_of_a_wait_is_unknown(played: str, text: str) -> None:
    branch = pfs.Branch(name="master", repo=pfs.Repo(name="r", type="user"))
    async with serving(played) as channel:
        await call(channel, "/pfs_v2.API/CreateRepo", pfs.CreateRepoRequest(repo=branch.repo).SerializeToString())
        await call(channel, "/pfs_v2.API/StartCommit", pfs.StartCommitRequest(branch=branch).SerializeToString())
        waiting = pfs.InspectCommitRequest(commit=pfs.Commit(branch=branch, repo=branch.repo), wait=4)
        ends = []
        for _ in range(2):
            with pytest.raises(grpc.aio.AioRpcError) as ended:
                inspect = channel.unary_unary("/pfs_v2.API/InspectCommit")
                await inspect(waiting.SerializeToString(), timeout=0.5)
            ends.append((ended.value.code().name, ended.value.details()))
    assert ends[0] == ("UNKNOWN", text)
    assert ends[1][0] == "DEADLINE_EXCEEDED"
