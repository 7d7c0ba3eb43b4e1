"""Who sees what: each root field, each edge, each filter and each order, from the schema itself.

What these lists do not cover fails a test, so that nothing new is forgotten.
"""

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, dataclass, fields
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from graphql import GraphQLObjectType, get_named_type
from sqlalchemy import select
from sqlalchemy.dialects.sqlite import dialect
from sqlmodel import col

import models as m
from gateway.app import graph
from models.base import Table
from models.database import Database
from resolvers import batches, paging, reading
from resolvers import relations as r
from resolvers.access import FOLLOWING, Viewer, visible
from resolvers.api_key import Wanted, make
from resolvers.connection import Question, total_counts
from resolvers.context import Context
from resolvers.edges import ToOne
from resolvers.filters import condition
from resolvers.identity import NODES, encode
from resolvers.meanings import MEANING, AnyRelated, Related
from resolvers.ordering import Direction, terms
from resolvers.ownership import RULES, SHARED
from resolvers.scopes import ADMIN, READ, known_scopes
from resolvers.telling import after, before
from schema.filters import Each
from schema.kinds import KIND, Batched, Many, Mutation, One, Paged, Root, RootList, RootRow
from tests.two_teams import BOTH, NOBODY, UNOWNED, WORD, A, B, Two, identity, two_teams

SCHEMA = graph()._schema  # noqa: SLF001  Strawberry has no public name for it
READ_ALL = frozenset(scope for scope in known_scopes() if scope.endswith(":read"))
EVERYBODY = Viewer("everybody", "everybody", frozenset({ADMIN}))
MODELS = tuple({row.target for row in vars(r).values() if hasattr(row, "target")} | {*READ})
PLACE = paging.Window(paging.LARGEST_PAGE, False, None, None)  # noqa: FBT003  its own order
DEMANDED = frozenset({m.Event, m.File})
"""What takes no scope of its own; `READ` names the scope of everything else."""

ANSWERED_ALIKE = {"eventsCursor", "lifecycle", "rateLimit", "requiredSampleSize"}
"""Root fields that read nothing."""

BY_HAND = {"node", "nodes", "viewer", "experiment", "search"}
"""Root fields that have tests of their own below, beside what is found in the schema."""

BATCHES = {
    "Event.after": "test_an_event_names_no_thing_that_is_not_seen",
    "Event.before": "test_an_event_names_no_thing_that_is_not_seen",
    "Experiment.availableTransitions": "facts of an experiment that is seen",
    "Experiment.readiness": "facts of an experiment that is seen",
    "InUse.by": "test_what_is_in_the_way_of_a_deletion_is_named_as_far_as_it_is_seen",
    "Viewer.teams": "test_a_viewer_sees_their_teams_with_those_below",
}
"""Fields of many parents that are no edges, each with the reason why it tells nothing hidden."""

THROUGH = (r.EXPERIMENT_GOALS, r.GOAL_EXPERIMENTS)
"""Edges that lead through rows which may be hidden themselves."""


def bare(scopes: frozenset[str], teams: frozenset[int] | None = None, **more: Any) -> Viewer:
    return Viewer("somebody", "somebody", scopes, teams, **more)


def lacking(model: type[Any]) -> Viewer:
    """Whoever may read everything but what the model's scope opens."""
    if model in FOLLOWING:
        return bare(READ_ALL - {READ[followed] for followed in FOLLOWING[model].models})
    return bare(READ_ALL - {READ[model]})


def object_types() -> Iterator[GraphQLObjectType]:
    for name, kind in SCHEMA.type_map.items():
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__"):
            yield kind


@dataclass(frozen=True)
class Found:
    """An edge where the schema shows it. ``model`` is the parent's, None for what is no row."""

    name: str
    model: type[Any] | None
    edge: Any
    is_page: bool


