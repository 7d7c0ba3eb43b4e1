"""Who may run what: the same for every way of asking, be it HTTP, a stream or a socket."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from graphql import DocumentNode, FieldNode, OperationDefinitionNode, OperationType
from starlette.background import BackgroundTask
from strawberry import Schema
from strawberry.types import ExecutionResult

from execution import Executor
from gateway import manifest
from gateway.admission import Admission, Charge
from gateway.auth import Authentication, Unauthenticated
from gateway.documents import Documents, Prepared, only_introspects, select, source
from gateway.errors import Refused
from gateway.limits import Limits
from gateway.platforms import Platforms
from gateway.rate_limit import RateLimits
from gateway.request import GraphQLRequest
from gateway.room import Room
from gateway.settings import Settings
from models.database import Database
from models.snapshot import Snapshot
from resolvers.access import ANYBODY, Viewer
from resolvers.context import Context
from schema.offer import offering

CHARACTERS = 10
"""How many characters of a document are checked for a point."""

NO_CREDENTIAL = "This takes a key: send the header 'Authorization: Api-Key KEY'."


@dataclass(frozen=True, slots=True)
class Operation:
    """What is to be run: one operation of a document that may run, and its variables."""

    document: DocumentNode
    node: OperationDefinitionNode
    variables: dict[str, Any]

    @property
    def name(self) -> str | None:
        """What the client calls it."""
        return self.node.name.value if self.node.name else None

    @property
    def fields(self) -> int:
        """How many things it asks for; fragments count as several."""
        asked = self.node.selection_set.selections
        return sum(1 if isinstance(each, FieldNode) else 2 for each in asked)

    @property
    def kind(self) -> OperationType:
        """Whether it is a query, a mutation or a subscription."""
        return self.node.operation


class TimedOut(Refused):
    """A query took too long. What it had asked the database for was given up."""

    def __init__(self, seconds: float) -> None:
        message = f"The query was given up after {seconds:g} s. Ask for less."
        super().__init__(
            HTTPStatus.GATEWAY_TIMEOUT, message, limit="QUERY_SECONDS", maximum=seconds
        )


class Operations:
    """Admits those who ask, finds what they ask for, and runs it.

    `schema` is built with the extension Prepared. Raises InvalidManifest.
    """

    def __init__(
        self,
        schema: Schema,
        database: Database,
        settings: Settings,
        platforms: Platforms | None = None,
    ) -> None:
        self._schema = schema
        self._executor = (
            Executor(schema._schema, offering(schema))  # noqa: SLF001  (as below)
            if settings.executor == "breadth"
            else None
        )
        self._outside: dict[str, Any] = (
            {"settle": platforms.settle, "sync": platforms.sync} if platforms else {}
        )
        self._database = database
        self._authentication = Authentication(settings, database)
        self._is_production = settings.is_production
        self._shows_cost = settings.show_cost
        self._query_seconds = settings.query_seconds
        self._room = Room(settings.max_running, settings.max_running_by_caller)
        self._limits = RateLimits(database, settings.points_a_minute)
        self._admission = Admission(schema._schema, settings, self._limits)  # noqa: SLF001
        trusted = settings.trusted_documents
        self._documents = Documents(
            schema,
            Limits.of(settings),
            hide_suggestions=settings.is_production,
            manifest=manifest.read(trusted) if trusted else None,
        )

    async def viewer(self, authorization: Sequence[str]) -> Viewer:
        """Whom the values of the header Authorization name; ANYBODY only in development.

        Raises Unauthenticated, and DatabaseBusy.
        """
        viewer = await self._authentication.viewer(authorization)
        if viewer is ANYBODY and self._is_production:
            raise Unauthenticated(NO_CREDENTIAL)
        return viewer

    def used(self, viewer: Viewer) -> BackgroundTask | None:
        """What is to be done after the answer."""
        return self._authentication.used(viewer)

    def find(self, asked: GraphQLRequest, viewer: Viewer) -> Operation:
        """The operation that is asked for. Raises Invalid or Refused if it may not run.

        A document that is not known has to be checked, which takes time whatever comes of it: it
        costs a point for each `CHARACTERS`.
        """
        self._limits.require(viewer)
        before = self._documents.checked
        try:
            document = self._documents.find(asked)
        finally:
            self._limits.charge(viewer, (self._documents.checked - before) / CHARACTERS)
        node = select(document, asked.operation_name)
        if viewer is ANYBODY and not only_introspects(document, node):
            raise Unauthenticated(NO_CREDENTIAL)
        return Operation(document, node, asked.variables)

    def admit(self, operation: Operation, viewer: Viewer) -> Charge:
        """Charge the viewer for running the operation once. Raises Invalid and RateLimited.

        A subscription is admitted when it begins, and again for each event that is answered.
        """
        return self._admission.admit(
            operation.document, operation.node, operation.variables, viewer
        )

    def running(self) -> AbstractAsyncContextManager[None]:
        """Tell other processes what callers use, until the block is left."""
        return self._limits.running()

    async def run(self, operation: Operation, viewer: Viewer) -> ExecutionResult:
        """The result of a query or a mutation, as soon as it is paid for and there is room.

        Raises Invalid and Refused.
        """
        with self._room.taken(viewer.actor):
            return await self._charged(operation, viewer)

    async def tell(self, operation: Operation, viewer: Viewer, event: Any) -> ExecutionResult:
        """The result of a subscription for one event, as soon as it is paid for.

        Raises Invalid and Refused.
        """
        return await self._charged(operation, viewer, event)

    async def _charged(
        self, operation: Operation, viewer: Viewer, event: Any = None
    ) -> ExecutionResult:
        charge = self.admit(operation, viewer)
        context = Context(self._database, viewer, standing=charge.standing, **self._outside)
        result = await self._in_time(operation, context, event)
        charge.settle(result.data)
        if self._shows_cost:
            result.extensions = {**(result.extensions or {}), "cost": charge.shown()}
        return result

    async def _in_time(self, operation: Operation, context: Context, event: Any) -> ExecutionResult:
        """The result, unless it takes too long: but what changes things is let end."""
        if operation.kind is OperationType.MUTATION:
            return await self._executed(operation, context, event)
        try:
            async with asyncio.timeout(self._query_seconds):
                return await self._executed(operation, context, event)
        except TimeoutError:
            context.loaders.give_up()
            raise TimedOut(self._query_seconds) from None

    async def _executed(
        self, operation: Operation, context: Context, event: Any
    ) -> ExecutionResult:
        if self._executor is not None:
            if operation.kind is OperationType.MUTATION:  # what it wrote is read afterwards
                return await self._planned(self._executor, operation, context, event)
            async with aclosing(Snapshot(context.database, operation.fields)) as moment:
                still = replace(context, database=moment)
                return await self._planned(self._executor, operation, still, event)
        return await self._schema.execute(
            source(operation.document),  # Strawberry insists on a text, and does not read it
            variable_values=operation.variables,
            context_value=context,
            root_value=event,
            operation_name=operation.name,
            operation_extensions={Prepared.DOCUMENT: operation.document},
        )

    async def _planned(
        self, executor: Executor, operation: Operation, context: Context, event: Any
    ) -> ExecutionResult:
        result = await executor.execute(
            operation.document,
            operation_name=operation.name,
            variables=operation.variables,
            context=context,
            root=event,
        )
        return ExecutionResult(result.data, result.errors)
