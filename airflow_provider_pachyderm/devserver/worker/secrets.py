"""Secrets as commands get them: as variables, and as files of a folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow_provider_pachyderm.devserver.engine.secrets.secrets import Secrets


@dataclass(frozen=True)
class Given:
    """The secrets that a command is given.

    :param env: environment variables that have the value of a secret.
    :param mounts: folders with the files of a secret, by the path at which the command sees them.
    """

    env: Mapping[str, str]
    mounts: Mapping[str, Path]


@contextmanager
def given(secrets: Secrets, transform: Mapping[str, Any], folder: Path) -> Iterator[Given]:
    """Write the secrets that a pipeline asks for to the disk until the block ends, except those that do not exist.

    :param folder: the folder for their files, which is deleted at the end.
    """
    env: dict[str, str] = {}
    mounts: dict[str, Path] = {}
    try:
        for number, wanted in enumerate(transform.get("secrets", ())):
            value = secrets.value(wanted["name"], wanted.get("key", ""))
            if wanted.get("env_var") and value is not None:
                env[wanted["env_var"]] = value.decode(errors="surrogateescape")
            if wanted.get("mount_path"):
                mounts[wanted["mount_path"]] = _written(folder / str(number), secrets.values(wanted["name"]))
        yield Given(env, mounts)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _written(folder: Path, values: Mapping[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    for key, value in values.items():
        (folder / key).write_bytes(value)
    return folder
