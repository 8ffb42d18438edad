"""The client for pipelines. ``_sync/pps_client.py`` is generated from this file by ``tools/unasync.py``."""

from __future__ import annotations

from airflow_provider_pachyderm.client._async.base import AsyncCalls
from airflow_provider_pachyderm.client._async.connection import AsyncConnection
from airflow_provider_pachyderm.client._async.datums import AsyncDatumCalls
from airflow_provider_pachyderm.client._async.defaults import AsyncDefaultCalls
from airflow_provider_pachyderm.client._async.deployment import AsyncDeploymentCalls
from airflow_provider_pachyderm.client._async.job_waiting import AsyncJobWaitingCalls
from airflow_provider_pachyderm.client._async.jobs import AsyncJobCalls
from airflow_provider_pachyderm.client._async.logs import AsyncLogCalls
from airflow_provider_pachyderm.client._async.pipelines import AsyncPipelineCalls
from airflow_provider_pachyderm.client._async.secrets import AsyncSecretCalls
from airflow_provider_pachyderm.client._async.transactions import AsyncTransactionCalls
from airflow_provider_pachyderm.client._other_clients import under_its_own_name


@under_its_own_name
class AsyncPpsClient(
    AsyncDeploymentCalls,
    AsyncPipelineCalls,
    AsyncJobWaitingCalls,
    AsyncJobCalls,
    AsyncDatumCalls,
    AsyncLogCalls,
    AsyncSecretCalls,
    AsyncDefaultCalls,
    AsyncTransactionCalls,
    AsyncConnection,
):
    """A client of Pachyderm's pipelines, for servers of 1.9 to 1.13 and 2.x alike.

    Nothing connects before the first call, which asks the server for its version. All calls raise
    :class:`PachydermError` or, for bad arguments, its subclass :class:`InvalidRequest` before anything is sent; servers
    before 1.9 make all of them raise :class:`Unsupported`.

    A ``pipeline_name`` is ``"name"``, ``"project/name"``, a :class:`Pipeline` or a :class:`PipelineInfo`; a ``job`` is
    ``"pipeline@id"``, ``(pipeline, id)``, a :class:`Job` or a :class:`JobInfo`; a ``commit`` is what it is for
    :class:`PfsClient`, whose :attr:`~PfsClient.pps` gives such a client over its own connection.

    :param host: name or address of the server, or ``grpcs://host:port``. If neither this nor ``config`` is given, the
        environment is read: :meth:`ClientConfig.from_env`.
    :param port: 30650 by default.
    :param config: all settings in one; the other arguments win over it.
    :param settings: ``auth_token``, ``project``, ``tls``, ``timeout`` and so on, as of :class:`ClientConfig`.
    """

    @classmethod
    def over(cls, client: AsyncCalls) -> AsyncPpsClient:
        """Make a client over the connection of another one; it is open as long as that."""
        made = cls.__new__(cls)
        made._session = client._session
        return made
