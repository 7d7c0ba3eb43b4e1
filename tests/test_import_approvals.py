"""Change requests and approval policies of PostHog: taken, shown, and decided only there."""

from datetime import UTC, datetime
from typing import Any

import httpx

import models as m
from models.database import Database
from tests.importing import payload, rows, take
from tests.making import ask, id_of

EXPERIMENTS = payload("posthog/experiments")
REQUESTS = payload("posthog/change_requests")
PENDING = REQUESTS["results"][0]

LISTED = """{ changeRequests(orderBy: [{createdAt: DESC}]) { nodes {
  externalId experiment { key } policy { name } action nativeAction state quorum
  allowSelfApproval actor intent reason expiresAt appliedAt createdAt createdBy { email }
  approvals { decision reason createdAt createdBy { email } actor }
  extra
} } }"""

KEPT = (
    *("action_version", "resource_type", "resource_id", "intent_display", "policy_snapshot"),
    *("validation_status", "validation_errors", "validated_at", "applied_by", "apply_error"),
    *("result_data", "can_approve", "can_cancel", "is_requester", "user_decision"),
)


async def test_a_change_request_is_in_the_graph_with_what_was_said_of_it(
    database: Database, client: httpx.AsyncClient
) -> None:
    report = await take(database, EXPERIMENTS, REQUESTS)
    [pending, rejected] = (await ask(client, LISTED))["nodes"]

    assert pending == {
        "externalId": "0199aaaa-0000-4000-8000-000000000001",
        "experiment": {"key": "bigger-pictures"},
        "policy": None,
        "action": "START",
        "nativeAction": "experiment.launch",
        "state": "PENDING",
        "quorum": 2,
        "allowSelfApproval": True,
        "actor": None,
        "intent": {"start_date": "2026-05-06T08:00:00Z"},
        "reason": None,
        "expiresAt": "2026-05-19T08:00:00.000Z",
        "appliedAt": None,
        "createdAt": "2026-05-05T08:00:00.000Z",
        "createdBy": {"email": "ada@shop.example"},
        "approvals": [
            {
                "decision": "APPROVED",
                "reason": "Fine with us.",
                "createdAt": "2026-05-05T09:00:00.000Z",
                "createdBy": {"email": "grace@shop.example"},
                "actor": None,
            }
        ],
        "extra": {
            **{key: PENDING[key] for key in KEPT},
            "approvals": [{"id": "0199aaaa-0000-4000-8000-0000000000a1"}],
        },
    }
    assert (rejected["experiment"], rejected["action"]) == ({"key": "shorter-checkout"}, None)
    assert (rejected["state"], rejected["reason"]) == ("REJECTED", "Too early.")
    assert report.reasons == {("change_request", "it does not say what it belongs to"): 1}


async def test_requests_that_come_before_their_experiments_wait(database: Database) -> None:
    report = await take(database, REQUESTS)
    assert await rows(database, m.ChangeRequest, "id") == []
    later = "what it belongs to has not arrived; it is kept until then"
    assert report.reasons[("change_request", later)] == 2

    report = await take(database, EXPERIMENTS)
    assert await rows(database, m.ChangeRequest, "native_action", "state") == [
        ("experiment.launch", "PENDING"),
        ("feature_flag.update", "REJECTED"),
    ]
    assert await rows(database, m.Approval, "decision", "created_by_id") == [
        ("APPROVED", 2),
        ("REJECTED", 2),
    ]
    assert await rows(database, m.Reference, "id") == []
    assert report.outcomes[("change_request", "created")] == 2


async def test_a_request_about_a_flag_is_about_its_newest_experiment(database: Database) -> None:
    flag = {"id": 901, "key": "shorter-checkout"}
    older, newer = ({"id": n, "name": f"{n}", "feature_flag_key": "shorter-checkout",
                     "feature_flag": flag} for n in (41, 47))  # fmt: skip
    about_flag = {"results": [REQUESTS["results"][1]], "count": 1}
    await take(database, older, newer, about_flag)

    assert await rows(database, m.ChangeRequest, "experiment_id") == [2]


