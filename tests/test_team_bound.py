"""Keys that are bound to teams: what they make and change stays in their sight, and no further."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import update

import models as m
from models.base import now
from models.database import Database
from resolvers.scopes import NOUNS
from tests.making import add, ask, everything, experiment, id_of, rows_of, source
from tests.nouns import BY_NAME, QUERY, Editor, wrong

EVERYTHING = sorted({f"{noun}:write" for noun in NOUNS.values()})
KEY = """mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }"""
FORBIDDEN: list[Any] = [{"__typename": "Forbidden", "path": [], "scope": None}]
OWNED = ["metric", "goal"]


@dataclass
class Company:
    """Two teams with a member each and one below the first; rows by name."""

    client: httpx.AsyncClient
    database: Database
    rows: dict[str, Any]

    def id(self, name: str) -> str:
        return id_of(self.rows[name])

    async def bound(self, noun: str, *, unowned: bool = False) -> Editor:
        """Whoever edits with a key that is bound to the first team."""
        given = {"name": "mine", "scopes": EVERYTHING, "teams": [self.id("mine")]}
        made = await ask(self.client, KEY, input={**given, "includeUnowned": unowned})
        async with self.database.write() as session:
            # Used just now, so that using it writes nothing.
            await session.execute(update(m.ApiKey).values(last_used_at=now()))
        headers = {"Authorization": f"Api-Key {made['secret']}"}
        return Editor(self.client, BY_NAME[noun], headers)


@pytest.fixture
async def company(client: httpx.AsyncClient, database: Database) -> Company:
    ours = await source(database, m.Platform.LOCAL)
    rows: dict[str, Any] = {
        "mine": m.Team(source_id=ours, name="mine"),
        "other": m.Team(source_id=ours, name="other"),
        "ann": m.User(source_id=ours, email="ann@example.com"),
        "ben": m.User(source_id=ours, email="ben@example.com"),
    }
    await add(database, *rows.values())
    mine, other = rows["mine"].id, rows["other"].id
    rows["below"] = m.Team(source_id=ours, name="below", parent_id=mine)
    rows["policy"] = m.ApprovalPolicy(name="everybody's")
    rows["theirs"] = m.ApprovalPolicy(name="theirs", team_id=other)
    await add(database, rows["below"], rows["policy"], rows["theirs"])
    await add(
        database,
        m.TeamMember(team_id=mine, user_id=rows["ann"].id),
        m.TeamMember(team_id=other, user_id=rows["ben"].id),
    )
    return Company(client, database, rows)


@pytest.mark.parametrize("noun", OWNED)
async def test_what_is_made_must_belong_to_one_of_the_keys_teams(
    database: Database, company: Company, noun: str
) -> None:
    editor = await company.bound(noun)
    before = await everything(database)
    nothing: list[dict[str, Any]] = [{}, {"teams": None}, {"teams": []}]
    for given in nothing:
        assert wrong(await editor.create(name="x", **given)) == [("teams", "team_bound")]
    invalid, missing = (await editor.create(name="x", teams=[company.id("other")]))["errors"]
    assert invalid["fields"] == [{"path": ["teams"], "rule": "team_bound"}]
    assert missing == {"__typename": "NotFound", "path": ["teams"]}
    assert await everything(database) == before

    for name in ("mine", "below"):
        row = (await editor.create(name=name, teams=[company.id(name)]))[noun]
        assert row["teams"] == [{"id": company.id(name)}]


@pytest.mark.parametrize("noun", OWNED)
async def test_a_key_that_sees_what_nobody_owns_may_make_it(company: Company, noun: str) -> None:
    editor = await company.bound(noun, unowned=True)
    row = (await editor.create(name="x"))[noun]
    row = (await editor.update(id=row["id"], teams=[company.id("mine")]))[noun]
    payload = await editor.update(id=row["id"], teams=[])

    assert (payload["ok"], payload[noun]["teams"]) == (True, [])


@pytest.mark.parametrize("noun", OWNED)
@pytest.mark.parametrize("unowned", [False, True])
async def test_a_row_is_not_changed_out_of_sight(
    client: httpx.AsyncClient, database: Database, company: Company, noun: str, *, unowned: bool
) -> None:
    shared = [company.id("mine"), company.id("other")]
    row = (await Editor(client, BY_NAME[noun]).create(name="x", teams=shared))[noun]
    editor = await company.bound(noun, unowned=unowned)
    before = await everything(database)

    nobody: list[Any] = [[], None]
    for teams in nobody:
        assert wrong(await editor.update(id=row["id"], teams=teams)) == [("teams", "team_bound")]
    assert await everything(database) == before
    assert (await editor.update(id=row["id"], name="y"))["ok"] is True


@pytest.mark.parametrize("noun", OWNED)
async def test_links_that_the_key_does_not_see_survive_a_new_list(
    client: httpx.AsyncClient, company: Company, noun: str
) -> None:
    given = {
        "teams": [company.id("other"), company.id("mine")],
        "owners": [company.id("ann"), company.id("ben")],
    }
    admin = Editor(client, BY_NAME[noun])
    row = (await admin.create(name="x", **given))[noun]
    editor = await company.bound(noun)
    payload = await editor.update(id=row["id"], teams=[company.id("below")], owners=[])
    seen = await admin.read(row["id"])

    assert payload["event"]["before"] == {
        "teams": [company.id("mine")],
        "owners": [company.id("ann")],
    }
    assert payload["event"]["after"] == {"teams": [company.id("below")], "owners": []}
    assert payload[noun]["teams"] == [{"id": company.id("below")}]
    assert payload[noun]["owners"] == []
    assert {each["id"] for each in seen["teams"]} == {company.id("other"), company.id("below")}
    assert seen["owners"] == [{"id": company.id("ben")}]


@pytest.mark.parametrize("noun", OWNED)
async def test_what_others_own_is_not_there(
    client: httpx.AsyncClient, database: Database, company: Company, noun: str
) -> None:
    theirs = await Editor(client, BY_NAME[noun]).create(name="x", teams=[company.id("other")])
    editor = await company.bound(noun, unowned=True)
    before = await everything(database)
    missing = [{"__typename": "NotFound", "path": ["id"]}]

    assert (await editor.update(id=theirs[noun]["id"], name="y"))["errors"] == missing
    assert (await editor.delete(id=theirs[noun]["id"]))["errors"] == missing
    assert await everything(database) == before


async def test_a_team_is_made_below_one_of_the_keys_own_and_seen_at_once(
    database: Database, company: Company
) -> None:
    editor = await company.bound("team")
    before = await everything(database)
    assert wrong(await editor.create(name="x")) == [("parent", "team_bound")]
    assert (await editor.create(name="x", parent=company.id("other")))["errors"] == [
        {"__typename": "NotFound", "path": ["parent"]}
    ]
    assert (await editor.create(name="x", parent=company.id("mine"), users=[company.id("ben")]))[
        "errors"
    ] == [{"__typename": "NotFound", "path": ["users"]}]
    assert await everything(database) == before

    row = (await editor.create(name="x", parent=company.id("below"), users=[company.id("ann")]))[
        "team"
    ]
    assert (row["parent"], row["users"]) == (
        {"id": company.id("below")},
        [{"id": company.id("ann")}],
    )
    assert (await editor.update(id=row["id"], name="y"))["team"]["name"] == "y"


async def test_a_team_is_not_moved_out_from_below(database: Database, company: Company) -> None:
    editor = await company.bound("team")
    before = await everything(database)
    payload = await editor.update(id=company.id("below"), parent=None)

    assert wrong(payload) == [("parent", "team_bound")]
    assert (await editor.update(id=company.id("below"), parent=company.id("other")))["errors"] == [
        {"__typename": "NotFound", "path": ["parent"]}
    ]
    assert await everything(database) == before
    assert (await editor.update(id=company.id("mine"), name="Mine", parent=None))["ok"] is True


@pytest.mark.parametrize(
    ("noun", "given", "alone"),
    [
        ("user", {"email": "zoe@example.com"}, False),
        ("segment", {"name": "x"}, True),
        ("holdout", {"name": "x", "exclusionPercentage": 1}, True),
        ("savedMetric", {"name": "x", "query": QUERY}, True),
    ],
)
async def test_what_the_key_would_not_see_it_does_not_make(
    database: Database, company: Company, noun: str, given: dict[str, Any], *, alone: bool
) -> None:
    blind, seeing = await company.bound(noun), await company.bound(noun, unowned=True)
    before = await everything(database)

    assert (await blind.create(**given))["errors"] == FORBIDDEN
    assert (await blind.create(**given, idempotencyKey="once"))["errors"] == FORBIDDEN
    assert await everything(database) == before
    assert (await seeing.create(**given))["ok"] is alone


@pytest.mark.parametrize("noun", ["tag", "application", "unitType"])
async def test_what_a_company_shares_is_made_by_every_key(company: Company, noun: str) -> None:
    editor = await company.bound(noun)
    payload = await editor.create(**BY_NAME[noun].created)

    assert (payload["ok"], payload[noun]["version"]) == (True, 1)


async def test_a_policy_is_about_the_keys_own_teams_or_none_of_its_business(
    database: Database, company: Company
) -> None:
    editor = await company.bound("approvalPolicy")
    before = await everything(database)
    assert wrong(await editor.create(name="x")) == [("team", "team_bound")]
    for refused in (
        await editor.update(id=company.id("policy"), enabled=False),
        await editor.update(id=company.id("policy"), team=company.id("mine")),
        await editor.delete(id=company.id("policy")),
    ):
        assert refused["errors"] == FORBIDDEN
    assert (await editor.delete(id=company.id("theirs")))["errors"] == [
        {"__typename": "NotFound", "path": ["id"]}
    ]
    assert await everything(database) == before

    row = (await editor.create(name="x", team=company.id("below")))["approvalPolicy"]
    assert wrong(await editor.update(id=row["id"], team=None)) == [("team", "team_bound")]
    assert (await editor.update(id=row["id"], team=company.id("mine"), quorum=2))["ok"] is True
    assert (await editor.delete(id=row["id"]))["ok"] is True


async def test_who_uses_a_thing_is_named_as_far_as_the_key_sees_it(
    database: Database, company: Company
) -> None:
    tag = m.Tag(
        source_id=await source(database, m.Platform.LOCAL), kind=m.TagKind.EXPERIMENT, tag="x"
    )
    hidden, seen = await experiment(database, key="a"), await experiment(database, key="b")
    await add(database, tag)
    await add(
        database,
        *(m.ExperimentTag(experiment_id=row.id, tag_id=tag.id) for row in (hidden, seen)),
        m.ExperimentTeam(experiment_id=seen.id, team_id=company.rows["mine"].id),
    )
    payload = await (await company.bound("tag")).delete(id=id_of(tag))

    assert payload["errors"] == [
        {
            "__typename": "InUse",
            "path": ["id"],
            "by": [{"__typename": "Experiment", "id": id_of(seen)}],
        }
    ]
    assert tag.id in await rows_of(database, m.Tag)
