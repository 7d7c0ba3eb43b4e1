"""From the text of a query to an operation that may run: parsed, measured, validated, chosen."""

from collections import OrderedDict

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from graphql.validation.validate import ValidationAbortedError
from strawberry import Schema
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from gateway.errors import BAD_USER_INPUT, VALIDATION_FAILED, Invalid
from gateway.limits import Limits, exceeded

# Validation keeps every other client waiting: a fifth of what graphql-core allows takes 0.3 s.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 100_000

RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
MAX_ERRORS = 20
ROOM = 128 * 1024  # a character of a document weighs up to 650 bytes once it is parsed


class Documents:
    """The documents that clients send, checked once each while they are in use.

    The texts that are kept have `room` characters in all, which bounds the memory that strangers
    can fill, and those that were not asked for longest give way. One that is refused is not kept.
    """

    def __init__(
        self, schema: Schema, limits: Limits, *, hide_suggestions: bool = False, room: int = ROOM
    ) -> None:
        self._schema = schema._schema  # noqa: SLF001 (Strawberry has no public way to graphql-core)
        self._limits = limits
        self._hide_suggestions = hide_suggestions
        self._room = room
        self._kept: OrderedDict[str, DocumentNode] = OrderedDict()

    def get(self, query: str) -> DocumentNode:
        """The document of this text. Raises Invalid if it may not run."""
        if document := self._kept.get(query):
            self._kept.move_to_end(query)
            return document
        document = self._check(query)
        self._room -= len(query)
        self._kept[query] = document
        while self._room < 0:
            forgotten, _ = self._kept.popitem(last=False)
            self._room += len(forgotten)
        return document

    def _check(self, query: str) -> DocumentNode:
        tokens = self._limits.tokens
        try:
            document = parse(query, max_lexical_tokens=tokens, max_comments=tokens)
        except GraphQLError as unreadable:
            raise Invalid(unreadable) from None
        errors = list(exceeded(document, self._limits)) or validate(
            self._schema,
            document,
            RULES,
            max_errors=MAX_ERRORS,
            hide_suggestions=self._hide_suggestions,
        )
        for error in errors:
            if isinstance(error, ValidationAbortedError) and len(errors) <= MAX_ERRORS:
                error.message = "The document repeats too many fields or fragments to be checked."
            error.extensions = {"code": VALIDATION_FAILED, **(error.extensions or {})}
        if errors:
            raise Invalid(*errors)
        return document


def select(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation of this name, or the only one. Raises Invalid where it is not clear which."""
    operations = [
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    named = [node for node in operations if node.name and node.name.value == name]
    found = operations if name is None else named
    if len(found) == 1:
        return found[0]
    if name is not None:
        problem = f"The document has no operation named {name!r}."
    elif operations:
        problem = "The document has several operations: operationName must say which one to run."
    else:
        problem = "The document has no operation."
    raise Invalid(GraphQLError(problem, extensions={"code": BAD_USER_INPUT}))


INTROSPECTION = {"__schema", "__type", "__typename"}


def only_introspects(document: DocumentNode, operation: OperationDefinitionNode) -> bool:
    """Whether a validated operation asks about the schema and about nothing else."""
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    waiting: list[SelectionNode] = list(operation.selection_set.selections)
    spread: set[str] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, FieldNode):
            if node.name.value not in INTROSPECTION:
                return False
        elif isinstance(node, InlineFragmentNode):
            waiting += node.selection_set.selections
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
            spread.add(node.name.value)
            waiting += fragments[node.name.value].selection_set.selections
    return True


class Prepared(SchemaExtension):
    """Has Strawberry run a document from Documents as it is, not parse and validate it again.

    The document is handed over as `schema.execute(..., operation_extensions={DOCUMENT: document})`.
    """

    DOCUMENT = "document"

    def on_parse(self) -> None:  # type: ignore[override]
        execution = self.execution_context
        execution.graphql_document = (execution.operation_extensions or {}).get(self.DOCUMENT)
        if execution.graphql_document is not None:
            execution.pre_execution_errors = []