def edges() -> list[Found]:
    found = []
    for kind in object_types():
        for name, field in kind.fields.items():
            shown = field.extensions["strawberry-definition"].metadata.get(KIND)
            if isinstance(shown, One | Many | Paged):
                model = getattr(m, kind.name, None)
                is_page = isinstance(shown, Paged)
                found.append(Found(f"{kind.name}.{name}", model, shown.edge, is_page))
    return found


async def everything(database: Database, model: type[Any]) -> list[Any]:
    async with database.read() as session:
        return list((await session.scalars(select(model))).all())


async def parents(database: Database, found: Found) -> list[Any]:
    """All rows that the edge can start from, seen or not; stand-ins for what is no row."""
    if found.model is not None:
        return await everything(database, found.model)
    targets = await everything(database, found.edge.target)
    return [
        SimpleNamespace(**{found.edge.near: getattr(target, found.edge.far)}) for target in targets
    ]


async def joined_ends(context: Context, found: Found) -> dict[Any, set[Any]]:
    """What there is at the end of the edge from each row, by a statement that brings the rows."""
    model: Any = found.model
    wanted = reading.Wanted(None, (reading.Along(found.edge, reading.WHOLE, "ends_"),))
    names = wanted.columns(model)

    def build() -> Any:
        return select(*(getattr(model, name) for name in names))

    statement = reading.Statement(model, names, build, ("every row", model), wanted)
    return {identity(row): keys_in(row.ends_) for (row,) in await statement.rows(context, {})}


def keys_in(ends: Any) -> set[Any]:
    """What tells the targets apart that an edge has for one row."""
    listed = ends if isinstance(ends, list) else [ends]
    return keys([end for end in listed if end is not None])


async def followed(
    database: Database, found: Found, viewer: Viewer, starts: Sequence[Any]
) -> list[list[Any]]:
    """What the viewer finds at the end of the edge from each start; counts must agree."""
    context = Context(database, viewer)
    if not found.is_page:
        ends = await reading.followed(context, found.edge, starts)
        if found.model is not None:
            joined = await joined_ends(context, found)
            assert list(map(keys_in, ends)) == [joined[identity(start)] for start in starts]
        if isinstance(found.edge, ToOne):
            return [[] if one is None else [one] for one in ends]
        return list(ends)
    question = Question(found.edge.target, found.edge)
    pages = await batches.pages(context, question, PLACE, starts)
    counts = await total_counts(context, pages)
    assert [len(page.nodes) for page in pages] == list(counts), found.name
    return [page.nodes for page in pages]


def keys(rows: Sequence[Any]) -> set[Any]:
    return {identity(row) for row in rows}


@pytest.fixture
async def two(database: Database) -> Two:
    return await two_teams(database)


def team_a(two: Two, *, unowned: bool = False) -> Viewer:
    """Whoever may read everything, of one team and those below it."""
    teams = frozenset({two.number("team", A), two.number("below", A)})
    return bare(READ_ALL, teams, include_unowned=unowned)


# --- The tables are complete


def test_every_kind_of_row_that_the_graph_shows_has_a_scope_and_an_owner() -> None:
    shown = {
        getattr(m, kind.name)
        for kind in object_types()
        if isinstance(getattr(m, kind.name, None), type)
        and issubclass(getattr(m, kind.name), Table)
    }

    assert shown == {*READ} | DEMANDED
    assert {*FOLLOWING} == DEMANDED
    assert shown == {*RULES} | {*SHARED} | DEMANDED
    assert {*NODES.values()} <= shown
    assert {*READ.values()} <= {*known_scopes()}


def test_every_field_of_many_parents_is_an_edge_or_known_to_tell_nothing_hidden() -> None:
    batches = {
        f"{kind.name}.{name}"
        for kind in object_types()
        for name, field in kind.fields.items()
        if isinstance(field.extensions["strawberry-definition"].metadata.get(KIND), Batched)
        and name != "totalCount"
    }

    assert batches == {*BATCHES}


