"""The executor of a schema: what it plans it runs breadth first, the rest is the reference's."""

from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLSchema, execute
from graphql.execution.values import VariableValues

from execution.kept import Kept
from execution.kinds import Offer
from execution.plan import Plan
from execution.planning import Operation, Unplanned, operation, plan
from execution.running import run

ROOM = 20_000
"""How many planned fields are kept, unless something else is said."""


class Executor:
    """Runs validated documents of one schema, of which ``offer`` tells the kinds of fields.

    Plans are kept for as long as there is ``room`` for them, counted in fields; those that were
    not used for longest give way. Nothing is ever run twice: who runs an operation is decided
    when it is planned.
    """

    def __init__(self, schema: GraphQLSchema, offer: Offer, *, room: int = ROOM) -> None:
        self.schema = schema
        self.offer = offer
        self._operations: Kept[tuple[int, str | None], Operation] = Kept(room)
        self._plans: Kept[tuple[Any, ...], Plan | Unplanned] = Kept(room)

    async def execute(
        self,
        document: DocumentNode,
        *,
        operation_name: str | None = None,
        variables: Mapping[str, Any] | None = None,
        context: Any = None,
        root: Any = None,
    ) -> ExecutionResult:
        """The answer to an operation of a valid document.

        Of a subscription this is the answer to one event, which is the ``root``.
        """
        given = dict(variables or {})
        asked = self._operation(document, operation_name)
        if asked is not None:
            coerced = asked.variables.coerced(given)
            if isinstance(coerced, list):
                return ExecutionResult(None, coerced)
            planned = self._plan(asked, coerced)
            if isinstance(planned, Plan):
                data, errors = await run(self.schema, planned, coerced, context, root)
                return ExecutionResult(data, errors or None)
        result = execute(
            self.schema,
            document,
            root_value=root,
            context_value=context,
            variable_values=given,
            operation_name=operation_name,
        )
        return result if isinstance(result, ExecutionResult) else await result

    def plans(
        self,
        document: DocumentNode,
        operation_name: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> bool:
        """Whether an operation runs here, not on the reference."""
        asked = self._operation(document, operation_name)
        if asked is None:
            return False
        coerced = asked.variables.coerced(dict(variables or {}))
        return not isinstance(coerced, list) and isinstance(self._plan(asked, coerced), Plan)

    def _plan(self, asked: Operation, variables: VariableValues) -> Plan | Unplanned:
        chosen = tuple(variables.coerced.get(name) for name in asked.choices)
        key = (id(asked.node), *chosen)
        found = self._plans.get(key)
        if found is None:
            try:
                found = plan(self.schema, self.offer, asked, variables)
            except Unplanned as why:
                found = why
            self._plans.keep(key, found, found.size)
        return found

    def _operation(self, document: DocumentNode, name: str | None) -> Operation | None:
        key = (id(document), name)
        found = self._operations.get(key)
        if found is None:
            found = operation(self.schema, document, name)
            if found is not None:
                self._operations.keep(key, found)
        return found
