"""Actions that wait for approval: nothing changes before enough people have said yes."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

import models as m
from models.base import now
from models.database import Database
from resolvers.change import Change
from resolvers.change_request import expire_due
from resolvers.schedule import GATEWAY
from tests.making import add, ask, everything, experiment, id_of, key

ERRORS = """errors { __typename message path
  ... on ApprovalRequired { changeRequest { id state } } ... on Forbidden { scope }
  ... on ValidationFailed { fields { path rule } } ... on StaleVersion { currentVersion } }"""
START = (
    """mutation($input: StartExperimentInput!) { startExperiment(input: $input) {
  ok replayed experiment { phase version } experimentNote { note } event { action }
  changeRequest { id state quorum action actor allowSelfApproval experimentVersion expiresAt
    intent policy { name } approvals { decision } } """
    + ERRORS
    + " } }"
)
FULL_ON = (
    """mutation($input: FullOnExperimentInput!) { fullOnExperiment(input: $input) {
  ok changeRequest { id } """
    + ERRORS
    + " } }"
)


def deciding(name: str) -> str:
    field = f"{name[0].lower()}{name[1:]}"
    return f"""mutation($input: {name}Input!) {{ {field}(input: $input) {{
      ok replayed event {{ action actor }} experimentNote {{ note }}
      experiment {{ phase version }}
      changeRequest {{ state reason appliedAt approvals {{ decision reason actor }} }}
      {ERRORS} }} }}"""


APPROVE = deciding("ApproveChangeRequest")
REJECT = deciding("RejectChangeRequest")
CANCEL = deciding("CancelChangeRequest")

SCOPES = (
    "approval_policy:read",
    "experiment:write",
    "experiment:start",
    "experiment:approve",
)


class People:
    """Two who ask and approve, and one who may only read and start."""

    def __init__(self, *headers: dict[str, str]) -> None:
        self.ann, self.ben, self.cat = headers


@pytest.fixture
async def people(database: Database) -> People:
    ann = await key(database, "ann", *SCOPES)
    ben = await key(database, "ben", *SCOPES)
    return People(ann, ben, await key(database, "cat", "experiment:read", "experiment:start"))


async def gated(database: Database, **policy: Any) -> m.Experiment:
    row = await experiment(database)
    named = {"name": "two pairs of eyes", "action": m.Action.START, **policy}
    await add(database, m.ApprovalPolicy(**named))
    return row


async def requested(
    client: httpx.AsyncClient, row: m.Experiment, who: dict[str, str], **given: Any
) -> Any:
    return await ask(client, START, who, input={"id": id_of(row), **given})


async def test_a_gated_action_changes_nothing_and_answers_with_a_change_request(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    row = await gated(database, quorum=2, expires_after_hours=24)
    answer = await requested(client, row, people.ann, note="please")
    request = answer["changeRequest"]

    assert answer["ok"] is False
    assert answer["experiment"] == {"phase": "DRAFT", "version": 1}
    assert answer["experimentNote"] is None
    assert answer["event"] == {"action": "REQUEST"}
    [error] = answer["errors"]
    assert error["__typename"] == "ApprovalRequired"
    assert error["changeRequest"] == {"id": request["id"], "state": "PENDING"}
    assert request.pop("expiresAt") is not None
    assert request.pop("intent")["note"] == "please"
    assert request == {
        "id": request["id"],
        "state": "PENDING",
        "quorum": 2,
        "action": "START",
        "actor": "key:1",
        "allowSelfApproval": False,
        "experimentVersion": 1,
        "policy": {"name": "two pairs of eyes"},
        "approvals": [],
    }


async def test_the_same_request_twice_is_one_change_request(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    row = await gated(database)
    first = await requested(client, row, people.ann)
    before = await everything(database)
    second = await requested(client, row, people.ben)

    assert second["changeRequest"]["id"] == first["changeRequest"]["id"]
    assert await everything(database) == before


async def test_twenty_equal_requests_at_once_are_one_change_request(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    row = await gated(database)
    answers = await asyncio.gather(*(requested(client, row, people.ann) for _ in range(20)))

    assert len({answer["changeRequest"]["id"] for answer in answers}) == 1


async def test_other_arguments_are_another_change_request(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    row = await experiment(database, phase=m.Phase.RUNNING)
    third = m.Variant(experiment_id=row.id, index=2, key="other", weight=0)
    await add(database, third, m.ApprovalPolicy(name="ship"))
    async with database.write() as session:
        (await session.get_one(m.Experiment, row.id)).variant_count = 3
    requests = [
        await ask(client, FULL_ON, people.ann, input={"id": id_of(row), "variantIndex": index})
        for index in (1, 2, 1)
    ]
    ids = [each["changeRequest"]["id"] for each in requests]

    assert ids[0] == ids[2] != ids[1]


async def test_at_quorum_it_is_applied_at_once_as_the_requester(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    row = await gated(database, quorum=2)
    dan = await key(database, "dan", *SCOPES)
    request = (await requested(client, row, people.cat, note="go"))["changeRequest"]["id"]
    first = await ask(client, APPROVE, people.ann, input={"id": request, "reason": "fine"})

    assert first["ok"] is True
    assert first["event"] == {"action": "APPROVE", "actor": "ann"}
    assert first["experiment"] == {"phase": "DRAFT", "version": 1}
    assert first["changeRequest"]["state"] == "PENDING"
    second = await ask(client, APPROVE, dan, input={"id": request})

    assert second["ok"] is True
    assert second["event"] == {"action": "START", "actor": "cat"}
    assert second["experimentNote"] == {"note": "go"}
    assert second["experiment"] == {"phase": "RUNNING", "version": 2}
    assert second["changeRequest"]["state"] == "APPLIED"
    assert second["changeRequest"]["appliedAt"] is not None
    assert second["changeRequest"]["approvals"] == [
        {"decision": "APPROVED", "reason": "fine", "actor": "key:1"},
        {"decision": "APPROVED", "reason": None, "actor": "key:4"},
    ]


async def test_who_asked_may_approve_only_where_the_policy_says_so(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    row = await gated(database)
    request = (await requested(client, row, people.ann))["changeRequest"]["id"]
    before = await everything(database)
    refused = await ask(client, APPROVE, people.ann, input={"id": request})

    assert refused["errors"][0]["__typename"] == "Forbidden"
    assert await everything(database) == before
    async with database.write() as session:
        for each in await session.scalars(select(m.ChangeRequest)):
            each.allow_self_approval = True
    allowed = await ask(client, APPROVE, people.ann, input={"id": request})

    assert allowed["changeRequest"]["state"] == "APPLIED"


async def test_nobody_votes_twice(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    row = await gated(database, quorum=2)
    request = (await requested(client, row, people.cat))["changeRequest"]["id"]
    await ask(client, APPROVE, people.ann, input={"id": request})
    before = await everything(database)
    again = await ask(client, APPROVE, people.ann, input={"id": request})

    assert again["errors"][0]["fields"] == [{"path": ["id"], "rule": "one_vote"}]
    assert await everything(database) == before


async def test_approving_takes_the_scope(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    row = await gated(database)
    request = (await requested(client, row, people.ann))["changeRequest"]["id"]
    before = await everything(database)
    for query, given in ((APPROVE, {}), (REJECT, {"reason": "no"})):
        refused = await ask(client, query, people.cat, input={"id": request, **given})
        assert refused["errors"][0]["scope"] == "experiment:approve"

    assert await everything(database) == before


async def test_a_single_rejection_is_final_and_says_why(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    row = await gated(database, quorum=2)
    request = (await requested(client, row, people.cat))["changeRequest"]["id"]
    await ask(client, APPROVE, people.ann, input={"id": request})
    unsaid = await ask(client, REJECT, people.ben, input={"id": request, "reason": "  "})
    assert unsaid["errors"][0]["fields"] == [{"path": ["reason"], "rule": "required"}]
    rejected = await ask(client, REJECT, people.ben, input={"id": request, "reason": "too soon"})

    assert rejected["ok"] is True
    assert rejected["changeRequest"]["state"] == "REJECTED"
    assert rejected["changeRequest"]["reason"] == "too soon"
    before = await everything(database)
    late = await ask(client, APPROVE, people.ben, input={"id": request})
    assert late["errors"][0]["fields"] == [{"path": ["id"], "rule": "pending"}]
    assert await everything(database) == before


async def test_only_who_asked_or_an_admin_cancels(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    row = await gated(database)
    request = (await requested(client, row, people.cat))["changeRequest"]["id"]
    before = await everything(database)
    refused = await ask(client, CANCEL, people.ann, input={"id": request})

    assert refused["errors"][0]["scope"] == "admin"
    assert await everything(database) == before
    mine = await ask(client, CANCEL, people.cat, input={"id": request})
    assert mine["changeRequest"]["state"] == "CANCELLED"
    anew = (await requested(client, row, people.cat))["changeRequest"]["id"]
    assert anew != request
    by_admin = await ask(client, CANCEL, input={"id": anew})
    assert by_admin["changeRequest"]["state"] == "CANCELLED"


@pytest.mark.parametrize(
    ("changed", "state", "kind"),
    [
        ({"name": "Other", "version": 2}, "STALE", "StaleVersion"),
        ({"phase": m.Phase.RUNNING}, "STALE", "InvalidTransition"),
        ({"primary_metric_id": None}, "FAILED", "NotReady"),
    ],
)
async def test_what_is_no_longer_valid_at_quorum_is_not_applied_and_says_why(
    client: httpx.AsyncClient,
    database: Database,
    people: People,
    changed: dict[str, Any],
    state: str,
    kind: str,
) -> None:
    row = await gated(database)
    request = (await requested(client, row, people.cat))["changeRequest"]["id"]
    async with database.write() as session:
        found = await session.get_one(m.Experiment, row.id)
        for name, value in changed.items():
            setattr(found, name, value)
    answer = await ask(client, APPROVE, people.ann, input={"id": request})

    assert answer["ok"] is False
    assert answer["errors"][0]["__typename"] == kind
    assert answer["changeRequest"]["state"] == state
    assert answer["changeRequest"]["reason"] == answer["errors"][0]["message"]
    assert answer["experimentNote"] is None
    async with database.read() as session:
        starts = select(m.Event).where(col(m.Event.action) == "START")
        assert (await session.scalars(starts)).all() == []


async def test_it_fails_when_the_requester_may_no_longer_do_it(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    row = await gated(database)
    request = (await requested(client, row, people.cat))["changeRequest"]["id"]
    async with database.write() as session:
        (await session.get_one(m.ApiKey, 3)).revoked_at = now()
    answer = await ask(client, APPROVE, people.ann, input={"id": request})

    assert answer["changeRequest"]["state"] == "FAILED"
    assert answer["changeRequest"]["reason"] == "The API key 'cat' was revoked."
    assert answer["experiment"]["phase"] == "DRAFT"


async def test_a_request_expires(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    row = await gated(database, expires_after_hours=1)
    first = (await requested(client, row, people.cat))["changeRequest"]["id"]
    async with database.write() as session:
        for each in await session.scalars(select(m.ChangeRequest)):
            each.expires_at = now() - timedelta(seconds=1)
    late = await ask(client, APPROVE, people.ann, input={"id": first})
    assert late["ok"] is False
    assert late["changeRequest"]["state"] == "EXPIRED"
    second = (await requested(client, row, people.cat))["changeRequest"]["id"]
    assert second != first
    async with database.write() as session:
        change = Change(session, GATEWAY, now() + timedelta(hours=2))
        assert await expire_due(change) == 1
    async with database.read() as session:
        states = [each.state for each in await session.scalars(select(m.ChangeRequest))]

    assert states == [m.ChangeRequestState.EXPIRED] * 2


async def test_a_dry_run_of_a_gated_action_makes_no_change_request(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    row = await gated(database)
    before = await everything(database)
    answer = await requested(client, row, people.ann, dryRun=True)

    assert answer["errors"][0]["__typename"] == "ApprovalRequired"
    assert answer["errors"][0]["changeRequest"] is None
    assert answer["changeRequest"] is None
    assert await everything(database) == before


async def test_an_idempotency_key_answers_with_the_same_change_request(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    row = await gated(database)
    first = await requested(client, row, people.ann, idempotencyKey="k")
    await ask(client, APPROVE, people.ben, input={"id": first["changeRequest"]["id"]})
    before = await everything(database)
    again = await requested(client, row, people.ann, idempotencyKey="k")

    assert again["replayed"] is True
    assert again["errors"][0]["__typename"] == "ApprovalRequired"
    assert again["changeRequest"]["id"] == first["changeRequest"]["id"]
    assert again["changeRequest"]["state"] == "APPLIED"
    assert await everything(database) == before


@pytest.mark.parametrize(
    ("policy", "is_gated"),
    [
        ({"action": None}, True),
        ({"action": m.Action.STOP}, False),
        ({"platform": m.Platform.LOCAL}, True),
        ({"platform": m.Platform.AUTH0}, False),
        ({"enabled": False}, False),
    ],
)
async def test_a_policy_gates_what_it_names(
    client: httpx.AsyncClient,
    database: Database,
    people: People,
    policy: dict[str, Any],
    is_gated: bool,  # noqa: FBT001  a column of the table above
) -> None:
    row = await gated(database, **policy)
    answer = await requested(client, row, people.ann)

    assert answer["ok"] is not is_gated


async def test_a_policy_of_a_team_gates_its_experiments_only(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    ours, theirs = await experiment(database), await experiment(database, key="theirs")
    team = m.Team(source_id=ours.source_id, name="checkout")
    await add(database, team)
    await add(
        database,
        m.ExperimentTeam(experiment_id=ours.id, team_id=team.id),
        m.ApprovalPolicy(name="checkout", team_id=team.id),
    )

    assert (await requested(client, theirs, people.ann))["ok"] is True
    assert (await requested(client, ours, people.ann))["ok"] is False


async def test_what_is_not_ready_is_refused_and_not_asked_for(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    row = await experiment(database, percentages="1/1")
    await add(database, m.ApprovalPolicy(name="all"))
    before = await everything(database)
    answer = await requested(client, row, people.ann)

    assert answer["errors"][0]["__typename"] == "NotReady"
    assert await everything(database) == before


async def test_what_was_asked_on_a_platform_is_decided_there(
    client: httpx.AsyncClient, database: Database, people: People
) -> None:
    row = await experiment(database, m.Platform.POSTHOG)
    request = m.ChangeRequest(experiment_id=row.id, external_id="0190", action=m.Action.START)
    await add(database, request)
    before = await everything(database)
    answer = await ask(client, APPROVE, people.ann, input={"id": id_of(request)})

    assert answer["errors"][0]["__typename"] == "UnsupportedByPlatform"
    assert await everything(database) == before
