"""Whether an operation may run, and what it costs: decided before anything of it runs.

The same for every way of asking. A stream asks again for each event that it answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)

from execution.kept import Kept
from gateway.arguments import Measured, Most, bulk, measured
from gateway.cost import Cost, Shape, Step, total
from gateway.documents import ROOM as CHARACTERS
from gateway.documents import source
from gateway.errors import VALIDATION_FAILED, Invalid
from gateway.limits import beyond
from gateway.pricing import steps
from gateway.rate_limit import Bucket, RateLimits
from gateway.selection import Reading, Selected, TooManyFields, select, switches
from gateway.settings import Settings
from resolvers.access import Viewer
from resolvers.rate_limit import RateLimit

ROOM = 50_000
"""How many fields the plans may have together that are kept."""

TYPES = 10
"""How many times as many fields there may be where those of every type that may come are counted.

A change that asks for its errors, of which there are a dozen types, has some seventy of them.
"""


@dataclass(slots=True)
class Plan:
    """What is known of an operation whatever its variables are, but for `@skip` and `@include`.

    Holding the document keeps its identity from being given to another one. `shape` is None where
    nothing can come beyond what is expected.
    """

    document: DocumentNode
    steps: tuple[Step, ...]
    shape: Shape | None
    varying: tuple[Measured, ...]
    fields: int
    cost: Cost | None = None


@dataclass(slots=True)
class Charge:
    """What was taken from a caller's bucket for one operation."""

    limits: RateLimits
    bucket: Bucket
    shape: Shape | None
    cost: int
    nodes: int

    def settle(self, data: Any) -> None:
        """Take what the answer has beyond what was expected of it: lists have any length."""
        came = self.shape.count(data) if self.shape else 0
        if came > self.cost:
            self.bucket.add(came - self.cost)
            self.cost = came

    def standing(self) -> RateLimit:
        """What the operation costs, and how its caller stands now."""
        return self.limits.standing(self.bucket, self.cost, self.nodes)

    def shown(self) -> dict[str, Any]:
        """The same, as `extensions.cost` shows it."""
        standing = self.standing()
        return {
            "requested": standing.cost,
            "limit": standing.limit,
            "remaining": standing.remaining,
            "resetAt": standing.reset_at.isoformat(),
        }


class Admission:
    """Judges operations and charges for them. One for the process."""

    def __init__(self, schema: GraphQLSchema, settings: Settings, limits: RateLimits) -> None:
        self._schema = schema
        self._settings = settings
        self._most = Most.of(settings)
        self._limits = limits
        self._plans: Kept[tuple[Any, ...], Plan] = Kept(ROOM)
        self._switches: Kept[int, tuple[OperationDefinitionNode, tuple[str, ...]]]
        self._switches = Kept(CHARACTERS)

    def admit(
        self,
        document: DocumentNode,
        node: OperationDefinitionNode,
        variables: Mapping[str, Any],
        viewer: Viewer,
    ) -> Charge:
        """Charge the caller for an operation of a validated document.

        Raises Invalid if it asks for too much, and RateLimited if it cannot be paid for now.
        """
        settings = self._settings
        problem = bulk(variables, settings.max_variable_values, settings.max_variable_depth)
        if problem is not None:
            raise Invalid(problem)
        reading = Reading(document, node, variables)
        plan = self._plan(reading)
        cost = plan.cost or self._cost(plan, reading)
        self._require_affordable(cost.price, node, viewer)
        bucket = self._limits.spend(viewer, cost.price)
        return Charge(self._limits, bucket, plan.shape, cost.price, cost.nodes)

    def _cost(self, plan: Plan, reading: Reading) -> Cost:
        _require(plan.varying, reading, self._most)
        return total(plan.steps, 1, None, reading.variables)

    def _require_affordable(
        self, price: int, node: OperationDefinitionNode, viewer: Viewer
    ) -> None:
        most = min(self._settings.max_cost, self._limits.limit(viewer))
        if price > most:
            message = f"This operation costs {price} points; {most} is the most. Ask for less."
            facts = {"limit": "MAX_COST", "maximum": most, "found": price}
            extensions = {"code": VALIDATION_FAILED, **facts}
            raise Invalid(GraphQLError(message, node, extensions=extensions))

    def _plan(self, reading: Reading) -> Plan:
        names = self._switches_of(reading)
        decided = tuple(repr(reading.variables.get(name)) for name in names) if names else ()
        key = (id(reading.document), id(reading.node), decided)
        if plan := self._plans.get(key):
            return plan
        plan = self._planned(reading)
        return self._plans.keep(key, plan, plan.fields)

    def _switches_of(self, reading: Reading) -> tuple[str, ...]:
        """The variables that decide which fields are selected, looked for once."""
        node = reading.node
        if kept := self._switches.get(id(node)):  # which holds the node, as a plan its document
            return kept[1]
        found = switches(reading)
        return self._switches.keep(id(node), (node, found), len(source(reading.document)))[1]

    def _planned(self, reading: Reading) -> Plan:
        most = self._settings.max_fields * TYPES
        try:
            selected = select(self._schema, reading, most)
        except TooManyFields:
            what = "With every type that may come, this operation has"
            node = reading.node
            raise Invalid(
                beyond("MAX_FIELDS", what, most + 1, most, "fields or more", node)
            ) from None
        arguments: list[Measured] = []
        count = _gather(selected, arguments)
        _require([each for each in arguments if each.value.is_fixed], reading, self._most)
        is_change = reading.node.operation is OperationType.MUTATION
        priced = steps(self._schema, selected, is_change=is_change)
        shape = Shape.of(priced) if any(map(_is_open, priced)) else None
        varying = tuple(each for each in arguments if not each.value.is_fixed)
        plan = Plan(reading.document, priced, shape, varying, count + 1)
        if not varying and not any(map(_varies, priced)):
            plan.cost = total(priced, 1, None, {})
        return plan


def _require(arguments: Any, reading: Reading, most: Most) -> None:
    problems = [each.problem(reading.variables, most) for each in arguments]
    found = [problem for problem in problems if problem is not None]
    if found:
        raise Invalid(*found)


def _gather(selected: tuple[Selected, ...], into: list[Measured]) -> int:
    """What is measured of the fields, and how many fields there are."""
    count = len(selected)
    for each in selected:
        into += measured(each)
        for branch in each.branches:
            count += _gather(branch, into)
    return count


def _is_open(step: Step) -> bool:
    """Whether more may come of it than its cost says: lists have any length."""
    is_guessed = step.is_list and step.sized is None and not step.is_column
    return is_guessed or any(_is_open(inner) for branch in step.branches for inner in branch)


def _varies(step: Step) -> bool:
    """Whether its cost depends on variables."""
    sized = step.sized
    if sized is not None and any(not value.is_fixed for value in sized.values):
        return True
    return any(_varies(inner) for branch in step.branches for inner in branch)