# --- Edges


async def test_an_edge_leads_nowhere_for_who_lacks_the_scope_of_its_end(
    database: Database, two: Two
) -> None:
    seen, unproven = [], []
    for found in edges():
        starts = await parents(database, found)
        if not any(await followed(database, found, EVERYBODY, starts)):
            unproven.append(found.name)
        if any(await followed(database, found, lacking(found.edge.target), starts)):
            seen.append(found.name)

    assert (seen, unproven) == ([], [])
    assert two.side


@pytest.mark.parametrize("unowned", [False, True], ids=["its own", "its own and the unowned"])
async def test_an_edge_leads_a_team_to_its_own_rows_and_to_all_of_them(
    database: Database, two: Two, *, unowned: bool
) -> None:
    viewer = team_a(two, unowned=unowned)
    wrong, unproven = [], []
    for found in edges():
        starts = await parents(database, found)
        there = await followed(database, found, EVERYBODY, starts)
        theirs = await followed(database, found, viewer, starts)
        for start, all_rows, rows in zip(starts, there, theirs, strict=True):
            own = {identity(row) for row in all_rows if two.seen_by(row, A, unowned=unowned)}
            is_right = keys(rows) <= own if found.edge in THROUGH else keys(rows) == own
            if not is_right:
                wrong.append(f"{found.name} from {start!r}")
        hidden = any(not two.seen_by(row, A) for rows in there for row in rows)
        if not hidden and found.edge.target not in SHARED:
            unproven.append(found.name)

    assert (wrong, unproven) == ([], [])


async def test_a_goal_is_not_found_through_a_metric_that_is_not_seen(
    database: Database, two: Two
) -> None:
    """The other team's metric reads it too, and is secondary in this team's experiment."""
    experiment = two.named["experiment", A]
    [through] = [found for found in edges() if found.name == "Experiment.goals"]
    [back] = [found for found in edges() if found.name == "Goal.experiments"]
    hidden_goal = two.named["hidden goal", A]

    [goals] = await followed(database, through, team_a(two), [experiment])
    assert keys(goals) == keys([two.named["goal", A]])
    assert await followed(database, back, team_a(two), [hidden_goal]) == [[]]
    [goals] = await followed(database, through, EVERYBODY, [experiment])
    assert identity(hidden_goal) in keys(goals)
    without_metrics = bare(READ_ALL - {"metric:read"})
    assert await followed(database, through, without_metrics, [experiment]) == [[]]
    assert await followed(database, back, without_metrics, [two.named["goal", A]]) == [[]]


# --- Rows


async def test_every_model_shows_a_team_exactly_its_own_rows(database: Database, two: Two) -> None:
    wrong, unproven = [], []
    for model in sorted({*READ, *FOLLOWING}, key=lambda model: model.__name__):
        rows = await everything(database, model)
        for unowned in (False, True):
            viewer = team_a(two, unowned=unowned)
            async with database.read() as session:
                found = keys(list(await session.scalars(visible(model, viewer))))
            own = {identity(row) for row in rows if two.seen_by(row, A, unowned=unowned)}
            if found != own:
                wrong.append((model.__name__, unowned))
        sides = {two.side[identity(row)] for row in rows}
        if model not in SHARED and not sides & {B, NOBODY}:
            unproven.append(model.__name__)

    assert (wrong, unproven) == ([], [])


async def test_a_key_whose_teams_are_gone_sees_what_is_shared_and_nothing_else(
    database: Database, two: Two
) -> None:
    viewer = bare(READ_ALL, frozenset())
    shared = (*SHARED, m.ApprovalPolicy, m.Event)
    for model in (*READ, *FOLLOWING):
        async with database.read() as session:
            rows = list(await session.scalars(visible(model, viewer)))
        if model in shared:
            assert rows, model.__name__
            assert {two.side[identity(row)] for row in rows} == {BOTH}, model.__name__
        else:
            assert rows == [], model.__name__


