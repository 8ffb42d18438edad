"""The spec of a pipeline whose commands copy files, for tests that need any pipeline."""

from __future__ import annotations

from typing import Any


def spec(name: str, source: str, command: str = "cp /pfs/in/* /pfs/out/", **more: Any) -> dict[str, Any]:
    """Copy the files of a repo, or run another command on each; more fields may be given."""
    return {
        "pipeline": {"name": name},
        "transform": {"cmd": ["sh", "-c", command]},
        "input": {"pfs": {"name": "in", "repo": source, "glob": "/*"}},
        **more,
    }
