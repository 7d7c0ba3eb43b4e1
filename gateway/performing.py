"""The operations that one socket has under way, by the ids that its client gave them."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any, NamedTuple

import structlog
from graphql import GraphQLError, OperationType
from starlette.websockets import WebSocketDisconnect

from gateway.auth import Unauthenticated
from gateway.errors import Invalid
from gateway.following import Subscriptions, explained
from gateway.operations import Operation
from gateway.standing import Standing

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]

log = structlog.get_logger("trialgraph.sockets")


class UnderWay(NamedTuple):
    """An operation that is answered."""

    kind: OperationType
    task: asyncio.Task[None]


class Performing:
    """Answers operations by messages, several at the same time, up to ``most``.

    ``refuse`` is called when the credential is not accepted any more. ``request_id`` is what a
    client quotes of a defect.
    """

    def __init__(
        self,
        subscriptions: Subscriptions,
        send: Send,
        refuse: Callable[[Unauthenticated], None],
        request_id: str,
        most: int,
    ) -> None:
        self._subscriptions = subscriptions
        self._send = send
        self._refuse = refuse
        self._request_id = request_id
        self._most = most
        self._under_way: dict[str, UnderWay] = {}

    def __contains__(self, id_: object) -> bool:
        """Whether an operation of this id is under way."""
        return id_ in self._under_way

    def require_room(self, operation: Operation) -> None:
        """Raises Invalid where one more is too many."""
        if len(self._under_way) >= self._most:
            message = f"At most {self._most} operations run on one socket at the same time."
            facts = {"limit": "MAX_SUBSCRIPTIONS", "maximum": self._most}
            raise Invalid(
                GraphQLError(message, operation.node, extensions={"code": "RATE_LIMITED", **facts})
            )

    def begin(self, id_: str, operation: Operation, standing: Standing) -> None:
        """Answer an operation from now on."""
        task = asyncio.create_task(self._perform(id_, operation, standing))
        self._under_way[id_] = UnderWay(operation.kind, task)

    def end(self, id_: str) -> None:
        """The client wants no more answers. What changes something is finished all the same."""
        found = self._under_way.get(id_)
        if found is not None and found.kind is not OperationType.MUTATION:
            del self._under_way[id_]
            found.task.cancel()

    async def finish(self) -> None:
        """Finish what has an end.

        Subscriptions have none: a client that heard `complete` would not begin it again elsewhere.
        """
        for id_, (kind, _) in list(self._under_way.items()):
            if kind is OperationType.SUBSCRIPTION:
                self.end(id_)
        await self._finished()

    async def abandon(self) -> None:
        """End all but what changes something: that is finished, though nobody may hear of it."""
        for id_ in list(self._under_way):
            self.end(id_)
        await self._finished()

    async def refused(self, id_: str, problem: Exception) -> None:
        """Tell why an operation is not answered, or not any longer."""
        await self._send(
            {"id": id_, "type": "error", "payload": explained(problem, self._request_id)}
        )

    async def _finished(self) -> None:
        tasks = [task for _, task in self._under_way.values()]
        if tasks:
            await asyncio.wait(tasks)

    async def _perform(self, id_: str, operation: Operation, standing: Standing) -> None:
        begun = time.perf_counter()
        try:
            await self._answer(id_, operation, standing)
        except Unauthenticated as refusal:
            self._refuse(refusal)
        except WebSocketDisconnect:
            return
        finally:
            log.info(
                "operation",
                operation_type=operation.kind.value,
                ms=round((time.perf_counter() - begun) * 1000, 1),
                **({"operation": operation.name} if operation.name else {}),
            )
            found = self._under_way.get(id_)
            if found is not None and found.task is asyncio.current_task():
                del self._under_way[id_]

    async def _answer(self, id_: str, operation: Operation, standing: Standing) -> None:
        try:
            async with aclosing(self._subscriptions.answers(operation, standing)) as given:
                async for answer in given:
                    if answer.result is None:
                        continue
                    shown = answer.shown(self._request_id)
                    if "data" not in shown:
                        await self._send({"id": id_, "type": "error", "payload": shown["errors"]})
                        return
                    await self._send({"id": id_, "type": "next", "payload": shown})
        except (Unauthenticated, WebSocketDisconnect):
            raise
        except Exception as problem:  # noqa: BLE001  what is a defect is logged with its answer
            await self.refused(id_, problem)
        else:
            await self._send({"id": id_, "type": "complete"})