def test_who_is_bound_to_no_team_and_has_the_scope_is_asked_nothing_more() -> None:
    viewer = bare(READ_ALL)
    for model in (*READ, *FOLLOWING):
        assert str(visible(model, viewer)) == str(select(model)), model.__name__


def test_the_teams_of_a_viewer_are_one_parameter_however_many_they_are() -> None:
    few, many = (
        visible(m.Experiment, bare(READ_ALL, frozenset(range(size)))).compile(dialect=dialect())
        for size in (2, 5000)
    )
    assert str(few) == str(many)
    assert len(few.params) == len(many.params) == 1


@pytest.mark.parametrize(
    ("scopes", "subjects"),
    [
        ({"goal:read"}, {"Goal"}),
        ({"metric:write"}, {"Metric", "MetricCategory"}),
        ({"api_key:read"}, {"ApiKey"}),
        ({"user:read"}, {"User", "File"}),
        ({"experiment:start"}, set()),
    ],
)
async def test_events_are_seen_with_what_they_are_about(
    database: Database, two: Two, scopes: set[str], subjects: set[str]
) -> None:
    async with database.read() as session:
        rows = list(await session.scalars(visible(m.Event, bare(frozenset(scopes)))))

    assert {row.subject_type for row in rows} == subjects
    assert two.side


async def test_what_happened_to_a_thing_of_an_experiment_is_seen_when_the_thing_is_gone(
    database: Database, two: Two
) -> None:
    async with database.write() as session:
        for side in (A, B):
            gone = m.Event(subject_type="Note", subject_id=10**6, action="DELETE")
            gone.experiment_id = two.number("experiment", side)
            session.add(gone)
    async with database.read() as session:
        deletions = visible(m.Event, team_a(two)).where(col(m.Event.action) == "DELETE")
        rows = list(await session.scalars(deletions))

    assert [row.experiment_id for row in rows] == [two.number("experiment", A)]


async def test_an_event_names_no_thing_that_is_not_seen(database: Database, two: Two) -> None:
    def named(name: str, *sides: str) -> list[str]:
        kind = type(two.named[name, sides[0]]).__name__
        return [encode(kind, two.number(name, side)) for side in sides]

    [own], [other] = named("metric", A), named("metric", B)
    row = m.Event(
        action="UPDATE",
        subject_type="Experiment",
        before={"primaryMetric": other, "owners": named("user", A, B), "key": "x"},
        after={"primaryMetric": own, "owners": named("user", B), "deep": {"teams": [[other]]}},
    )

    async def told(viewer: Viewer) -> tuple[Any, Any]:
        context = Context(database, viewer)
        [was], [now] = await before(context, [row]), await after(context, [row])
        return was, now

    assert await told(EVERYBODY) == (row.before, row.after)
    assert await told(team_a(two)) == (
        {"primaryMetric": None, "owners": named("user", A), "key": "x"},
        {"primaryMetric": own, "owners": [], "deep": {"teams": [[]]}},
    )
    assert await told(lacking(m.Metric)) == (
        {"primaryMetric": None, "owners": named("user", A, B), "key": "x"},
        {"primaryMetric": None, "owners": named("user", B), "deep": {"teams": [[]]}},
    )


# --- Conditions and orders through edges


def meanings(kind: type[Any]) -> Iterator[tuple[str, Any]]:
    for field in fields(kind):
        meaning = field.metadata.get(MEANING)
        if isinstance(meaning, Related | AnyRelated):
            yield field.name, meaning


def inputs(suffix: str) -> Iterator[tuple[type[Any], type[Any]]]:
    """Each model with its input that ends in this word."""
    for name, kind in SCHEMA.type_map.items():
        model = getattr(m, name.removesuffix(suffix), None)
        if name.endswith(suffix) and model is not None:
            yield model, kind.extensions["strawberry-definition"].origin


