"""Who may run what: the same for every way of asking, be it HTTP, a stream or a socket."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, OperationDefinitionNode, OperationType
from starlette.background import BackgroundTask
from strawberry import Schema
from strawberry.types import ExecutionResult

from gateway import manifest
from gateway.auth import Authentication, Unauthenticated
from gateway.documents import Documents, Prepared, only_introspects, select, source
from gateway.limits import Limits
from gateway.platforms import Platforms
from gateway.request import GraphQLRequest
from gateway.settings import Settings
from models.database import Database
from resolvers.access import ANYBODY, Viewer
from resolvers.context import Context

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
    def kind(self) -> OperationType:
        """Whether it is a query, a mutation or a subscription."""
        return self.node.operation


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
        self._outside: dict[str, Any] = (
            {"settle": platforms.settle, "sync": platforms.sync} if platforms else {}
        )
        self._database = database
        self._authentication = Authentication(settings, database)
        self._is_production = settings.is_production
        trusted = settings.trusted_documents
        self._documents = Documents(
            schema,
            Limits(
                tokens=settings.max_tokens,
                depth=settings.max_depth,
                aliases=settings.max_aliases,
                root_fields=settings.max_root_fields,
            ),
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
        """The operation that is asked for. Raises Invalid or Refused if it may not run."""
        document = self._documents.find(asked)
        node = select(document, asked.operation_name)
        if viewer is ANYBODY and not only_introspects(document, node):
            raise Unauthenticated(NO_CREDENTIAL)
        return Operation(document, node, asked.variables)

    async def run(self, operation: Operation, viewer: Viewer) -> ExecutionResult:
        """The result of a query or a mutation."""
        return await self._schema.execute(
            source(operation.document),  # Strawberry insists on a text, and does not read it
            variable_values=operation.variables,
            context_value=Context(self._database, viewer, **self._outside),
            operation_name=operation.name,
            operation_extensions={Prepared.DOCUMENT: operation.document},
        )
