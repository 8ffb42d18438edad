"""Whether an error is on its way when a file is closed: as Python compiles each way to close one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Any

import pytest

from airflow_provider_pachyderm.fs._unwinding import Unwinding


class File:
    """Remembers what it saw when it was closed; its ``with`` tells it nothing."""

    def __init__(self) -> None:
        self.seen: list[bool] = []
        self._unwinding = Unwinding()

    def close(self) -> None:
        self.seen.append(bool(self._unwinding))

    def __enter__(self) -> File:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def broken() -> None:
    raise KeyError


def with_block(file: File) -> None:
    with file:
        broken()


def in_finally(file: File) -> None:
    try:
        broken()
    finally:
        file.close()


def in_finally_of_a_handler(file: File) -> None:
    try:
        broken()
    except ValueError:
        pass
    finally:
        for each in (file,):
            each.close()


def in_except_that_raises(file: File) -> None:
    try:
        broken()
    except KeyError:
        file.close()
        raise


def in_except_that_raises_another(file: File) -> None:
    try:
        broken()
    except KeyError as error:
        file.close()
        raise ValueError from error


def in_a_stack(file: File) -> None:
    with ExitStack() as stack:
        stack.enter_context(file)
        broken()


def in_closing(file: File) -> None:
    with suppress(KeyError), closing(file):
        broken()


def in_a_generator(file: File) -> None:
    @contextmanager
    def opened() -> Iterator[File]:
        try:
            yield file
        finally:
            file.close()

    with opened():
        broken()


def in_a_generator_that_is_closed(file: File) -> None:
    def rows() -> Generator[int]:
        with file:
            yield 1

    written = rows()
    next(written)
    written.close()


def in_a_coroutine(file: File) -> None:
    async def write() -> None:
        with file:
            await asyncio.sleep(0)
            broken()

    asyncio.run(write())


def around_another_error(file: File) -> None:
    try:
        broken()
    except KeyError:
        with file:
            int("x")


BROKEN: list[Callable[[File], None]] = [
    with_block, in_finally, in_finally_of_a_handler, in_except_that_raises, in_except_that_raises_another, in_a_stack,
    in_closing, in_a_generator, in_a_generator_that_is_closed, in_a_coroutine, around_another_error,
]  # fmt: skip


@pytest.mark.parametrize("closes", BROKEN)
def test_an_error_is_on_its_way(closes: Callable[[File], None]) -> None:
    file = File()
    with suppress(KeyError, ValueError):
        closes(file)
    assert file.seen == [True]


def with_block_that_ends(file: File) -> None:
    with file:
        pass


def in_finally_of_what_ends(file: File) -> None:
    try:
        pass
    finally:
        file.close()


def in_except(file: File) -> None:
    try:
        broken()
    except KeyError:
        file.close()


def in_except_that_leaves(file: File) -> Any:
    while True:
        try:
            next(iter(()))
        except StopIteration as end:
            if file.seen:
                raise
            file.close()
            return end.value


def in_except_of_a_loop(file: File) -> None:
    for number in (0, 1):
        try:
            1 / number
        except ZeroDivisionError:
            for each in (file,):
                each.close()
            continue


def after_an_error(file: File) -> None:
    try:
        broken()
    except KeyError:
        pass
    file.close()


def in_except_of_a_coroutine(file: File) -> None:
    async def write() -> None:
        try:
            broken()
        except KeyError:
            await asyncio.sleep(0)
            file.close()
            await asyncio.sleep(0)

    asyncio.run(write())


WHOLE: list[Callable[[File], Any]] = [
    with_block_that_ends, in_finally_of_what_ends, in_except, in_except_that_leaves, in_except_of_a_loop,
    after_an_error, in_except_of_a_coroutine,
]  # fmt: skip


@pytest.mark.parametrize("closes", WHOLE)
def test_no_error_is_on_its_way(closes: Callable[[File], Any]) -> None:
    file = File()
    closes(file)
    assert file.seen == [False]


def test_an_error_that_was_there_before_is_none_of_the_files() -> None:
    try:
        broken()
    except KeyError:
        file = File()
        with file:
            pass
        with suppress(ValueError), File() as other:
            int("x")
    assert (file.seen, other.seen) == ([False], [True])
