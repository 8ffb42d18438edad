"""The words in which releases of Pachyderm refuse, as rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from airflow_provider_pachyderm.devserver.releases.rule import Rule, numbers


@dataclass(frozen=True)
class Said:
    """What a release says.

    :param text: with fields in braces, as ``{repo}`` (a repo as the release names it in a sentence) or ``{repo.name}``.
    :param code: name of the gRPC status.
    :param bare: what outer steps would say before it is lost.
    """

    text: str
    code: str = "UNKNOWN"
    bare: bool = False


class Text(Rule[Said]):
    """The words of a refusal from one release to the next; plain words have the status UNKNOWN."""

    def __init__(
        self, about: str, since: Mapping[str, str | Said], recorded: str = "", source: str | Mapping[str, str] = ""
    ) -> None:
        said: dict[str, Said] = {}
        for release, words in since.items():
            one = Said(words) if isinstance(words, str) else words
            # what comes from a helper may go on as it was before
            if not said or one != [*said.values()][-1]:
                said[release] = one
        super().__init__(about, said, recorded, source)


def coded(text: str, code: str = "NOT_FOUND") -> dict[str, Said]:
    """Words that 2.0 says with the status UNKNOWN, and later releases with a status of its own.

    From 2.1 to 2.2.0 an interceptor unwraps the error that carries the status, so that outer steps add nothing.
    """
    return {"2.0": Said(text), "2.1": Said(text, code, bare=True), "2.2.1": Said(text, code)}


def coded_late(text: str, code: str = "NOT_FOUND") -> dict[str, Said]:
    """Words that have a status of their own only from 2.2.1 on."""
    return {"2.0": Said(text), "2.2.1": Said(text, code)}


def changed(rule: Text, changes: Mapping[str, str | Said]) -> dict[str, str | Said]:
    """The words of another refusal, but for some releases."""
    since = {**rule.since, **changes}
    return {release: since[release] for release in sorted(since, key=numbers)}
