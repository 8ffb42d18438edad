"""The pages for people who come from other clients: nothing of those is missing, and all that is promised is there."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import airflow_provider_pachyderm.client as ours
from airflow_provider_pachyderm.client import PfsClient, PpsClient
from tests.docs.conftest import Here
from tests.support.pages import DOCS, examples, run

INSTALLED = Path(sys.prefix) / "peers"
PYTHON_PACHYDERM = DOCS / "coming-from-python-pachyderm.md"
PACHYDERM_SDK = DOCS / "coming-from-pachyderm-sdk.md"
_MIXINS = [f"mixin/{name}.py" for name in ("pfs", "pps", "auth", "transaction", "version", "health")]
_STUBS = [f"api/{name}/__init__.py" for name in ("pfs", "pps", "auth", "transaction", "version")]
_ROW = re.compile(r"^\| `([\w.]+)[^`]*` \|(?: (6|7|both) \|)? (?:`([\w.]+)|–)", re.MULTILINE)


def methods(root: Path, files: list[str], keep: set[str]) -> set[str]:
    """Read the public methods of some classes; those of the client itself and its mixins stand for themselves."""
    found = set()
    for file in files:
        for node in ast.parse((root / file).read_text()).body:
            if isinstance(node, ast.ClassDef) and (node.name in keep or node.name.endswith(("Mixin", "Stub"))):
                prefix = f"{node.name}." if node.name in keep else ""
                found |= {prefix + name for name in _public(node)}
    return found


def _public(node: ast.ClassDef) -> Iterator[str]:
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and not part.name.startswith("_"):
            yield part.name


def installed(name: str) -> Path:
    root = INSTALLED / name
    if not root.is_dir():
        pytest.skip(f"{name} is not installed beside this environment; `make test` does that")
    return root


def rows(page: Path) -> list[tuple[str, str, str]]:
    """The function, which release of its package has it, and what is there for it here."""
    found = _ROW.findall(page.read_text())
    assert len(found) == page.read_text().count("\n| `")
    return found


@pytest.mark.parametrize(("release", "version"), [("6", "6.3.3"), ("7", "7.6.0")])
def test_every_function_of_python_pachyderm_has_its_row(release: str, version: str) -> None:
    root = installed(f"python-pachyderm=={version}") / "python_pachyderm"
    theirs = methods(root, ["client.py", *_MIXINS], {"Client", "PFSFile", "PutFileClient", "ModifyFileClient"})
    theirs = {name.replace("Client.delete_all", "delete_all") for name in theirs} | {"Client", "put_files"}
    listed = [name for name, releases, _ in rows(PYTHON_PACHYDERM) if releases in (release, "both")]
    assert sorted(listed) == sorted(theirs)


def test_every_function_of_pachyderm_sdk_has_its_row() -> None:
    root = installed("pachyderm-sdk==2.12.2") / "pachyderm_sdk"
    found = set()
    for file in ("client.py", "config.py", "api/pfs/extension.py", "api/pfs/file.py"):
        found |= methods(root, [file], {"Client", "ConfigFile", "Context", "ClosedCommit", "OpenCommit", "PFSFile"})
    for service in ("pfs", "pps", "auth", "transaction", "version"):
        files = [f"api/{service}/__init__.py", f"api/{service}/extension.py"]
        stubs = methods(root, [file for file in files if (root / file).exists()], set())
        found = {name for name in found if name not in stubs} | {f"{service}.{name}" for name in stubs}
    assert sorted(name for name, _, _ in rows(PACHYDERM_SDK)) == sorted({"Client", *found})


@pytest.mark.parametrize("page", [PYTHON_PACHYDERM, PACHYDERM_SDK], ids=lambda page: page.stem)
def test_what_is_promised_is_there(page: Path) -> None:
    for _, _, name in rows(page):
        if name:
            assert promised(name), name


def promised(name: str) -> Any:
    owner, _, method = name.partition(".")
    if owner == "client":
        return getattr(PfsClient, method, None)
    if owner == "pps":
        return getattr(PpsClient, method, None)
    if owner == "modify":
        return getattr(ours.Modification, method, None)
    return getattr(getattr(ours, owner), method) if method else getattr(ours, owner)


@pytest.mark.parametrize("page", [PYTHON_PACHYDERM, PACHYDERM_SDK], ids=lambda page: page.stem)
def test_examples(page: Path, here: Here) -> None:
    names: dict[str, Any] = {}
    for example in examples(page):
        run(example, names, page, here)
