"""What errors say of names: those that other clients of Pachyderm have, and that of the class a user knows."""

from __future__ import annotations

import inspect
from functools import update_wrapper
from types import FunctionType
from typing import Any, TypeVar

T = TypeVar("T")

_VERSION = "client.version()"
_IN_MODIFY = "`with client.modify(commit) as changes:` and its changes.put() and changes.put_file()"
_PART = "the client itself: its functions have the names of those, as client.list_repo()"

_OF_PIPELINES = (
    *("create_pipeline", "delete_all_pipelines", "delete_pipeline", "inspect_pipeline", "list_pipeline", "run_cron"),
    *("run_pipeline", "start_pipeline", "stop_pipeline", "delete_job", "inspect_job", "list_job", "stop_job"),
    *("inspect_datum", "list_datum", "restart_datum", "get_logs"),
    *("create_secret", "delete_secret", "inspect_secret", "list_secret"),
)

NAMES_HERE: dict[str, str] = {
    # ways to connect
    "Client": "PfsClient(host, port)",
    "new_in_cluster": "PfsClient.from_env()",
    "new_from_pachd_address": "PfsClient.from_url(url)",
    "from_pachd_address": "PfsClient.from_url(url)",
    "new_from_config": "PfsClient.from_pachctl_config()",
    "from_config": "PfsClient.from_pachctl_config()",
    "project_name": "PfsClient(…, project=…), or the project before the name: 'project/repo'",
    "pfs": _PART,
    "auth": _PART,
    # the server
    "get_remote_version": _VERSION,
    "get_version": _VERSION,
    "health": _VERSION,
    "health_check": _VERSION,
    # projects and repos
    "inspect_project_v2": "client.inspect_project(name)",
    "repos_summary": "client.list_repo(project=…)",
    "delete_all_repos": "client.delete_repo(all=True)",
    "delete_repos": "client.delete_repo(all=True)",
    # commits and branches
    "forget_commit": "client.squash_commit(commit), or client.drop_commit(commit)",
    "walk_commit_provenance": "client.inspect_commit(commit).provenance",
    "walk_commit_subvenance": "client.flush_commit(commits)",
    "walk_branch_provenance": "client.inspect_branch(repo_name, branch).provenance",
    "walk_branch_subvenance": "client.inspect_branch(repo_name, branch).subvenance",
    # files
    "put_file_client": _IN_MODIFY,
    "modify_file_client": _IN_MODIFY,
    "modify_file": _IN_MODIFY,
    "put_file_from_bytes": "client.put_file_bytes(commit, path, value)",
    "put_file_from_file": "client.put_file(commit, path, source)",
    "put_file_from_fileobj": "client.put_file(commit, path, source)",
    "put_file_from_filepath": "client.put_file(commit, path, source)",
    "put_file_from_url": "client.put_file_url(commit, path, url)",
    "pfs_file": "client.get_file(commit, path), or client.open_file(commit, path) to seek in it",
    "pfs_tar_file": "client.get_file_tar(commit, path)",
    "create_tmp_file_set": "client.create_file_set()",
    "renew_tmp_file_set": "client.renew_file_set(file_set_id, ttl)",
    # transactions
    "batch_transaction": "`with client.transaction():`",
    "transaction_id": "`with client.transaction() as id:`",
    "within_transaction": "`with client.transaction():`",
    "transaction_exists": "client.inspect_transaction(transaction_id)",
    "delete_all_transactions": "client.list_transaction() and client.delete_transaction(transaction_id)",
    # pipelines
    **{name: f"client.pps.{name}(…)" for name in _OF_PIPELINES},
    "create_pipeline_from_request": "client.pps.create_pipeline(spec)",
    "flush_job": "client.pps.wait_jobs(commit)",
    "get_job_logs": "client.pps.get_logs(job=…)",
    "get_pipeline_logs": "client.pps.get_logs(pipeline)",
    # who one is, and may do what
    "authenticate": "client.authenticate_id_token(id_token)",
    "get_oidc_login": "client.start_oidc_login()",
    "get_auth_token": "client.get_robot_token(robot, ttl)",
    "activate": "client.activate_auth(root_token)",
    "deactivate": "client.deactivate_auth()",
    "get_configuration": "client.get_auth_configuration()",
    "set_configuration": "client.set_auth_configuration(configuration)",
    "get_permissions_for_principal": "client.get_permissions(resource, principal)",
    "get_groups_for_principal": "client.get_groups(principal)",
    "get_cluster_role_bindings": "client.get_role_binding(CLUSTER)",
    "modify_cluster_role_binding": "client.modify_role_binding(CLUSTER, principal, roles)",
}


SETTINGS_HERE: dict[str, str] = {
    "address": "host",
    "access_token": "auth_token",
    "token": "auth_token",
    "project_name": "project",
    "root_certs": "tls_ca, with tls=True",
    "root_certificates": "tls_ca, with tls=True",
    "ca_cert": "tls_ca, with tls=True",
    "use_tls": "tls=True",
    "transaction_id": "`with client.transaction():`",
    "transaction": "`with client.transaction():`",
    "grpc_metadata": "auth_token",
    "request_timeout": "timeout, in seconds",
}


def no_attribute(owner: str, name: str) -> str:
    """Say that there is no such name, and what to use instead if another client has it."""
    there = NAMES_HERE.get(name)
    return f"{owner} has no attribute {name!r}" + (f": use {there}" if there else "")


def under_its_own_name(cls: type[T]) -> type[T]:
    """Have errors about arguments name this class, not the base that a function is written in.

    Functions of a base that another class has as well are copied, so that each has its own name; but for what a
    decorator has put something around.
    """
    for base in cls.__mro__[:-1]:
        for name, member in list(vars(base).items()):
            function: Any = getattr(member, "__func__", member)
            if not inspect.isfunction(function):
                continue
            if function.__qualname__.startswith(f"{base.__qualname__}."):
                _rename(function, f"{cls.__qualname__}.{name}")
            elif name not in vars(cls) and not hasattr(function, "__wrapped__"):
                copied = _copy(function, f"{cls.__qualname__}.{name}")
                setattr(cls, name, classmethod(copied) if isinstance(member, classmethod) else copied)
    return cls


def _rename(function: Any, name: str) -> None:
    while inspect.isfunction(function):
        function.__qualname__ = name
        function = getattr(function, "__wrapped__", None)


def _copy(function: FunctionType, qualname: str) -> FunctionType:
    made = FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    update_wrapper(made, function, updated=())
    del made.__wrapped__  # type: ignore[attr-defined]
    made.__kwdefaults__ = function.__kwdefaults__
    made.__qualname__ = qualname
    return made
