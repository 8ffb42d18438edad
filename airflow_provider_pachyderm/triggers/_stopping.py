"""The trigger of a task that stops the job for which it waits, if it is killed."""

from __future__ import annotations

from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.triggers.pachyderm import PachydermJobTrigger


class PachydermStoppingJobTrigger(PachydermJobTrigger):
    """Wait as a ``PachydermJobTrigger`` does, and stop the job if a person clears the task or marks it."""

    async def on_kill(self) -> None:
        """Stop the job. Airflow calls this from 3.3 on."""
        condition = self.condition
        async with PachydermHook(self.pachyderm_conn_id, project=self.project).async_client() as client:
            job = condition.job or await client.pps.find_job(str(condition.pipeline), str(condition.commit))
            await client.pps.stop_job(job)
