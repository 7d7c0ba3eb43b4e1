"""Operations made up at random, answered by the executor and by graphql-core: all must be alike.

Alike means the same data, and the same errors with the same messages, paths, locations and
extensions, in the same order. The reference's fields all answer at once, which is what the order
of the executor's errors is defined by.
"""

import asyncio
import os
from random import Random
from typing import Any

from graphql import DocumentNode, ExecutionResult, execute_sync, parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from execution import Executor
from tests.nasty import SCHEMA, World, kind_of, reference_schema, told
from tests.operations import Asker

COUNT = 10_000 if "TRIALGRAPH_SOAK" in os.environ else 1_000

REFERENCE = reference_schema()
EXECUTOR = Executor(SCHEMA, kind_of)


def made(seed: int) -> tuple[DocumentNode, dict[str, Any]] | None:
    """An operation and its variables; None where it came out invalid: that is never executed."""
    chance = Random(seed)  # noqa: S311  a seed is what a failure is repeated with
    asker = Asker(SCHEMA, chance)
    document = parse(asker.operation(chance.choice(["query"] * 4 + ["mutation", "subscription"])))
    return None if validate(SCHEMA, document) else (document, asker.variables)


def answered(document: DocumentNode, variables: dict[str, Any], world: World) -> ExecutionResult:
    return asyncio.run(
        EXECUTOR.execute(document, variables=variables, context=world, root=world.root)
    )


@settings(max_examples=COUNT, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 0.02, 0.1, 0.3]))
def test_any_operation_is_answered_as_graphql_core_answers_it(seed: int, trouble: float) -> None:
    asked = made(seed)
    if asked is None:
        return
    document, variables = asked
    world, same = World(seed, trouble), World(seed, trouble)
    expected = execute_sync(REFERENCE, document, same.root, same, variables)

    assert told(answered(document, variables, world)) == told(expected)


def test_most_of_what_is_made_up_is_valid_and_planned_and_much_of_it_fails() -> None:
    asked = [each for each in map(made, range(300)) if each]
    planned = sum(EXECUTOR.plans(document, None, variables) for document, variables in asked)
    answers = [
        answered(document, variables, World(seed, 0.1))
        for seed, (document, variables) in enumerate(asked)
    ]
    failed = [answer for answer in answers if answer.errors]
    lost = [answer for answer in failed if answer.data is None]

    assert len(asked) > 240
    assert planned > 200
    assert 200 > len(failed) > len(lost) > 20