async def test_a_newer_answer_changes_the_state_and_adds_votes(database: Database) -> None:
    vote = {"id": "v", "created_by": {"id": 9}, "decision": "approved", "created_at": None}
    applied = PENDING | {
        "state": "applied",
        "applied_at": "2026-05-06T08:00:00Z",
        "approvals": [*PENDING["approvals"], vote],
    }
    await take(database, EXPERIMENTS, REQUESTS)
    version = (await rows(database, m.Experiment, "version"))[1]
    await take(database, applied)

    assert (await rows(database, m.ChangeRequest, "state", "applied_at"))[0] == (
        "APPLIED",
        datetime(2026, 5, 6, 8, tzinfo=UTC),
    )
    assert await rows(database, m.Approval, "change_request_id", "position") == [
        (1, 0),
        (2, 0),
        (1, 1),
    ]
    assert (await rows(database, m.Experiment, "version"))[1] == version + 1

    report = await take(database, applied)
    assert {how for _, how in report.outcomes} == {"unchanged"}


async def test_unknown_actions_states_and_decisions_are_kept_and_counted(
    database: Database,
) -> None:
    odd = PENDING | {"action_key": "experiment.dance", "state": "dreaming"}
    votes = [{"id": "v", "decision": "perhaps"}, {"id": "w", "decision": "approved"}]
    report = await take(database, EXPERIMENTS, odd | {"approvals": votes})

    [(action, native, state, extra)] = await rows(
        database, m.ChangeRequest, "action", "native_action", "state", "extra"
    )
    assert (action, native, state) == (None, "experiment.dance", "PENDING")
    assert extra["state"] == "dreaming"
    assert await rows(database, m.Approval, "decision") == ["APPROVED"]
    assert report.unknown_words == {
        ("change_request.action_key", "experiment.dance"): 1,
        ("change_request.state", "dreaming"): 1,
        ("approvals.decision", "perhaps"): 1,
    }
    assert report.reasons == {("approval", "a row of approvals does not say its decision"): 1}


async def test_an_answer_that_asks_for_approval_brings_the_request(database: Database) -> None:
    report = await take(database, EXPERIMENTS, payload("posthog/approval_required"))

    assert await rows(
        database, m.ChangeRequest, "external_id", "native_action", "experiment_id"
    ) == [("0199aaaa-0000-4000-8000-000000000004", "feature_flag.enable", 2)]
    assert list(report.remarks()) == [
        ("joined", "experiment", "changed because what it waited for arrived", 1)
    ]


async def test_a_request_of_the_platform_is_not_decided_here(
    database: Database, client: httpx.AsyncClient
) -> None:
    await take(database, EXPERIMENTS, REQUESTS)
    async with database.read() as session:
        request = await session.get_one(m.ChangeRequest, 1)
    answer = await ask(
        client,
        """mutation($input: ApproveChangeRequestInput!) {
            approveChangeRequest(input: $input) { ok errors { __typename } }
        }""",
        input={"id": id_of(request)},
    )

    assert answer == {"ok": False, "errors": [{"__typename": "UnsupportedByPlatform"}]}
    assert await rows(database, m.ChangeRequest, "state") == ["PENDING", "REJECTED"]


async def test_a_policy_of_the_platform_is_shown_and_gates_nothing_here(
    database: Database, client: httpx.AsyncClient
) -> None:
    document = payload("posthog/approval_policies")
    await take(database, EXPERIMENTS, document)
    [policy] = (
        await ask(
            client,
            """{ approvalPolicies { nodes {
                name action nativeAction platform quorum allowSelfApproval expiresAfterHours
                enabled externalId createdBy { email } extra
            } } }""",
        )
    )["nodes"]
    said: dict[str, Any] = document["results"][0]
    kept = ("approver_config", "bypass_org_membership_levels", "bypass_roles", "conditions")

    assert policy == {
        "name": "experiment.launch",
        "action": "START",
        "nativeAction": "experiment.launch",
        "platform": "POSTHOG",
        "quorum": 2,
        "allowSelfApproval": True,
        "expiresAfterHours": 336,
        "enabled": True,
        "externalId": said["id"],
        "createdBy": {"email": "grace@shop.example"},
        "extra": {key: said[key] for key in (*kept, "expires_after")},
    }
    transitions = await ask(
        client,
        """{ experiments { nodes { availableTransitions { requiresApproval } } } }""",
    )
    asked = [each["requiresApproval"] for row in transitions["nodes"]
             for each in row["availableTransitions"]]  # fmt: skip
    assert asked
    assert not any(asked)
