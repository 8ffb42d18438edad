"""What callers without a token that holds are told, in the words of each version."""

from __future__ import annotations

import pytest
from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v1 import auth_pb2 as v1_auth
from airflow_provider_pachyderm._wire.v1 import methods as v1
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1_pfs
from airflow_provider_pachyderm._wire.v1 import transaction_pb2 as v1_transaction
from airflow_provider_pachyderm._wire.v2 import methods as v2
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2_pfs
from tests.support.guarded import ROOT, Answer, guarded

BAD = "provided auth token is corrupted or has expired (try logging in again)"
NONE = "no authentication token (try logging in)"
CHECK = 'error during authorization check for operation on "r": '
REPO = v1_pfs.Repo(name="r")


@pytest.mark.parametrize(
    ("version", "token", "said"),
    [
        ("1.5.3", None, ("UNKNOWN", "auth token not found in context")),
        ("1.5.3", "bad", ("UNKNOWN", "token not found")),
        ("1.6.10", None, ("UNKNOWN", "auth token not found in context (user may not be signed in)")),
        ("1.7.1", "bad", ("UNKNOWN", BAD)),
        ("1.7.2", "bad", ("UNAUTHENTICATED", BAD)),
        ("1.13.4", None, ("UNAUTHENTICATED", NONE)),
        ("1.13.4", ROOT, ("OK", "")),
    ],
)
async def test_calls_for_auth_say_it_plainly(version: str, token: str | None, said: Answer) -> None:
    async with guarded(version) as ask:
        assert await ask(v1.Auth.WhoAmI, v1_auth.WhoAmIRequest(), token) == said


@pytest.mark.parametrize(
    ("version", "before"),
    [
        ("1.5.3", "error during authorization check for operation on r: rpc error: code = Unknown desc = "),
        ("1.7.14", CHECK),
        ("1.13.4", CHECK),
    ],
)
async def test_calls_of_1x_name_the_repo(version: str, before: str) -> None:
    bad = BAD if version != "1.5.3" else "token not found"
    commit = v1_pfs.Commit(repo=REPO, id="master")
    put = v1_pfs.PutFileRequest(file=v1_pfs.File(commit=commit, path="/a"), value=b"A")
    async with guarded(version) as ask:
        for method, request in (
            (v1.Pfs.StartCommit, v1_pfs.StartCommitRequest(parent=commit)),
            (v1.Pfs.PutFile, put),
            (v1.Pfs.GetFile, v1_pfs.GetFileRequest(file=put.file)),
        ):
            assert await ask(method, request, "bad") == ("UNKNOWN", before + bad)


async def test_calls_of_1x_that_say_it_otherwise() -> None:
    create = v1_pfs.CreateRepoRequest(repo=REPO)
    async with guarded("1.13.4") as ask:
        assert await ask(v1.Pfs.ListRepo, v1_pfs.ListRepoRequest()) == ("OK", "")  # of no repo
        words = f"error authenticating (must log in to create a repo): {NONE}"
        assert await ask(v1.Pfs.CreateRepo, create) == ("UNKNOWN", words)
        assert await ask(v1.Pfs.CreateRepo, create, ROOT) == ("OK", "")
        for method, request in (
            (v1.Pfs.ListRepo, v1_pfs.ListRepoRequest()),
            (v1.Pfs.InspectRepo, v1_pfs.InspectRepoRequest(repo=REPO)),
        ):
            assert await ask(method, request) == ("UNKNOWN", f'error getting access level for "r": {NONE}')
        assert await ask(v1.Transaction.ListTransaction, v1_transaction.ListTransactionRequest()) == ("OK", "")


@pytest.mark.parametrize("version", ["2.0.8", "2.11.6"])
async def test_2x_servers_look_first(version: str) -> None:
    async with guarded(version) as ask:
        for method, request in (
            (v2.Pfs.ListRepo, v2_pfs.ListRepoRequest()),
            (v2.Pfs.ModifyFile, v2_pfs.ModifyFileRequest()),
        ):
            assert await ask(method, request) == ("UNAUTHENTICATED", NONE)
            assert await ask(method, request, "bad") == ("UNAUTHENTICATED", BAD)
        assert await ask(v2.Version.GetVersion, Empty()) == ("OK", "")