def empty_where(model: type[Any]) -> Any:
    return next(kind for found, kind in inputs("Where") if found is model)()


def conditions() -> Iterator[tuple[str, type[Any], Any, Any]]:
    """Each condition that follows an edge, as an input that any row at its end satisfies."""
    for model, kind in inputs("Where"):
        for name, meaning in meanings(kind):
            inner = empty_where(meaning.edge.target)
            value = inner if isinstance(meaning, Related) else Each(some=inner)
            yield f"{kind.__name__}.{name}", model, meaning.edge, kind(**{name: value})


async def matching(database: Database, model: type[Any], where: Any, viewer: Viewer) -> set[Any]:
    """The rows, seen or not, that satisfy a condition as the viewer is answered."""
    statement = select(model).where(condition(where, model, viewer))
    async with database.read() as session:
        return keys(list(await session.scalars(statement)))


async def test_a_condition_through_an_edge_matches_nothing_without_the_scope_of_its_end(
    database: Database, two: Two
) -> None:
    matched, unproven = [], []
    for name, model, edge, where in conditions():
        if not await matching(database, model, where, EVERYBODY):
            unproven.append(name)
        if await matching(database, model, where, lacking(edge.target)):
            matched.append(name)

    assert (matched, unproven) == ([], [])
    assert two.side


async def test_a_condition_through_an_edge_matches_what_the_team_finds_at_its_end(
    database: Database, two: Two
) -> None:
    viewer, wrong = team_a(two), []
    for name, model, edge, where in conditions():
        found = Found(name, model, edge, is_page=False)
        starts = await everything(database, model)
        ends = await followed(database, found, viewer, starts)
        expected = {identity(start) for start, rows in zip(starts, ends, strict=True) if rows}
        if await matching(database, model, where, viewer) != expected:
            wrong.append(name)

    assert wrong == []


def orders() -> Iterator[tuple[str, type[Any], Any, Any]]:
    """Each order that follows an edge, by the first column of what is at its end."""
    for model, kind in inputs("Order"):
        for name, meaning in meanings(kind):
            inner = next(kind for found, kind in inputs("Order") if found is meaning.edge.target)
            column = next(
                field.name
                for field in fields(inner)
                if field.default is not MISSING
                and not isinstance(field.metadata.get(MEANING), Related)
            )
            value = inner(**{column: Direction.ASC})
            yield f"{kind.__name__}.{name}", model, meaning.edge, kind(**{name: value})


async def test_an_order_through_an_edge_knows_only_what_is_seen_at_its_end(
    database: Database, two: Two
) -> None:
    known, wrong, unproven = [], [], []
    for name, model, edge, order in orders():
        starts = await everything(database, model)
        found = Found(name, model, edge, is_page=False)
        if not any(await sorted_by(database, model, order, EVERYBODY)):
            unproven.append(name)
        if any(await sorted_by(database, model, order, lacking(edge.target))):
            known.append(name)
        ends = await followed(database, found, team_a(two), starts)
        if sum(await sorted_by(database, model, order, team_a(two))) != sum(map(len, ends)):
            wrong.append(name)

    assert (known, wrong, unproven) == ([], [], [])


async def sorted_by(database: Database, model: type[Any], order: Any, viewer: Viewer) -> list[bool]:
    """For each row, whether there is something to sort it by."""
    term = terms([order], model, viewer)[0]
    async with database.read() as session:
        values = await session.scalars(select(term.expression).select_from(model))
        return [value is not None for value in values]


# --- Root fields, over HTTP, with keys


