"""What is used is not deleted: every kind of use, by whom, and what goes along with a row."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from resolvers.identity import decode
from tests.making import add, everything, experiment, id_of, source
from tests.nouns import BY_NAME, Editor, filled, world

Use = Callable[[Database, int, int], Awaitable[list[Any]]]
"""Makes what uses the row of a number, in a source; answers what is named as its users."""


@pytest.fixture
async def ids(database: Database) -> dict[str, str]:
    return await world(database)


def on_experiment(column: str) -> Use:
    async def use(database: Database, number: int, _: int) -> list[Any]:
        named: dict[str, Any] = {column: number}
        return [await experiment(database, key=f"{column}_{number}", **named)]

    return use


def of_experiment(link: type[Any], column: str, **values: Any) -> Use:
    async def use(database: Database, number: int, _: int) -> list[Any]:
        row = await experiment(database, key=f"{link.__name__}_{number}")
        await add(database, link(experiment_id=row.id, **{column: number}, **values))
        return [row]

    return use


def on(model: type[Any], column: str, **values: Any) -> Use:
    """A row of its own that names it in a column."""

    async def use(database: Database, number: int, source_id: int) -> list[Any]:
        row = model(**_placed(model, source_id, number), **values, **{column: number})
        await add(database, row)
        return [row]

    return use


def by_link(model: type[Any], link: type[Any], near: str, column: str, **values: Any) -> Use:
    """A row of its own with a link to it."""

    async def use(database: Database, number: int, source_id: int) -> list[Any]:
        row = model(**_placed(model, source_id, number), **values)
        await add(database, row)
        await add(database, link(**{near: row.id, column: number}))
        return [row]

    return use


def _placed(model: type[Any], source_id: int, number: int) -> dict[str, Any]:
    """The columns that a row needs to stand beside others of its table."""
    unique = {"source_id": source_id, "digest": f"of {number}"}
    return {name: value for name, value in unique.items() if name in model.model_fields}


async def result(database: Database, number: int, _: int) -> list[Any]:
    row = await experiment(database, key=f"of_{number}")
    await add(database, m.Result(experiment_id=row.id, metric_id=number, variant_index=0))
    return [row]


async def note(database: Database, number: int, source_id: int) -> list[Any]:
    row = await experiment(database, key=f"of_{number}")
    said = m.Note(source_id=source_id, experiment_id=row.id, note="Hm.", created_by_id=number)
    await add(database, said)
    return [said]


async def change_request(database: Database, number: int, _: int) -> list[Any]:
    row = await experiment(database, key=f"of_{number}")
    request = m.ChangeRequest(experiment_id=row.id, policy_id=number)
    await add(database, request)
    return [request]


KEY: dict[str, Any] = {"name": "key", "prefix": "tg_", "scopes": []}
USES: list[tuple[str, str, Use]] = [
    ("goal", "metric", on(m.Metric, "goal_id", name="x")),
    ("goal", "ratio", on(m.Metric, "denominator_goal_id", name="x")),
    ("goal", "cancellation", on(m.Metric, "cancellation_goal_id", name="x")),
    ("goal", "relation", on(m.Metric, "relation_goal_id", name="x")),
    ("metric", "primary", on_experiment("primary_metric_id")),
    ("metric", "secondary", of_experiment(m.ExperimentMetric, "metric_id")),
    ("metric", "result", result),
    ("team", "child", on(m.Team, "parent_id", name="x")),
    ("team", "policy", on(m.ApprovalPolicy, "team_id", name="x")),
    ("team", "key", by_link(m.ApiKey, m.ApiKeyTeam, "api_key_id", "team_id", **KEY)),
    ("team", "member", by_link(m.User, m.TeamMember, "user_id", "team_id", email="x@y.zz")),
    ("team", "experiment", of_experiment(m.ExperimentTeam, "team_id")),
    ("team", "goal", by_link(m.Goal, m.GoalTeam, "goal_id", "team_id", name="x")),
    ("team", "metric", by_link(m.Metric, m.MetricTeam, "metric_id", "team_id", name="x")),
    ("user", "team", by_link(m.Team, m.TeamMember, "team_id", "user_id", name="x")),
    ("user", "key", on(m.ApiKey, "user_id", **KEY)),
    ("user", "favorite", of_experiment(m.Favorite, "user_id")),
    ("user", "experiment", of_experiment(m.ExperimentOwner, "user_id")),
    ("user", "goal", by_link(m.Goal, m.GoalOwner, "goal_id", "user_id", name="x")),
    ("user", "metric", by_link(m.Metric, m.MetricOwner, "metric_id", "user_id", name="x")),
    ("user", "author", on(m.Tag, "created_by_id", tag="x", kind=m.TagKind.GOAL)),
    ("user", "editor", on(m.ApprovalPolicy, "updated_by_id", name="x")),
    ("user", "note", note),
    ("user", "event", on(m.Event, "actor_id", action="UPDATE", subject_type="Goal")),
    ("tag", "experiment", of_experiment(m.ExperimentTag, "tag_id")),
    ("tag", "goal", by_link(m.Goal, m.GoalTag, "goal_id", "tag_id", name="x")),
    ("tag", "metric", by_link(m.Metric, m.MetricTag, "metric_id", "tag_id", name="x")),
    ("application", "experiment", of_experiment(m.ExperimentApplication, "application_id")),
    (
        "application",
        "metric",
        by_link(m.Metric, m.MetricApplication, "metric_id", "application_id", name="x"),
    ),
    ("unitType", "experiment", on_experiment("unit_type_id")),
    (
        "unitType",
        "metric",
        by_link(m.Metric, m.MetricUnitType, "metric_id", "unit_type_id", name="x"),
    ),
    ("segment", "allocation", of_experiment(m.Allocation, "segment_id")),
    ("holdout", "experiment", on_experiment("holdout_id")),
    ("savedMetric", "experiment", of_experiment(m.ExperimentSavedMetric, "saved_metric_id")),
    ("approvalPolicy", "change request", change_request),
]


@pytest.mark.parametrize("noun", sorted({noun for noun, *_ in USES}))
async def test_what_is_used_is_not_deleted_and_who_uses_it_is_named(
    client: httpx.AsyncClient, database: Database, ids: dict[str, str], noun: str
) -> None:
    case, editor = BY_NAME[noun], Editor(client, BY_NAME[noun])
    ours = await source(database, m.Platform.LOCAL)
    for by, use in [(by, use) for name, by, use in USES if name == noun]:
        said = {**case.free(ids), case.named: f"{by.replace(' ', '-')}@example.com"}
        row = (await editor.create(**said))[noun]
        users = await use(database, decode(row["id"])[1], ours)
        before = await everything(database)
        payload = await editor.delete(id=row["id"])
        named = [{"__typename": type(user).__name__, "id": id_of(user)} for user in users]

        assert payload == {
            "ok": False,
            "replayed": False,
            "errors": [{"__typename": "InUse", "path": ["id"], "by": named}],
            "event": None,
            noun: await editor.read(row["id"]),
        }, by
        assert await everything(database) == before
        assert (await editor.delete(id=row["id"], dryRun=True))["errors"] == payload["errors"]


async def test_a_row_that_names_itself_is_not_in_its_own_way(
    client: httpx.AsyncClient, database: Database
) -> None:
    ours = await source(database, m.Platform.LOCAL)
    user, team = m.User(source_id=ours, email="a@example.com"), m.Team(source_id=ours, name="x")
    await add(database, user, team)
    async with database.write() as session:
        (await session.get_one(m.User, user.id)).created_by_id = user.id
        (await session.get_one(m.Team, team.id)).parent_id = team.id

    assert (await Editor(client, BY_NAME["user"]).delete(id=id_of(user)))["ok"] is True
    assert (await Editor(client, BY_NAME["team"]).delete(id=id_of(team)))["ok"] is True


async def test_at_most_twenty_users_are_named(
    client: httpx.AsyncClient, database: Database, ids: dict[str, str]
) -> None:
    ours = await source(database, m.Platform.LOCAL)
    goal = decode(ids["goal"])[1]
    await add(
        database,
        *(m.Metric(source_id=ours, name=f"metric {n}", goal_id=goal) for n in range(25)),
    )
    payload = await Editor(client, BY_NAME["goal"]).delete(id=ids["goal"])

    assert len(payload["errors"][0]["by"]) == 20


@pytest.mark.parametrize("noun", ["metric", "goal"])
async def test_the_links_of_a_row_go_with_it_and_the_event_tells_of_them(
    client: httpx.AsyncClient, database: Database, ids: dict[str, str], noun: str
) -> None:
    said = filled(BY_NAME[noun].created, ids)
    untouched = await everything(database)
    editor = Editor(client, BY_NAME[noun])
    row = (await editor.create(**said))[noun]
    payload = await editor.delete(id=row["id"])
    told = payload["event"]["before"]

    assert {name: told[name] for name in ("owners", "teams", "tags")} == {
        name: said[name] for name in ("owners", "teams", "tags")
    }
    left = await everything(database)
    assert len(left.pop("event")) == 2
    assert left == {name: rows for name, rows in untouched.items() if name != "event"}


async def test_references_that_wait_in_the_name_of_a_row_go_with_it_and_no_others(
    client: httpx.AsyncClient, database: Database, ids: dict[str, str]
) -> None:
    ours = await source(database, m.Platform.LOCAL)
    editor = Editor(client, BY_NAME["metric"])
    row = (await editor.create(name="Revenue"))["metric"]
    number = decode(row["id"])[1]

    def waiting(holder_type: str, holder_id: int) -> m.Reference:
        return m.Reference(
            source_id=ours,
            holder_type=holder_type,
            holder_id=holder_id,
            field="goal_id",
            target_type="goal",
            target_external_id="77",
        )

    kept = (waiting("metric", number + 1), waiting("goal", number))
    await add(database, waiting("metric", number), *kept)
    assert (await editor.delete(id=row["id"]))["ok"] is True

    left = (await everything(database))["reference"]
    assert sorted(entry[0] for entry in left) == sorted(reference.id for reference in kept)
    assert ids
