"""Subscriptions, whatever way they are asked: a source of events, and an answer for each."""

import inspect
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from graphql import ExecutionResult, GraphQLError, OperationType, execute
from graphql.execution import Executor, create_source_event_stream
from strawberry import Schema
from strawberry.types import ExecutionResult as Result

from gateway.errors import Invalid
from gateway.operations import Operation, Operations
from gateway.standing import Standing, Standings
from models.database import Database
from models.errors import ExpectedError
from resolvers.access import Viewer
from resolvers.context import Context
from resolvers.feed import Feed, Following


@dataclass(frozen=True, slots=True)
class Answer:
    """One result of an operation, and for an event where to go on from."""

    result: ExecutionResult | Result
    cursor: str | None = None


class Subscriptions:
    """Runs subscriptions over one feed. One for the process."""

    def __init__(self, schema: Schema, database: Database, operations: Operations) -> None:
        self._schema = schema._schema  # noqa: SLF001 (Strawberry has no public way to graphql-core)
        self._database = database
        self._feed = Feed(database)
        self._standings = Standings(operations.viewer)
        self._operations = operations

    def standing(self, authorization: tuple[str, ...]) -> Standing:
        """The standing of a credential that stays in use."""
        return self._standings.of(authorization)

    async def answers(
        self, operation: Operation, standing: Standing, resume: str | None = None
    ) -> AsyncGenerator[Answer]:
        """Every answer to an operation: one, or those of a subscription, without end.

        Raises Invalid where it cannot begin or go on, and Unauthenticated when the credential is
        not accepted any more. ``resume`` is a cursor that stands above the argument.
        """
        try:
            viewer = await standing.viewer()
            if operation.kind is not OperationType.SUBSCRIPTION:
                yield Answer(await self._operations.run(operation, viewer))
                return
            source = await self._source(operation, viewer, standing, resume)
            async with aclosing(source):
                async for event in source:
                    context = Context(self._database, await standing.viewer())
                    result = await self._executed(operation, event, context)
                    yield Answer(result, event.cursor)
        except ExpectedError as failure:
            raise Invalid(GraphQLError(failure.message, original_error=failure)) from None

    async def _source(
        self, operation: Operation, viewer: Viewer, standing: Standing, resume: str | None
    ) -> AsyncGenerator[Any]:
        following = Following(self._feed, standing.viewer, resume)
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

    async def _executed(
        self, operation: Operation, event: Any, context: Context
    ) -> ExecutionResult:
        """The selection of a subscription, for one event, by what its context sees."""
        result: Any = execute(
            self._schema,
            operation.document,
            root_value=event,
            context_value=context,
            variable_values=operation.variables,
            operation_name=operation.name,
        )
        executed: ExecutionResult = await result if inspect.isawaitable(result) else result
        return executed