@dataclass(frozen=True)
class Keys:
    """Headers of keys that see a part of the graph."""

    client: httpx.AsyncClient
    database: Database
    two: Two

    async def made(self, scopes: Sequence[str], team: str | None = None) -> dict[str, str]:
        """A key with these scopes, of one team or of none. Whoever looks finds it is nobody's."""
        teams = None if team is None else [self.two.number("team", team)]
        async with Context(self.database, EVERYBODY).transaction() as change:
            wanted = Wanted(name="key", scopes=scopes, teams=teams)
            return {"Authorization": f"Api-Key {(await make(change, wanted)).secret}"}

    async def ask(self, headers: dict[str, str], query: str, **variables: Any) -> Any:
        body = {"query": query, "variables": variables}
        return (await self.client.post("/graphql", json=body, headers=headers)).json()


@pytest.fixture
def holders(client: httpx.AsyncClient, database: Database, two: Two) -> Keys:
    return Keys(client, database, two)


def root_fields() -> dict[str, Any]:
    assert SCHEMA.query_type is not None
    return {
        name: field
        for name, field in SCHEMA.query_type.fields.items()
        if name not in ANSWERED_ALIKE | BY_HAND
    }


def root_model(field: Any) -> type[Any]:
    kind = get_named_type(field.type)
    return getattr(m, kind.name.removesuffix("Connection"))  # type: ignore[no-any-return]


LISTS = sorted(name for name, field in root_fields().items() if "where" in field.args)
FINDERS = sorted(name for name, field in root_fields().items() if set(field.args) == {"id"})


def test_every_root_field_is_covered() -> None:
    assert SCHEMA.query_type is not None
    covered = {*LISTS, *FINDERS} | ANSWERED_ALIKE | BY_HAND
    assert {*SCHEMA.query_type.fields} == covered
    kinds = {
        type(field.extensions["strawberry-definition"].metadata[KIND])
        for field in SCHEMA.query_type.fields.values()
    }
    assert kinds == {Root, RootList, RootRow}
    assert issubclass(RootList, Root)
    assert issubclass(RootRow, Root)
    assert issubclass(Mutation, Root)


def ids(two: Two, model: type[Any], *sides: str) -> set[str]:
    """The global ids of all rows of a model that these sides have."""
    return {
        encode(model.__name__, key[0])
        for (kind, key), side in two.side.items()
        if kind is model and side in sides
    }


async def test_a_root_list_is_refused_without_its_scope_which_is_named(holders: Keys) -> None:
    for name in LISTS:
        model = root_model(root_fields()[name])
        if model in DEMANDED:
            continue
        scope = READ[model]
        headers = await holders.made(sorted(READ_ALL - {scope}))
        answer = await holders.ask(headers, f"{{ {name} {{ totalCount }} }}")
        assert answer["data"] is None
        assert [(error["message"], error["extensions"]) for error in answer["errors"]] == [
            (f"The scope {scope} is missing.", {"scope": scope, "code": "FORBIDDEN"})
        ], name


async def test_a_root_list_of_what_takes_no_scope_is_empty_for_who_may_read_nothing(
    holders: Keys,
) -> None:
    headers = await holders.made(["experiment:start"])
    answer = await holders.ask(headers, "{ events { totalCount nodes { id } } }")
    assert answer == {"data": {"events": {"totalCount": 0, "nodes": []}}}


async def test_a_root_list_shows_a_team_its_own_rows_and_counts_them(holders: Keys) -> None:
    headers = await holders.made(sorted(READ_ALL), A)
    for name in LISTS:
        model = root_model(root_fields()[name])
        query = f"{{ {name}(first: 200) {{ totalCount nodes {{ id }} }} }}"
        [answer] = (await holders.ask(headers, query))["data"].values()
        expected = ids(holders.two, model, A, BOTH)
        found = {node["id"] for node in answer["nodes"]}
        if model is m.ApiKey:  # the key that asks is bound to the team, and sees itself
            found -= {encode("ApiKey", number) for number in await mine(holders)}
        elif model is m.Event:
            found &= ids(holders.two, model, A, BOTH, B, UNOWNED, NOBODY)
        else:
            assert answer["totalCount"] == len(expected), name
        assert found == expected, name


