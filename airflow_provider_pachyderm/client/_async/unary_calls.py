"""Calls with one reply, each made again as the table of rules allows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from secrets import token_hex
from typing import Any

from airflow_provider_pachyderm.client._async.attempts import AsyncAttempts
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan
from airflow_provider_pachyderm.client._dialects.choose import HELLO
from airflow_provider_pachyderm.client._dialects.dialect import Dialect
from airflow_provider_pachyderm.client._dialects.lost_answers import look
from airflow_provider_pachyderm.client._dialects.start_tokens import marked
from airflow_provider_pachyderm.client._dialects.transactions import TOGETHER
from airflow_provider_pachyderm.client._errors import DeadlineExceeded, PachydermError, Unauthenticated, Unavailable
from airflow_provider_pachyderm.client._models import Commit
from airflow_provider_pachyderm.client._retries import BY_ID_ONLY, Repeat, Rule, rule_for, unsure
from airflow_provider_pachyderm.client._transport.aio import AsyncTransport
from airflow_provider_pachyderm.client._transport.base import silent_server
from airflow_provider_pachyderm.client._transport.pool import Lane

# how a call ends of which nobody knows whether the server has heard it
_LOST = (Unavailable, DeadlineExceeded)


class AsyncUnaryCalls:
    """Makes calls with one reply; what was lost is made again, or looked for on the server, by its rule.

    :param transport: makes them.
    :param dialect: gives the server's dialect.
    :param find: carries out the plan that looks whether a call was done.
    """

    def __init__(
        self,
        transport: AsyncTransport,
        dialect: Callable[[], Awaitable[Dialect]],
        find: Callable[[Plan[Any]], Awaitable[Any]],
    ) -> None:
        self._transport = transport
        self._dialect = dialect
        self._find = find

    async def make(self, call: Call[Any], timeout: float | None, patience: float | None = None) -> Any:
        """Make a call with one reply; again as the table of rules allows.

        :param timeout: seconds for each attempt, or None.
        :param patience: seconds for all attempts together.
        """
        rule = self.rule(call)
        attempts = AsyncAttempts(self._transport, patience, waits=timeout is None)
        if call.method.name == "StartCommit" and rule.repeat is Repeat.MADE_SAFE:
            call = marked((await self._dialect()).capabilities, call, token_hex(8))
        again = False
        while True:
            if rule.repeat is not Repeat.SAFE:
                await self._connect_for(attempts, again)
            try:
                return await self._attempt(call, attempts, timeout)
            except PachydermError as failure:
                reply = await self._instead(call, rule, attempts, failure, again)
                if reply is not None:
                    return reply
            again = True

    async def _instead(
        self, call: Call[Any], rule: Rule, attempts: AsyncAttempts, failure: PachydermError, again: bool
    ) -> Any:
        """Give what stands for the reply of a call that failed, None if it is to be made again; or raise.

        :param again: whether an earlier attempt may have got through.
        """
        attempts.note(failure)
        if again and isinstance(failure, rule.done_if):
            return call.method.reply_type()
        lost = type(failure) in _LOST
        if rule.repeat is Repeat.MADE_SAFE and (lost or (again and isinstance(failure, rule.unsure_if))):
            found = await self._look(call, failure)
            if found is not None:
                return found
        if lost and rule.repeat is Repeat.ONCE:
            raise unsure(failure) from failure.__cause__
        if not lost:
            raise failure
        await attempts.pause(failure)
        return None

    async def _look(self, call: Call[Any], failure: PachydermError) -> Any:
        """Find what a call has done whose answer was lost; None if nothing tells."""
        try:
            return await self._find(look(await self._dialect(), call))
        except _LOST as error:
            raise unsure(failure) from error

    async def _attempt(self, call: Call[Any], attempts: AsyncAttempts, timeout: float | None) -> Any:
        """Make a call once, and again if its token is refused and is made anew for each call."""
        try:
            return await self._transport.unary(call, attempts.timeout(timeout))
        except Unauthenticated:
            if not self._transport.metadata.renews_token:
                raise
        return await self._transport.unary(call, attempts.timeout(timeout))

    def rule(self, call: Call[Any]) -> Rule:
        """Give the rule for a call, as it is to be made now."""
        name = call.method.name
        if name in BY_ID_ONLY and isinstance(call.about, Commit) and call.about.id is None:
            return Rule(Repeat.ONCE)
        together = self._transport.metadata.transaction is not None and name in TOGETHER
        return rule_for(call.method.path, in_transaction=together)

    async def _connect_for(self, attempts: AsyncAttempts, again: bool) -> None:
        """Make sure of a connection before a call that may leave only once, or has got through before, maybe."""
        try:
            await self.connect(Lane.CONTROL, attempts)
        except _LOST as failure:
            raise unsure(failure) if again else failure from failure.__cause__

    async def connect(self, lane: Lane, attempts: AsyncAttempts) -> None:
        """Make sure of a connection before what may leave only once: what has not left may always be repeated."""
        while not await self._transport.connects(lane):
            try:
                await self._transport.unary(HELLO, attempts.timeout(self._transport.config.connect_timeout), lane=lane)
            except Unavailable as failure:
                await attempts.pause(failure)
            except DeadlineExceeded as failure:
                await attempts.pause(silent_server(self._transport.config, failure))
            except PachydermError:
                return  # it has answered
