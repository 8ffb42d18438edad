"""Whether a file is closed because an error is being raised in the code that writes it.

``with`` tells only the outermost object that its block has raised: ``fsspec.open``, a compressor, pandas or a
``finally`` just close what is inside. A local file has half of its content then, and everybody knows. In a commit, half
a file would be a good one.
"""

from __future__ import annotations

import dis
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from types import CodeType

# Instructions of CPython 3.10 to 3.14.
_BRANCHES = frozenset({"FOR_ITER", "SEND"})
_ENDS = frozenset({
    "RERAISE", "RAISE_VARARGS", "RETURN_VALUE", "RETURN_CONST", "JUMP_FORWARD", "JUMP_BACKWARD",
    "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_ABSOLUTE",
})  # fmt: skip


class Unwinding:
    """True while an error is being raised that came up since this object was made.

    An error that was being handled by then is none of the writer's: ``except KeyError: write_other_file()``.
    """

    def __init__(self) -> None:
        self._handled = sys.exc_info()[1]

    def __bool__(self) -> bool:
        error = sys.exc_info()[1]
        if error is None or error is self._handled:
            return False
        # The frame that caught an error is the first in its traceback, and it is being executed.
        caught = error.__traceback__
        return caught is None or not _ends_here(caught.tb_frame.f_code, caught.tb_frame.f_lasti)


def _ends_here(code: CodeType, offset: int) -> bool:
    """Say whether the handler at this place ends its error, as ``except`` does, or passes it on, as ``finally`` does.

    Both run the same instructions until then: only what follows tells. A ``with`` goes by its ``__exit__``, which
    cannot be known yet; as good as all pass on.
    """
    steps = list(dis.get_instructions(code))
    offsets = [step.offset for step in steps]
    here = bisect_right(offsets, offset) - 1  # a call has room behind it, which is not shown
    if steps[here].opname == "WITH_EXCEPT_START":
        return False
    to_see, seen = [here + 1], {len(steps)}
    while to_see:
        place = to_see.pop()
        if place not in seen:
            seen.add(place)
            if steps[place].opname == "POP_EXCEPT":
                return True
            to_see.extend(_next(steps[place], place, offsets))
    return False


def _next(step: dis.Instruction, place: int, offsets: list[int]) -> Iterator[int]:
    """Give the places that may come after a step when nothing raises."""
    if step.opname in _BRANCHES or "JUMP" in step.opname:
        yield bisect_left(offsets, step.argval)
    if step.opname not in _ENDS:
        yield place + 1