async def mine(holders: Keys) -> list[int]:
    """The keys that were made for asking."""
    async with holders.database.read() as session:
        named = select(col(m.ApiKey.id)).where(col(m.ApiKey.name) == "key")
        return list(await session.scalars(named))


async def test_a_root_finder_is_refused_without_its_scope_which_is_named(holders: Keys) -> None:
    for name in (*FINDERS, "experiment"):
        model = NODES[name.capitalize()]
        scope = READ[model]
        headers = await holders.made(sorted(READ_ALL - {scope}))
        query = f"query($id: ID!) {{ {name}(id: $id) {{ id }} }}"
        answer = await holders.ask(headers, query, id=encode(model.__name__, 1))
        assert answer["data"] == {name: None}
        [error] = answer["errors"]
        assert error["extensions"] == {"scope": scope, "code": "FORBIDDEN"}, name


async def test_a_root_finder_finds_a_team_its_own_rows_only(holders: Keys) -> None:
    headers = await holders.made(sorted(READ_ALL), A)
    for name in (*FINDERS, "experiment"):
        query = f"query($id: ID!) {{ {name}(id: $id) {{ id }} }}"
        for side, is_found in ((A, True), (B, False)):
            row = encode(name.capitalize(), holders.two.number(name, side))
            answer = await holders.ask(headers, query, id=row)
            assert answer == {"data": {name: {"id": row} if is_found else None}}, name


async def test_an_experiment_is_found_by_key_only_by_who_sees_it(holders: Keys) -> None:
    headers = await holders.made(sorted(READ_ALL), A)
    query = "query($key: String!) { experiment(key: $key) { key iteration } }"
    own = await holders.ask(headers, query, key=f"{WORD} {A}")
    assert own == {"data": {"experiment": {"key": f"{WORD} {A}", "iteration": 1}}}
    assert await holders.ask(headers, query, key=f"{WORD} {B}") == {"data": {"experiment": None}}


async def test_sources_are_neither_named_nor_asked_for_without_their_scope(
    holders: Keys, database: Database
) -> None:
    async with database.write() as session:
        second = m.Source(name="second", platform=m.Platform.LOCAL)
        session.add(second)
        await session.flush()
        family = m.Family(source_id=second.id, key=f"{WORD} {A}")
        session.add(family)
        await session.flush()
        session.add(
            m.Experiment(key=family.key, name="x", family_id=family.id, source_id=second.id)
        )
    headers = await holders.made(["experiment:read"])
    query = "query($source: String) { experiment(key: %s, source: $source) { id source { id } } }"
    query %= f'"{WORD} {A}"'
    [error] = (await holders.ask(headers, query))["errors"]
    assert error["message"] == (f"The key '{WORD} {A}' is found in several sources. Ask with id.")
    assert await holders.ask(headers, query, source="second") == {"data": {"experiment": None}}
    both = await holders.made(["experiment:read", "source:read"])
    [error] = (await holders.ask(both, query))["errors"]
    assert "lantern, second" in error["message"]


async def test_node_and_nodes_find_nothing_without_the_scope(holders: Keys) -> None:
    query = """query($id: ID!, $ids: [ID!]!) { node(id: $id) { id } nodes(ids: $ids) { id } }"""
    for model in NODES.values():
        scopes = (
            READ_ALL - {READ[followed] for followed in FOLLOWING[model].models}
            if model in FOLLOWING
            else READ_ALL - {READ[model]}
        )
        headers = await holders.made(sorted(scopes) or ["experiment:start"])
        every = sorted(ids(holders.two, model, A, B, BOTH, UNOWNED, NOBODY))
        answer = await holders.ask(headers, query, id=every[0], ids=every[:100])
        assert answer == {"data": {"node": None, "nodes": [None] * len(every[:100])}}


