"""Operations whose answers come one by one: subscriptions, over any transport that has room."""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Hashable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError, OperationType
from graphql.execution import Executor, create_source_event_stream
from strawberry import Schema
from strawberry.types import ExecutionResult as Result

from gateway.documents import source as text_of
from gateway.errors import Invalid, Refused, answers, plain
from gateway.operations import Operation, Operations
from gateway.standing import Standing, Standings
from models.database import Database
from resolvers.access import Viewer
from resolvers.context import Context
from resolvers.feed import Feed, Following
from resolvers.recent import Recent

MOST_AT_ONCE = 16
"""How many events are answered at the same time; others wait."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One result of an operation, and for an event where to go on from.

    A subscription begins with an answer without a result, which says where it begins.
    """

    result: Result | None
    cursor: str | None = None

    def shown(self, request_id: str) -> dict[str, Any]:
        """What clients see. Without data and without a place in it, nothing was run."""
        result = self.result or Result(None, [])
        errors = result.errors or []
        listed = {"errors": answers(errors, request_id)} if errors else {}
        if errors and result.data is None and not any(error.path for error in errors):
            return listed
        costs = {"extensions": result.extensions} if result.extensions else {}
        return {"data": result.data, **listed, **costs}


def explained(problem: Exception, request_id: str) -> list[dict[str, Any]]:
    """Why there are no answers, or no more, as clients see it. A defect is logged."""
    if isinstance(problem, Refused):
        return [plain(problem.message, problem.code, **problem.facts)]
    if isinstance(problem, Invalid):
        return answers(problem.errors, request_id)
    return answers([GraphQLError(str(problem), original_error=problem)], request_id)


class Subscriptions:
    """Answers operations over one feed. One for the process."""

    def __init__(self, schema: Schema, database: Database, operations: Operations) -> None:
        self._schema = schema._schema  # noqa: SLF001 (Strawberry has no public way to graphql-core)
        self._database = database
        self._feed = Feed(database)
        self._operations = operations
        self._standings = Standings(operations.viewer)
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._answers: Recent[Result] = Recent()

    def standing(self, authorization: Sequence[str]) -> Standing:
        """The standing of a credential that stays in use."""
        return self._standings.of(authorization)

    async def answers(
        self, operation: Operation, standing: Standing, resume: str | None = None
    ) -> AsyncGenerator[Answer]:
        """Every answer to an operation: one, or those of a subscription, without end.

        Raises Invalid, Refused or an ExpectedError where it cannot begin or go on. ``resume`` is a
        cursor that stands above the argument.
        """
        viewer = await standing.viewer()
        if operation.kind is not OperationType.SUBSCRIPTION:
            yield Answer(await self._operations.run(operation, viewer))
            return
        following = Following(self._feed, standing.viewer, resume)
        async with aclosing(await self._source(operation, viewer, following)) as source:
            yield Answer(None, following.begins)
            asked = _asked(operation)
            async for event in source:
                told = await self._told(operation, asked, await standing.viewer(), event)
                yield Answer(told, event.cursor)

    async def _told(
        self, operation: Operation, asked: Hashable, viewer: Viewer, event: Any
    ) -> Result:
        """The answer for an event, found once for all who ask the same with the same rights."""

        async def tell() -> Result:
            async with self._room:
                return await self._operations.tell(operation, viewer, event)

        return await self._answers.get((asked, viewer, event.told), tell)

    async def _source(
        self, operation: Operation, viewer: Viewer, following: Following
    ) -> AsyncGenerator[Any]:
        """The events that an operation is about."""
        self._operations.admit(operation, viewer)
        executor = Executor.build(
            self._schema,
            operation.document,
            context_value=Context(self._database, viewer, following=following),
            raw_variable_values=operation.variables,
            operation_name=operation.name,
        )
        if isinstance(executor, list):
            raise Invalid(*executor)
        source: Any = create_source_event_stream(executor)
        if inspect.isawaitable(source):
            source = await source
        if isinstance(source, ExecutionResult):
            raise Invalid(*(source.errors or ()))
        events: AsyncGenerator[Any] = source
        return events


def _asked(operation: Operation) -> Hashable:
    """What tells an operation from others: ids of objects are given again."""
    variables = orjson.dumps(operation.variables, option=orjson.OPT_SORT_KEYS)
    return text_of(operation.document), operation.name, variables
