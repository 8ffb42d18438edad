"""Runs the steps of a flow in their order and counts them. Imported by the flows, in the peer's own environment."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Step = Callable[[Any], None]
HOST, PORT, URL = (*sys.argv[1].rsplit(":", 1), sys.argv[2])
SERVER = tuple(int(number) for number in sys.argv[3].split("."))
GUARDED_HOST, GUARDED_PORT = sys.argv[4].rsplit(":", 1)
"""Where a server with authentication is: ``secret`` is the administrator's token, ``id`` an id token of Jane's."""
LARGE = bytes(range(256)) * 4096 * 50
"""50 MiB."""


class Flow:
    """Steps that follow each other; later ones build on what earlier ones made."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def step(self, function: Step) -> Step:
        """Add a step."""
        self._steps.append(function)
        return function

    def since(self, *version: int) -> Callable[[Step], Step]:
        """Add a step that only servers from a version on can do."""
        return self.step if version <= SERVER else lambda function: function

    def run(self, client: Any) -> int:
        """Run all and print ``N passed, N failed``."""
        failed = 0
        for step in self._steps:
            try:
                step(client)
            except Exception:
                failed += 1
                print(f"{step.__name__} failed:\n{traceback.format_exc()}", file=sys.stderr)
        print(f"{len(self._steps) - failed} passed, {failed} failed")
        return int(failed > 0)


@contextmanager
def refused(*words: str) -> Iterator[None]:
    """Expect an error with these words in it."""
    try:
        yield
    except Exception as error:
        text = str(error)
        assert all(word in text for word in words), text
    else:
        raise AssertionError(f"expected an error with {', '.join(words)}")