async def test_node_and_nodes_find_a_team_its_own_rows_only(holders: Keys) -> None:
    headers = await holders.made(sorted(READ_ALL), A)
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    one = "query($id: ID!) { node(id: $id) { id } }"
    for model in NODES.values():
        every = sorted(ids(holders.two, model, A, B, BOTH, UNOWNED, NOBODY))[:200]
        own = ids(holders.two, model, A, BOTH)
        answer = await holders.ask(headers, query, ids=every)
        found = [row if row in own else None for row in every]
        assert [node and node["id"] for node in answer["data"]["nodes"]] == found, model
        for row in (*every[:1], *every[-1:]):
            answer = await holders.ask(headers, one, id=row)
            assert (answer["data"]["node"] is not None) == (row in own), model


SEARCH = """query($text: String!, $types: [SearchType!]) {
  search(text: $text, types: $types, first: 200) {
    totalCount nodes { __typename ... on Node { id } }
  }
}"""


def search_types() -> dict[str, type[Any]]:
    kind: Any = SCHEMA.type_map["SearchType"]
    return {name: getattr(m, name.title().replace("_", "")) for name in kind.values}


async def test_a_search_finds_nothing_without_the_scope(holders: Keys) -> None:
    for name, model in search_types().items():
        headers = await holders.made(sorted(READ_ALL - {READ[model]}))
        answer = await holders.ask(headers, SEARCH, text=WORD, types=[name])
        assert answer == {"data": {"search": {"totalCount": 0, "nodes": []}}}, name


async def test_a_search_finds_a_team_its_own_rows_and_counts_them(holders: Keys) -> None:
    headers = await holders.made(sorted(READ_ALL), A)
    for name, model in search_types().items():
        answer = await holders.ask(headers, SEARCH, text=WORD, types=[name])
        found = {node["id"] for node in answer["data"]["search"]["nodes"]}
        own = ids(holders.two, model, A, BOTH)
        assert found == own, name
        assert answer["data"]["search"]["totalCount"] == len(own) > 0, name
    answer = await holders.ask(headers, SEARCH, text=WORD)
    total = sum(len(ids(holders.two, model, A, BOTH)) for model in search_types().values())
    assert answer["data"]["search"]["totalCount"] == total


async def test_a_viewer_sees_their_teams_with_those_below(holders: Keys) -> None:
    query = "{ viewer { scopes teamBound includeUnowned teams { name } user { id } } }"
    facts = {"teamBound": True, "includeUnowned": False, "user": None}
    headers = await holders.made(["tag:write", "team:read"], A)
    assert (await holders.ask(headers, query))["data"]["viewer"] == {
        **facts,
        "scopes": ["tag:write", "team:read"],
        "teams": [{"name": f"{WORD} a"}, {"name": f"{WORD} a below"}],
    }
    headers = await holders.made(["tag:write"], A)
    viewer = (await holders.ask(headers, query))["data"]["viewer"]
    assert viewer == {**facts, "scopes": ["tag:write"], "teams": []}


async def test_what_is_in_the_way_of_a_deletion_is_named_as_far_as_it_is_seen(
    database: Database, two: Two
) -> None:
    from models.errors import InUse  # noqa: PLC0415  a test of one function
    from resolvers.nodes import named_by  # noqa: PLC0415  (the same)

    rows = [two.named["experiment", side] for side in (A, B)]
    refusal = InUse(message="In use.", by=tuple(("Experiment", row.id) for row in rows))
    [named] = await named_by(Context(database, team_a(two)), [refusal])
    assert keys(named) == keys(rows[:1])
    assert await named_by(Context(database, lacking(m.Experiment)), [refusal]) == [[]]


async def test_what_reads_nothing_is_told_to_every_key(holders: Keys) -> None:
    headers = await holders.made(["experiment:start"])
    query = """{ lifecycle(platform: LOCAL) { action }
      requiredSampleSize(mean: 1, stdev: 1, minimumDetectableEffect: 0.1) { total } }"""
    answer = await holders.ask(headers, query)
    assert "errors" not in answer
