"""From the text of a query to an operation that may run: parsed, measured, validated, chosen."""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import NoReturn

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

from execution.kept import Kept
from gateway.errors import (
    BAD_USER_INPUT,
    PERSISTED_QUERY_NOT_FOUND,
    VALIDATION_FAILED,
    Invalid,
    Malformed,
    Refused,
)
from gateway.limits import Limits, exceeded, too_long
from gateway.manifest import InvalidManifest, Manifest
from gateway.request import GraphQLRequest

RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
MAX_ERRORS = 10
ROOM = 128 * 1024  # a character of a document weighs up to 650 bytes once it is parsed


class Documents:
    """The documents that clients ask for, checked once each while they are in use.

    The texts that are kept have `room` characters in all, which bounds the memory that strangers
    can fill, and those that were not asked for longest give way. One that is refused is not kept.
    What is kept can be asked for by its SHA-256 alone, whoever sent the text before.

    `checked` counts the characters of all that had to be checked, for who pays for it.

    With a manifest its documents are kept for good, and there are no others.
    """

    def __init__(
        self,
        schema: Schema,
        limits: Limits,
        *,
        hide_suggestions: bool = False,
        room: int = ROOM,
        manifest: Manifest | None = None,
    ) -> None:
        self._schema = schema._schema  # noqa: SLF001 (Strawberry has no public way to graphql-core)
        self._limits = limits
        # Validation keeps every other client waiting. There is no other way to tell graphql-core.
        overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = limits.comparisons
        self._hide_suggestions = hide_suggestions
        self.checked = 0
        self._kept: Kept[str, DocumentNode] = Kept(room)
        self._digests: Kept[str, str] = Kept(room)
        self._trusted = self._all_of(manifest) if manifest else None

    def find(self, asked: GraphQLRequest) -> DocumentNode:
        """The document that is asked for by its text, by its id, or by both.

        Raises Invalid if there is none or it may not run, Malformed if text and id do not belong
        together, and Refused if it must be one of the manifest and is not.
        """
        if self._trusted is not None:
            return self._known(asked, self._trusted)
        if asked.query is not None:
            return self.get(asked.query, asked.document_id)
        return self._kept.get(asked.document_id or "") or _unknown()

    def get(self, query: str, digest: str | None = None) -> DocumentNode:
        """The document of this text, whose SHA-256 the client may have said.

        Raises Invalid if it may not run, and Malformed if the SHA-256 is another one.
        """
        known = self._digests.get(query)
        found = known or hashlib.sha256(query.encode(errors="surrogatepass")).hexdigest()
        if digest not in {None, found}:
            raise Malformed("The 'query' has another SHA-256 than the one that was sent with it.")
        document = self._kept.get(found)
        if document is None:
            document = self._kept.keep(found, self._check(query), len(query))
        if known is None:
            self._digests.keep(query, found, len(query))
        return document

    def _known(self, asked: GraphQLRequest, trusted: Mapping[str, DocumentNode]) -> DocumentNode:
        if asked.document_id is None:
            message = (
                "Only documents that this gateway was started with are run: send the id of one."
            )
            raise Refused(HTTPStatus.FORBIDDEN, message)
        document = trusted.get(asked.document_id) or _unknown()
        if asked.query not in {None, source(document)}:
            raise Malformed("The 'query' is another one than the document with its id.")
        return document

    def _all_of(self, manifest: Manifest) -> dict[str, DocumentNode]:
        trusted = {}
        for name, text in manifest.documents.items():
            try:
                trusted[name] = self._check(text)
            except Invalid as invalid:
                problem = f"the document {name!r} cannot be run: {invalid}"
                raise InvalidManifest(manifest.path, problem) from None
        return trusted

    def _check(self, query: str) -> DocumentNode:
        if long := too_long(query, self._limits):
            raise Invalid(long)
        self.checked += len(query)
        tokens = self._limits.tokens
        try:
            document = parse(query, max_lexical_tokens=tokens, max_comments=tokens)
        except GraphQLError as unreadable:
            if f"more than {tokens} tokens" in unreadable.message:
                unreadable.extensions = {"limit": "MAX_TOKENS", "maximum": tokens}
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
                limit = {"limit": "MAX_COMPARISONS", "maximum": self._limits.comparisons}
                error.extensions = limit
            if isinstance(error.original_error, ValueError):  # more digits than Python reads
                error.message, error.original_error = "This value cannot be read.", None
            error.extensions = {"code": VALIDATION_FAILED, **(error.extensions or {})}
        if errors:
            raise Invalid(*errors)
        return document


def source(document: DocumentNode) -> str:
    """The text that a document was read from."""
    return document.loc.source.body if document.loc else ""


def _unknown() -> NoReturn:
    # Apollo's clients send the text as well once they read these words.
    extensions = {"code": PERSISTED_QUERY_NOT_FOUND}
    raise Invalid(GraphQLError("PersistedQueryNotFound", extensions=extensions))


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
