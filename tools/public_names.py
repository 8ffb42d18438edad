"""Keep the list of public names, so that none gets lost: ``tests/golden/public_names.json``.

A name is that of a class, function or value in a public module, of a member of such a class, or a command with its
options; behind it are its arguments. ``make fix`` enters names and arguments that are new. None is taken out here: one
that has to go gets a row in ``tests/unit/airflow/test_public_names.py``, which says what to use instead.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "tests" / "golden" / "public_names.json"
PACKAGE = "airflow_provider_pachyderm"
MODULES = (
    "assets.pachyderm",
    "client",
    "decorators.pachyderm",
    "fs.filesystem",
    "fs.pfs",
    "get_provider_info",
    "hooks.pachyderm",
    "links.pachyderm",
    "operators.pachyderm",
    "relays.pachyderm",
    "sensors.pachyderm",
    "task_groups.pachyderm",
    "testing.clock",
    "testing.plugin",
    "testing.server",
    "triggers.pachyderm",
)
# public names of modules that are private otherwise; the documentation shows how to import them
SINGLE = (
    "devserver.app:Running",
    "devserver.app:serve",
    "devserver.engine.errors:DataFolderError",
    "devserver.releases.profile:UnknownVersion",
    "devserver.releases.profile:profile_for",
)
# what calls return: nobody else makes these
MADE_BY_CALLS = ("FileReader", "Items", "Modification", "NewFileSet", "OpenedFile")
# users make these and give them to Airflow; what else such a class has is between the two
ONLY_ARGUMENTS = ("links", "operators", "sensors", "task_groups", "triggers")
COMMAND = "pachyderm-devserver"
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def public_names() -> dict[str, list[str]]:
    """List all that is public now, each with its arguments."""
    found = {COMMAND: options()}
    for path in MODULES:
        module = importlib.import_module(f"{PACKAGE}.{path}")
        for name in _names_of(module):
            found |= dict(_described(f"{path}:{name}", getattr(module, name)))
    for name in SINGLE:
        found |= dict(_described(name, resolve(name)))
    return found


def options() -> list[str]:
    """List the options of the dev server's command."""
    from airflow_provider_pachyderm.devserver.__main__ import _parser

    return [option for action in _parser()._actions for option in action.option_strings]


def resolve(name: str) -> Any:
    """Find what has a name such as ``client:PfsClient.list_repo``.

    :raises AttributeError: if nothing has.
    :raises ImportError: if there is no such module.
    """
    path, _, attributes = name.partition(":")
    value: Any = importlib.import_module(f"{PACKAGE}.{path}")
    for attribute in attributes.split("."):
        if attribute in _fields(value):
            return None
        value = inspect.getattr_static(value, attribute) if inspect.isclass(value) else getattr(value, attribute)
    return value


def arguments(value: Any, name: str = "") -> list[str]:
    """List what a function, a method or a class takes."""
    if name.startswith("client:") and name.endswith(MADE_BY_CALLS):
        return []
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    if inspect.isclass(value):
        return sorted(set(_constructor_arguments(value)))
    return _parameters(value) if inspect.isfunction(value) else []


def _constructor_arguments(kind: type) -> Iterator[str]:
    """List the arguments of a class, with those that its constructor passes on to that of the next class."""
    for each in _own(kind):
        if constructor := vars(each).get("__init__"):
            yield from _parameters(constructor)
            if all(one.kind is not one.VAR_KEYWORD for one in inspect.signature(constructor).parameters.values()):
                return


def _names_of(module: ModuleType) -> list[str]:
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [name for name, value in vars(module).items() if not name.startswith("_") and _is_of(module, value)]


def _is_of(module: ModuleType, value: Any) -> bool:
    is_fixture = type(value).__name__ == "FixtureFunctionDefinition"
    return is_fixture or (callable(value) and getattr(value, "__module__", None) == module.__name__)


def _described(name: str, value: Any) -> Iterator[tuple[str, list[str]]]:
    yield name, arguments(value, name)
    if inspect.isclass(value) and not name.startswith(ONLY_ARGUMENTS):
        members = {member for kind in _own(value) for member in vars(kind)} | _fields(value)
        for member in sorted(members):
            if not member.startswith("_"):
                yield f"{name}.{member}", arguments(resolve(f"{name}.{member}"))


def _own(kind: type) -> list[type]:
    """The classes that make a class of ours, without those of Airflow and of Python."""
    return [base for base in kind.__mro__ if base.__module__.startswith(PACKAGE)]


def _fields(value: Any) -> set[str]:
    return {field.name for field in fields(value)} if inspect.isclass(value) and is_dataclass(value) else set()


def _parameters(function: Any) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [each.name for each in parameters if each.name != "self" and each.kind not in _VARIADIC]


def main() -> int:
    """Enter what is new; with ``--check`` say what would be."""
    parser = argparse.ArgumentParser(description="Keep the list of public names.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if something would change")
    check = parser.parse_args().check
    known: dict[str, list[str]] = json.loads(TARGET.read_text()) if TARGET.exists() else {}
    now = public_names()
    merged = {name: sorted({*known.get(name, ()), *now.get(name, ())}) for name in sorted({*known, *now})}
    new = [name for name in merged if merged[name] != known.get(name)]
    print(*(f"new, or with new arguments: {name}" for name in new), sep="\n", end="\n" if new else "")
    if new and not check:
        rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(merged[name])}" for name in merged)
        TARGET.write_text(f"{{\n{rows}\n}}\n")
    return 1 if check and new else 0


if __name__ == "__main__":
    sys.exit(main())
