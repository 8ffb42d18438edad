"""What calls about pipelines need of their callers, as 2.11.6 and 1.13.4 say it."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v1 import auth_pb2 as v1_auth
from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1_pfs
from airflow_provider_pachyderm._wire.v1 import pps_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import auth_pb2 as v2_auth
from airflow_provider_pachyderm._wire.v2 import methods
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2_pfs
from airflow_provider_pachyderm._wire.v2 import pps_pb2 as v2
from tests.support.guarded import Answer, Guarded, guarded

Pps, First = methods.Pps, v1_methods.Pps
PROJECT = v2_pfs.Project(name="default")
PIPELINE = v2.Pipeline(name="p", project=PROJECT)
JOB = v2.Job(pipeline=PIPELINE, id="0" * 32)


def spec(**fields: Any) -> v2.CreatePipelineRequest:
    transform, pfs = v2.Transform(cmd=["true"]), v2.PFSInput(repo="in", glob="/*")
    return v2.CreatePipelineRequest(pipeline=PIPELINE, transform=transform, input=v2.Input(pfs=pfs), **fields)


def refused(needs: str, on: str) -> Answer:
    return "PERMISSION_DENIED", (
        f"robot:ci is not authorized to perform this operation - needs permissions [{needs}] on {on}. "
        "Run `pachctl auth roles-for-permission` to find roles that grant a given permission."
    )


async def bind(server: Guarded, repo: str, role: str) -> None:
    resource = v2_auth.Resource(type=v2_auth.REPO, name=f"default/{repo}")
    roles = [role] if role else []
    request = v2_auth.ModifyRoleBindingRequest(resource=resource, principal="robot:ci", roles=roles)
    await server.replies(methods.Auth.ModifyRoleBinding, request)


@pytest.mark.parametrize(
    ("method", "request_", "input_role", "needs", "on"),
    [
        (Pps.CreatePipeline, spec(update=True), "", "REPO_READ", "REPO default/in"),
        (Pps.CreatePipeline, spec(update=True), "repoReader", "REPO_WRITE", "REPO default/p"),
        (Pps.RerunPipeline, v2.RerunPipelineRequest(pipeline=PIPELINE), "", "REPO_READ", "REPO default/in"),
        (Pps.StartPipeline, v2.StartPipelineRequest(pipeline=PIPELINE), "", "REPO_WRITE", "REPO default/p"),
        (Pps.StopPipeline, v2.StopPipelineRequest(pipeline=PIPELINE), "", "REPO_WRITE", "REPO default/p"),
        (Pps.DeletePipeline, v2.DeletePipelineRequest(pipeline=PIPELINE), "", "REPO_DELETE", "REPO default/p"),
        (Pps.ListJob, v2.ListJobRequest(pipeline=PIPELINE), "", "PIPELINE_LIST_JOB", "REPO default/p"),
        (Pps.SubscribeJob, v2.SubscribeJobRequest(pipeline=PIPELINE), "", "PIPELINE_LIST_JOB", "REPO default/p"),
        (Pps.InspectJob, v2.InspectJobRequest(job=JOB, details=True), "", "PIPELINE_LIST_JOB", "REPO default/p"),
        (Pps.GetLogs, v2.GetLogsRequest(pipeline=PIPELINE), "", "REPO_READ", "REPO default/in"),
        (Pps.GetLogs, v2.GetLogsRequest(job=JOB), "repoReader", "REPO_READ", "REPO default/p"),
        (Pps.GetLogs, v2.GetLogsRequest(), "", "CLUSTER_GET_PACHD_LOGS", "CLUSTER "),
        (Pps.CreateSecret, v2.CreateSecretRequest(), "", "CLUSTER_CREATE_SECRET", "CLUSTER "),
        (Pps.ListSecret, Empty(), "", "CLUSTER_LIST_SECRETS", "CLUSTER "),
        (Pps.SetClusterDefaults, v2.SetClusterDefaultsRequest(), "", "CLUSTER_SET_DEFAULTS", "CLUSTER "),
        (Pps.DeleteAll, Empty(), "", "CLUSTER_DELETE_ALL", "CLUSTER "),
    ],
)
async def test_what_calls_about_pipelines_need(
    method: Any, request_: Any, input_role: str, needs: str, on: str
) -> None:
    async with guarded("2.11.6") as server:
        repo = v2_pfs.Repo(name="in", type="user", project=PROJECT)
        await server.replies(methods.Pfs.CreateRepo, v2_pfs.CreateRepoRequest(repo=repo))
        await server.replies(Pps.CreatePipeline, spec())
        await bind(server, "in", input_role)
        ci = server.token("robot:ci")
        assert await server.told(method, request_, token=ci) == refused(needs, on)
        # the administrator may, whatever else is said of the request; this one would go on for ever
        if method is not Pps.SubscribeJob:
            assert (await server.told(method, request_))[0] != "PERMISSION_DENIED"


async def test_whoever_may_read_an_input_makes_a_pipeline_and_owns_it() -> None:
    async with guarded("2.11.6") as server:
        repo = v2_pfs.Repo(name="in", type="user", project=PROJECT)
        await server.replies(methods.Pfs.CreateRepo, v2_pfs.CreateRepoRequest(repo=repo))
        await bind(server, "in", "repoReader")
        ci = server.token("robot:ci")
        for method, request in (
            (Pps.CreatePipeline, spec()),
            (Pps.StopPipeline, v2.StopPipelineRequest(pipeline=PIPELINE)),
            (Pps.CreatePipeline, spec(update=True)),
            (Pps.GetLogs, v2.GetLogsRequest(pipeline=PIPELINE)),
            (Pps.DeletePipeline, v2.DeletePipelineRequest(pipeline=PIPELINE)),
        ):
            assert await server.told(method, request, token=ci) == ("OK", "")


async def test_what_calls_of_1_x_need() -> None:
    pipeline, repo = v1.Pipeline(name="p"), v1_pfs.Repo(name="in")
    transform, pfs = v1.Transform(cmd=["true"]), v1.PFSInput(repo="in", glob="/*")
    made = v1.CreatePipelineRequest(pipeline=pipeline, transform=transform, input=v1.Input(pfs=pfs))
    again = v1.CreatePipelineRequest(update=True)
    again.MergeFrom(made)
    async with guarded("1.13.4") as server:
        ci = server.token("robot:ci")
        await server.replies(v1_methods.Pfs.CreateRepo, v1_pfs.CreateRepoRequest(repo=repo))
        await server.replies(First.CreatePipeline, made)

        async def needs(method: Any, request: Any) -> str:
            code, text = await server.told(method, request, token=ci)
            assert "robot:ci is not authorized to perform this operation" in text, (code, text)
            return text

        assert "the repo in, must" in await needs(First.CreatePipeline, again)
        assert "the repo in, must" in await needs(First.StopPipeline, v1.StopPipelineRequest(pipeline=pipeline))
        assert "the repo p, must" in await needs(First.ListJob, v1.ListJobRequest(pipeline=pipeline))
        assert "the repo p, must" in await needs(First.DeletePipeline, v1.DeletePipelineRequest(pipeline=pipeline))
        assert "DeleteAll" in await needs(First.DeleteAll, Empty())
        scope = v1_auth.SetScopeRequest(username="robot:ci", repo="in", scope=v1_auth.SCOPE_READER)
        await server.replies(v1_methods.Auth.SetScope, scope)
        assert "the repo p, must" in await needs(First.GetLogs, v1.GetLogsRequest(pipeline=pipeline))
        assert "the repo p, must" in await needs(First.CreatePipeline, again)
        assert await server.told(First.StopPipeline, v1.StopPipelineRequest(pipeline=pipeline)) == ("OK", "")
