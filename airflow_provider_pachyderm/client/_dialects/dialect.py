"""What a dialect is: it turns values into calls and replies into values. No channel, no await, no clock."""

from __future__ import annotations

from abc import ABC

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.auth import Auth
from airflow_provider_pachyderm.client._dialects.branches import Branches
from airflow_provider_pachyderm.client._dialects.commit_removal import CommitRemoval
from airflow_provider_pachyderm.client._dialects.commit_search import CommitSearch
from airflow_provider_pachyderm.client._dialects.commit_sets import CommitSets
from airflow_provider_pachyderm.client._dialects.commits import Commits
from airflow_provider_pachyderm.client._dialects.copies import Copies
from airflow_provider_pachyderm.client._dialects.datums import Datums
from airflow_provider_pachyderm.client._dialects.defaults import Defaults
from airflow_provider_pachyderm.client._dialects.diffs import Diffs
from airflow_provider_pachyderm.client._dialects.downloads import Downloads
from airflow_provider_pachyderm.client._dialects.file_sets import FileSets
from airflow_provider_pachyderm.client._dialects.file_system import FileSystem
from airflow_provider_pachyderm.client._dialects.files import Files
from airflow_provider_pachyderm.client._dialects.jobs import Jobs
from airflow_provider_pachyderm.client._dialects.logs import Logs
from airflow_provider_pachyderm.client._dialects.pipelines import Pipelines
from airflow_provider_pachyderm.client._dialects.projects import Projects
from airflow_provider_pachyderm.client._dialects.repos import Repos
from airflow_provider_pachyderm.client._dialects.roles import Roles
from airflow_provider_pachyderm.client._dialects.secrets import Secrets
from airflow_provider_pachyderm.client._dialects.subscriptions import Subscriptions
from airflow_provider_pachyderm.client._dialects.transactions import Transactions
from airflow_provider_pachyderm.client._dialects.uploads import Uploads


class Dialect(ABC):
    """One protocol as one server version speaks it: its calls, by what they are about.

    Chosen once per client; everything is delegated to it.
    """

    projects: Projects
    repos: Repos
    branches: Branches
    commits: Commits
    commit_sets: CommitSets
    commit_removal: CommitRemoval
    commit_search: CommitSearch
    subscriptions: Subscriptions
    files: Files
    downloads: Downloads
    uploads: Uploads
    copies: Copies
    diffs: Diffs
    file_sets: FileSets
    file_system: FileSystem
    transactions: Transactions
    auth: Auth
    roles: Roles
    pipelines: Pipelines
    jobs: Jobs
    datums: Datums
    logs: Logs
    secrets: Secrets
    defaults: Defaults

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    def of_datum(self, datum: str) -> Dialect:
        """The same for reading only what was put with a datum; an empty one means all."""
        if datum:
            self.capabilities.require(Feature.DATUM_FILES)
        return self
