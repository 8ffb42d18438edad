"""What is done to its end, or taken back, wherever an interrupt comes in."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from airflow_provider_pachyderm.client._transport.sync import unbroken


class Interrupted(BaseException):
    """What a signal raises in the thread that is at work."""


@pytest.fixture
def main() -> Iterator[int]:
    """This thread, in which the signal raises."""

    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGUSR1, interrupt)
    yield threading.get_ident()
    signal.signal(signal.SIGUSR1, before)


def test_an_interrupt_while_the_thread_begins(main: int) -> None:
    done: list[int] = []
    taken_back: list[int] = []

    def work(number: int) -> int:
        signal.pthread_kill(main, signal.SIGUSR1)
        done.append(number)
        return number

    for number in range(300):
        with pytest.raises(Interrupted):
            unbroken(lambda number=number: work(number), lambda result, error: taken_back.append(result))
    assert taken_back == done == [*range(300)]


def test_what_the_work_raises_is_not_taken_back() -> None:
    def work() -> int:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        unbroken(work, lambda result, error: pytest.fail("nothing was done"))
