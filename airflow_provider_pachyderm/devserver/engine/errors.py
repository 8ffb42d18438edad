"""What the engine refuses, in the words of the version that is played."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class EngineError(Exception):
    """A refusal: the gRPC status by name and the text for the client.

    :param code: name of a gRPC status, e.g. ``"NOT_FOUND"``.
    :param text: what the real server would say.
    :param bare: outer steps add nothing to it.
    """

    def __init__(self, code: str, text: str, bare: bool = False) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text
        self.bare = bare

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"

    def within(self, context: str) -> EngineError:
        """The same refusal told by an outer step, as Go's errors.Wrap does."""
        return EngineError(self.code, f"{context}: {self.text}") if context and not self.bare else self


def refused(text: str, code: str = "UNKNOWN") -> EngineError:
    """A refusal whose words all releases share that know the call."""
    return EngineError(code, text)


def crash(why: str) -> EngineError:
    """What a caller meets where a real server dies."""
    return EngineError("UNAVAILABLE", f"a real server crashes here: {why}")


class NeverAnswers(Exception):
    """A real server does not come back from this call, whatever becomes of its caller; nothing was done."""


class DataFolderError(Exception):
    """The data folder was written by another world or another release of the dev server."""


@contextmanager
def during(context: str) -> Iterator[None]:
    """Prefix refusals raised inside with what was going on; an empty context changes nothing."""
    try:
        yield
    except EngineError as error:
        raise error.within(context) from error
