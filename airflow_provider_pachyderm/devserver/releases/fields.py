"""Rules for what the generated messages hold of all releases of their world, and a release may lack: calls and fields.

A field that a release lacks is left out of its answers, and in a request it means nothing, as an unknown field does.
The tables are in :mod:`.fields_v1` and :mod:`.fields_v2`.
"""

from __future__ import annotations

from collections.abc import Mapping

from airflow_provider_pachyderm.devserver.releases.rule import Rule

_SOURCE = "the .proto files of the release"


def fields(first: str, came_and_went: Mapping[str, tuple[str, ...]]) -> dict[str, Rule[bool]]:
    """A rule for each name: whether a release has it.

    :param first: the first release of the world.
    :param came_and_went: name of a service, of a call, or ``Message.field`` -> the releases at which it came, went,
        came again, …
    """
    return {name: Rule(name, _since(first, releases), source=_SOURCE) for name, releases in came_and_went.items()}


def _since(first: str, releases: tuple[str, ...]) -> dict[str, bool]:
    has = {release: index % 2 == 0 for index, release in enumerate(releases)}
    return {first: False, **has}
