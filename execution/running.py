"""Running a plan: level by level, each batch once for all objects that a level has at its place."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any, cast

from graphql import GraphQLError, GraphQLResolveInfo, GraphQLSchema, OperationType
from graphql.execution.values import VariableValues
from graphql.pyutils import Path, is_awaitable

from execution.building import reader
from execution.completing import At, Report, completed
from execution.failures import Failure, Frame, settled
from execution.kinds import Attribute, Batch
from execution.leaves import written
from execution.objects import selection_of
from execution.plan import Field, Plan, Selection


async def run(
    schema: GraphQLSchema, plan: Plan, variables: VariableValues, context: Any, root: Any
) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
    """The data of a plan, and its errors."""
    running = _Run(schema, plan, variables, context, root)
    top = Frame(plan.root, [root])
    running.enter(top)
    waiting = running.taken()
    if plan.operation.operation is OperationType.MUTATION:
        for step in waiting:
            if running.is_lost:
                break
            await running.drain([step])
    else:
        await running.drain(waiting)
    return settled(top.answers[0], running.failures)


Step = tuple[Frame, Field]
"""A batch: the field, and the objects that it is asked for."""

LISTS: set[type[Any]] = {list}
NOTHING: set[type[Any]] = {type(None)}


class _Run:
    def __init__(
        self,
        schema: GraphQLSchema,
        plan: Plan,
        variables: VariableValues,
        context: Any,
        root: Any,
    ) -> None:
        self.schema = schema
        self.plan = plan
        self.variables = variables
        self.context = context
        self.root = root
        self.waiting: list[Step] = []
        self.failures: list[Failure] = []

    @property
    def is_lost(self) -> bool:
        """Whether nothing but null is left to answer."""
        return any(each.field.survivor(len(each.at) - 1) == 0 for each in self.failures)

    def taken(self) -> list[Step]:
        """The batches of the next level, which are nobody's any more."""
        level, self.waiting = self.waiting, []
        return level

    async def drain(self, level: list[Step]) -> None:
        """Run the batches, and those of all levels below."""
        while level:
            for frame, field in level:
                self.give(frame, field, await self.fetch(frame, field))
            level = self.taken()

    def enter(self, frame: Frame) -> None:
        """Answer the objects of a frame as far as they hold the answers themselves."""
        fields = frame.selection.fields
        report = self.reporter(frame)

        def slow(number: int, value: Any, row: int) -> Any:
            return completed(fields[number], value, (row,), report, written)

        frame.answers = frame.selection.build(frame.rows, slow)
        for field in frame.selection.nested:
            self.give(frame, field, _read(field, frame.rows))
        self.waiting += [(frame, field) for field in frame.selection.batches]

    async def fetch(self, frame: Frame, field: Field) -> Sequence[Any]:
        """What a batch gives for each object of the frame."""
        kind = cast("Batch", field.kind)
        count = len(frame.rows)
        try:
            given = field.given(self.variables)
            values = await kind.function(self.context, frame.rows, kind.takes(given))
        except Exception as error:  # noqa: BLE001  it is the answer of every object
            return [error] * count
        if len(values) != count:
            wrong = f"{field.parent}.{field.name} gave {len(values)} values for {count} parents."
            return [TypeError(wrong)] * count
        return values

    def give(self, frame: Frame, field: Field, values: Sequence[Any]) -> None:
        """Answer a field with its values, and enter what stands below it."""
        report = self.reporter(frame)
        key = field.key
        if not field.selections:
            for row, (answer, value) in enumerate(zip(frame.answers, values, strict=True)):
                answer[key] = completed(field, value, (row,), report, written)
            return
        values, objects = self.sorted_out(field, values, report)
        answers: dict[int, dict[str, Any]] = {}
        for selection, found in _grouped(field, objects):
            below = Frame(selection, found, frame, field, values)
            self.enter(below)
            answers.update(zip(map(id, found), below.answers, strict=True))
        for answer, placed in zip(
            frame.answers, _placed(values, field.shape.depth, answers), strict=True
        ):
            answer[key] = placed

    def sorted_out(
        self, field: Field, values: Sequence[Any], report: Report
    ) -> tuple[Sequence[Any], list[Any]]:
        """The values with null for what failed, and the objects in them, each once."""
        objects = _at_once(field, values)
        if objects is not None:
            return values, objects
        found: dict[int, Any] = {}
        info = self.info(field)

        def finish(field: Field, value: Any) -> Any:
            selection_of(field, value, self.schema, info)
            found[id(value)] = value
            return value

        clean = [
            completed(field, value, (row,), report, finish) for row, value in enumerate(values)
        ]
        return clean, list(found.values())

    def reporter(self, frame: Frame) -> Report:
        def report(field: Field, at: At, error: Exception) -> None:
            self.failures.append(Failure(frame, field, at, error))

        return report

    def info(self, field: Field) -> Any:
        """What a schema may ask when it tells the type of a value."""
        made: Any = GraphQLResolveInfo  # what belongs to running resolvers is left out
        return made(
            field.name,
            field.nodes,
            field.definition.type,
            field.parent,
            _path(field),
            self.schema,
            dict(self.plan.fragments),
            self.root,
            self.plan.operation,
            self.variables,
            self.context,
            is_awaitable,
            None,
            None,
        )


def _path(field: Field) -> Path:
    """The place of a field, without list indexes: it stands for all its objects."""
    within = _path(field.within) if field.within else None
    return Path(within, field.key, field.parent.name)


def _read(field: Field, rows: Sequence[Any]) -> Sequence[Any]:
    read = reader(field.kind)
    if isinstance(field.kind, Attribute):
        with suppress(Exception):  # it is looked for below
            return list(map(read, rows))
    values = []
    for row in rows:
        try:
            values.append(read(row))
        except Exception as error:  # noqa: BLE001  it is the answer of this object
            values.append(error)
    return values


def _at_once(field: Field, values: Sequence[Any]) -> list[Any] | None:
    """The objects in the values, each once; None where something has to be looked at."""
    depth, required = field.shape.depth, field.shape.required
    items: Sequence[Any] = values
    if depth == 1:
        if set(map(type, values)) - (set() if required[0] else NOTHING) != LISTS:
            return None
        items = list(chain.from_iterable(filter(None, values)))
    elif depth:
        return None
    found = dict(zip(map(id, items), items, strict=True))
    if not required[-1]:
        found.pop(id(None), None)
    objects = list(found.values())
    return objects if field.known.keys() >= set(map(type, objects)) else None


def _grouped(field: Field, objects: list[Any]) -> Iterable[tuple[Selection, list[Any]]]:
    """The objects by what is asked of them."""
    if len(field.selections) == 1:
        return [(selection, objects) for selection in field.selections.values() if objects]
    groups: dict[Selection, list[Any]] = {}
    for each in objects:
        groups.setdefault(field.known[type(each)], []).append(each)
    return groups.items()


def _placed(values: Iterable[Any], depth: int, answers: Mapping[int, Any]) -> Iterable[Any]:
    """The values with answers in the place of objects."""
    if depth == 0:
        return map(answers.get, map(id, values))
    answer = answers.get
    if depth == 1:
        return [None if value is None else list(map(answer, map(id, value))) for value in values]
    return [None if value is None else list(_placed(value, depth - 1, answers)) for value in values]
