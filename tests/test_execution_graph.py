"""The graph itself, asked at random: both executors give the same data and the same errors."""

import os
from random import Random
from typing import Any

import pytest
from graphql import DocumentNode, ExecutionResult, parse, validate

from execution import Executor
from gateway.app import graph
from gateway.demo import load
from gateway.documents import Prepared
from models.database import Database
from resolvers.access import Viewer
from resolvers.context import Context
from resolvers.scopes import ADMIN
from schema.offer import offering
from tests.operations import Asker

GRAPH = graph()
SCHEMA = GRAPH._schema  # noqa: SLF001  Strawberry has no public name for it
EXECUTOR = Executor(SCHEMA, offering(GRAPH))
COUNT = 2_000 if "TRIALGRAPH_SOAK" in os.environ else 300
VIEWERS = (
    Viewer("everybody", "everybody", frozenset({ADMIN})),
    Viewer("few", "few", frozenset({"experiment:read", "metric:read"})),
    Viewer("a team", "a team", frozenset({ADMIN}), frozenset({1, 2}), include_unowned=True),
)


async def by_reference(
    document: DocumentNode, variables: dict[str, Any], context: Context
) -> ExecutionResult:
    answer = await GRAPH.execute(
        "{ __typename }",
        variable_values=variables,
        context_value=context,
        operation_extensions={Prepared.DOCUMENT: document},
    )
    return ExecutionResult(answer.data, answer.errors)


def errors(result: ExecutionResult) -> list[Any]:
    """The errors, sorted: the reference's fields answer in no certain order."""
    told = [
        (str(error.path), error.message, str(error.locations), type(error.original_error))
        for error in result.errors or []
    ]
    return sorted(told, key=repr)


def alike(ours: ExecutionResult, theirs: ExecutionResult, *, alone: bool) -> bool:
    """Whether two answers say the same.

    Where one of several roots leaves nothing, the reference tells of whichever failed first.
    """
    if ours.data is None and not alone:
        return theirs.data is None and bool(ours.errors)
    return ours.data == theirs.data and errors(ours) == errors(theirs)


@pytest.mark.large
@pytest.mark.generated
async def test_any_query_of_the_graph_is_answered_alike_by_both_executors(
    database: Database,
) -> None:
    await load(database, experiments=30)
    asked = failed = 0
    for seed in range(COUNT):
        asker = Asker(SCHEMA, Random(seed))  # noqa: S311  a fixed stream is what a test wants
        alone = seed % 2 == 0
        document = parse(asker.operation(alone=alone))
        if validate(SCHEMA, document):
            continue
        viewer = VIEWERS[seed % len(VIEWERS)]
        ours = await EXECUTOR.execute(
            document, variables=asker.variables, context=Context(database, viewer)
        )
        theirs = await by_reference(document, asker.variables, Context(database, viewer))

        assert alike(ours, theirs, alone=alone), (seed, ours, theirs)
        asked += EXECUTOR.plans(document, None, asker.variables)
        failed += bool(ours.errors)

    assert asked > COUNT / 2
    assert failed > COUNT / 20
