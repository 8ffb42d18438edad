"""The client. ``_sync/client.py`` is generated from this file by ``tools/unasync.py``."""

from __future__ import annotations

from airflow_provider_pachyderm.client._async.archives import AsyncArchiveCalls
from airflow_provider_pachyderm.client._async.auth import AsyncAuthCalls
from airflow_provider_pachyderm.client._async.branches import AsyncBranchCalls
from airflow_provider_pachyderm.client._async.commit_sets import AsyncCommitSetCalls
from airflow_provider_pachyderm.client._async.commits import AsyncCommitCalls
from airflow_provider_pachyderm.client._async.connection import AsyncConnection
from airflow_provider_pachyderm.client._async.downloads import AsyncDownloadCalls
from airflow_provider_pachyderm.client._async.file_sets import AsyncFileSetCalls
from airflow_provider_pachyderm.client._async.file_system import AsyncFileSystemCalls
from airflow_provider_pachyderm.client._async.files import AsyncFileCalls
from airflow_provider_pachyderm.client._async.modify import AsyncModifyCalls
from airflow_provider_pachyderm.client._async.pps_client import AsyncPpsClient
from airflow_provider_pachyderm.client._async.projects import AsyncProjectCalls
from airflow_provider_pachyderm.client._async.repos import AsyncRepoCalls
from airflow_provider_pachyderm.client._async.roles import AsyncRoleCalls
from airflow_provider_pachyderm.client._async.transactions import AsyncTransactionCalls
from airflow_provider_pachyderm.client._async.uploads import AsyncUploadCalls
from airflow_provider_pachyderm.client._other_clients import under_its_own_name


@under_its_own_name
class AsyncPfsClient(
    AsyncAuthCalls,
    AsyncRoleCalls,
    AsyncProjectCalls,
    AsyncFileSystemCalls,
    AsyncRepoCalls,
    AsyncBranchCalls,
    AsyncCommitCalls,
    AsyncCommitSetCalls,
    AsyncTransactionCalls,
    AsyncFileCalls,
    AsyncDownloadCalls,
    AsyncUploadCalls,
    AsyncArchiveCalls,
    AsyncModifyCalls,
    AsyncFileSetCalls,
    AsyncConnection,
):
    """A client of Pachyderm's file system, for servers of 1.x and 2.x alike.

    Nothing connects before the first call, which asks the server for its version. All calls raise
    :class:`PachydermError` or, for bad arguments, its subclass :class:`InvalidRequest` before anything is sent.

    A ``commit`` argument is ``(repo, branch)``, ``(repo, commit_id)``, ``"repo/branch"``, ``"repo/commit_id"``,
    ``"repo@branch"``, ``"project/repo@branch=id"``, a :class:`Commit` or a :class:`CommitInfo`; a ``repo_name`` is
    ``"repo"``, ``"project/repo"``, either with ``.spec`` or ``.meta`` behind it, or a :class:`Repo`.

    Where a function takes a commit and a path, one text may name both, as pachctl writes it: instead of
    ``put_file("repo@branch", "/path", source)`` also ``put_file("repo@branch:/path", source)``.

    Files are listed in the order of their paths, segment by segment. 2.x servers go by the bytes of the whole path:
    there, names that share what is before a ``-``, a ``.`` or the like come together, when the first name without that
    prefix has come or the list has ended.

    :param host: name or address of the server, or ``grpcs://host:port``. If neither this nor ``config`` is given, the
        environment is read: :meth:`ClientConfig.from_env`.
    :param port: 30650 by default.
    :param config: all settings in one; the other arguments win over it.
    :param settings: ``auth_token``, ``project``, ``tls``, ``timeout`` and so on, as of :class:`ClientConfig`.
    """

    @property
    def pps(self) -> AsyncPpsClient:
        """The calls for pipelines, over the connection of this client, which they close, too."""
        return AsyncPpsClient.over(self)
