"""What PostHog is asked for each edit, against its stand-in: calls, answers and reasons."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

import models as m
from connectors.base import Fate
from connectors.errors import PlatformFailed
from connectors.posthog.client import PostHog
from models.base import now
from models.errors import (
    ApprovalRequired,
    NotFound,
    StaleVersion,
    Taken,
    UnsupportedByPlatform,
    UpstreamFailed,
    UserError,
    ValidationFailed,
)
from tests.calling import Caller, calling, design
from tests.platforms.posthog import PostHog as StandIn
from tests.platforms.standin import Fault, Row


@pytest.fixture
async def caller(posthog: StandIn) -> AsyncIterator[Caller]:
    """The connector, before a project that has a little of everything."""
    async with calling(PostHog, posthog) as opened:
        yield opened


def experiment(here: Row | None = None, **said: Any) -> m.Experiment:
    """The row of an experiment as a sync has left it, or of one that is new."""
    known = {"external_id": str(here["id"]), "key": here["feature_flag_key"]} if here else {}
    details = {"platform_version": here["version"]} if here else None
    values = {"key": "new-checkout", "name": "N", "created_at": now(), "details": details}
    return m.Experiment(
        id=1, source_id=1, family_id=1, platform=m.Platform.POSTHOG, **{**values, **known, **said}
    )


def one(posthog: StandIn, kind: str) -> Row:
    """The first experiment of a kind."""
    kinds = ("draft", "running", "paused", "exposure_frozen", "stopped")
    return posthog.experiments[kinds.index(kind) + 1]


def fields(reasons: tuple[UserError, ...]) -> list[tuple[tuple[str, ...], str]]:
    """What is wrong with fields: their paths and the rules."""
    [reason] = reasons
    assert isinstance(reason, ValidationFailed), reason
    return [(error.path, error.rule) for error in reason.fields]


def calls(posthog: StandIn) -> list[tuple[str, str, int | None]]:
    """What was called to change something."""
    base = "/api/projects/1/"
    found = [call for call in posthog.calls if call.method != "GET"]
    return [(call.method, call.path.removeprefix(base), call.status) for call in found]


async def test_a_design_makes_an_experiment(caller: Caller, posthog: StandIn) -> None:
    said = design(
        native_type="web",
        holdout="2",
        percentages="30/70",
        percentage_of_traffic=80.0,
        minimum_detectable_effect="5",
        exposure_criteria={"filterTestAccounts": False},
        stats_config={"method": "frequentist"},
        saved_metrics=[{"saved_metric": "3", "role": "PRIMARY", "link_metadata": {"note": "x"}}],
        tag_names=["checkout"],
        details={
            "metrics": [],
            "only_count_matured_users": True,
            "parameters": {"aggregation_group_type_index": 1, "rollout_percentage": 5},
            "_create_in_folder": "Growth",
        },
    )
    for variant, weight in zip(said["variants"], (30.0, 70.0), strict=True):
        variant["weight"] = weight

    reply = await caller.do("CREATE", experiment(), design=said)

    number = reply.json()["id"]
    assert caller.connector.made(caller.task("CREATE", experiment()), reply) == str(number)
    made = posthog.experiments[number]
    assert (made["name"], made["feature_flag_key"]) == ("New checkout", "new-checkout")
    assert (made["type"], made["holdout_id"], made["tags"]) == ("web", 2, ["checkout"])
    assert made["start_date"] is None
    assert made["parameters"] == {
        "aggregation_group_type_index": 1,
        "rollout_percentage": 80,
        "minimum_detectable_effect": 5,
        "feature_flag_variants": [
            {"key": "control", "name": "Control", "rollout_percentage": 30},
            {"key": "test", "name": "Test", "rollout_percentage": 70},
        ],
    }
    assert made["exposure_criteria"] == {"filterTestAccounts": False}
    assert made["stats_config"] == {"method": "frequentist"}
    assert [link["saved_metric"] for link in made["saved_metrics"]] == [3]
    assert made["saved_metrics"][0]["metadata"] == {"note": "x", "type": "primary"}
    assert made["only_count_matured_users"] is True
    assert posthog.calls[-1].body["_create_in_folder"] == "Growth"
    assert calls(posthog) == [("POST", "experiments/", 201)]


async def test_what_was_made_is_found_by_its_flag_though_nobody_answered(
    caller: Caller,
) -> None:
    row = experiment()
    assert await caller.connector.read(row) is None
    assert await caller.fate("CREATE", row, design=design()) is Fate.NOT_DONE

    reply = await caller.do("CREATE", row, design=design())

    document = await caller.connector.read(row)
    assert document is not None
    task = caller.task("CREATE", row, design=design())
    assert caller.connector.traced(task, document) == str(reply.json()["id"])
    assert caller.connector.fate(task, document) is Fate.DONE


async def test_an_older_experiment_on_the_flag_is_not_what_was_to_be_made(
    caller: Caller, posthog: StandIn
) -> None:
    row = experiment(key=one(posthog, "running")["feature_flag_key"])
    assert await caller.connector.read(row) is None


async def test_a_flag_that_does_not_fit_keeps_its_key_taken(
    caller: Caller, posthog: StandIn
) -> None:
    posthog.feature_flags[1]["filters"]["multivariate"]["variants"] = []
    key = posthog.feature_flags[1]["key"]
    row = experiment(key=key)
    [reason] = await caller.refused("CREATE", row, design=design(key=key))
    assert isinstance(reason, Taken)
    assert (reason.field, reason.value, reason.path) == ("key", key, ("key",))


async def test_a_variant_without_a_key_is_refused_before_any_call(
    caller: Caller, posthog: StandIn
) -> None:
    said = design()
    said["variants"][1]["key"] = None
    reasons = await caller.refused("CREATE", experiment(), design=said)
    assert fields(reasons) == [(("variants", "1", "key"), "required")]
    assert posthog.calls == []


async def test_only_what_differs_is_sent_with_the_version_that_is_known(
    caller: Caller, posthog: StandIn
) -> None:
    here = one(posthog, "running")
    row = experiment(here)
    said = design(
        name="Another name",
        description=here["description"],
        stats_config={"method": "frequentist"},
        hypothesis="Kept here.",
    )
    names = ["name", "description", "stats_config", "hypothesis"]

    await caller.do("UPDATE", row, design=said, fields=names)

    assert posthog.calls[-1].body == {
        "name": "Another name",
        "stats_config": {"method": "frequentist"},
        "version": 1,
    }
    assert (here["name"], here["version"]) == ("Another name", 2)
    assert await caller.fate("UPDATE", row, design=said, fields=names) is Fate.DONE


async def test_an_edit_that_changes_nothing_there_is_not_sent(
    caller: Caller, posthog: StandIn
) -> None:
    here = one(posthog, "running")
    said = design(name=here["name"], hypothesis="Only here.")
    reply = await caller.do("UPDATE", experiment(here), design=said, fields=["name", "hypothesis"])
    assert (reply.status, calls(posthog)) == (204, [])


async def test_an_edit_of_what_somebody_else_changed_is_stale(
    caller: Caller, posthog: StandIn
) -> None:
    here = one(posthog, "running")
    row = experiment(here)
    here.update(name="Theirs", version=9)

    [reason] = await caller.refused("UPDATE", row, design=design(name="Mine"), fields=["name"])

    assert isinstance(reason, StaleVersion)
    assert (reason.current_version, here["name"]) == (9, "Theirs")
    fate = await caller.fate("UPDATE", row, design=design(name="Mine"), fields=["name"])
    assert fate is Fate.OVERTAKEN


async def test_the_fate_of_an_edit_that_never_arrived(caller: Caller, posthog: StandIn) -> None:
    row = experiment(one(posthog, "running"))
    said = {"design": design(name="Mine"), "fields": ["name"]}
    assert await caller.fate("UPDATE", row, **said) is Fate.NOT_DONE


async def test_a_split_of_what_runs_reaches_the_flag(caller: Caller, posthog: StandIn) -> None:
    here = one(posthog, "running")
    variants = here["feature_flag"]["filters"]["multivariate"]["variants"]
    keys = [variant["key"] for variant in variants]
    said = design(percentages=f"{101 - len(keys)}{'/1' * (len(keys) - 1)}")
    said["variants"] = [
        {**said["variants"][0], "index": index, "key": key, "name": None, "weight": None}
        for index, key in enumerate(keys)
    ]

    await caller.do("UPDATE", experiment(here), design=said, fields=["percentages"])

    shares = [
        variant["split_percent"]
        for variant in posthog.calls[-1].body["parameters"]["feature_flag_variants"]
    ]
    now_there = here["feature_flag"]["filters"]["multivariate"]["variants"]
    assert shares == [101 - len(keys)] + [1] * (len(keys) - 1)
    assert [variant["rollout_percentage"] for variant in now_there] == shares


async def test_another_parameter_leaves_a_flag_that_was_shipped_as_it_is(
    caller: Caller, posthog: StandIn
) -> None:
    here = posthog.experiments[8]
    before = here["feature_flag"]["version"]
    said = design(minimum_detectable_effect="7")

    await caller.do("UPDATE", experiment(here), design=said, fields=["minimum_detectable_effect"])

    assert here["parameters"]["minimum_detectable_effect"] == 7
    assert here["feature_flag"]["version"] == before
    assert "update_feature_flag_params" not in posthog.calls[-1].body


async def test_a_split_that_a_policy_gates_asks_for_approval_and_brings_the_request(
    caller: Caller, posthog: StandIn
) -> None:
    posthog.require_approval("experiment.update")
    here = one(posthog, "running")
    keys = [each["key"] for each in here["feature_flag"]["filters"]["multivariate"]["variants"]]
    said = design(percentages="/".join(["0"] * (len(keys) - 1) + ["100"]))
    said["variants"] = [{**said["variants"][0], "key": key, "weight": None} for key in keys]
    task = caller.task("UPDATE", experiment(here), design=said, fields=["percentages"])

    reply = await caller.connector.perform(task)
    [reason] = await caller.connector.refusal(task, reply)
    brought = caller.connector.brought(task, reply)

    assert isinstance(reason, ApprovalRequired)
    assert brought is not None
    assert brought.change_request == next(iter(posthog.change_requests))


async def test_variants_are_made_changed_and_deleted_as_one_list(
    caller: Caller, posthog: StandIn
) -> None:
    here = one(posthog, "draft")
    row = experiment(here)
    said = design(percentages="50/30/20")
    third = {**said["variants"][1], "index": 2, "key": "third", "name": "Third", "weight": 20.0}
    said["variants"] = [{**said["variants"][0]}, {**said["variants"][1], "weight": 30.0}, third]

    await caller.do("CREATE_VARIANT", row, design=said, variant=third)

    def there() -> list[tuple[str, int]]:
        variants = here["feature_flag"]["filters"]["multivariate"]["variants"]
        return [(each["key"], each["rollout_percentage"]) for each in variants]

    assert there() == [("control", 50), ("test", 30), ("third", 20)]
    assert await caller.fate("CREATE_VARIANT", row, design=said, variant=third) is Fate.DONE

    row = experiment(here)
    said["variants"] = said["variants"][:2]
    said["variants"][1]["weight"] = 50.0
    await caller.do("DELETE_VARIANT", row, design=said, was=third)
    assert there() == [("control", 50), ("test", 50)]


async def test_a_variant_of_what_runs_cannot_be_added(caller: Caller, posthog: StandIn) -> None:
    here = one(posthog, "running")
    said = design()
    said["variants"][1]["key"] = "quite-another"
    reasons = await caller.refused(
        "UPDATE_VARIANT", experiment(here), design=said, variant=said["variants"][1]
    )
    assert fields(reasons) == [(("id",), "refused")]


async def test_a_holdout_is_made_changed_and_deleted(caller: Caller, posthog: StandIn) -> None:
    row = m.Holdout(id=1, source_id=1, name="Quiet", created_at=now())
    columns = {"name": "Quiet", "description": None, "filters": None, "exclusion_percentage": 10.0}
    assert await caller.fate("CREATE_HOLDOUT", row, **columns) is Fate.NOT_DONE

    reply = await caller.do("CREATE_HOLDOUT", row, **columns)
    number = reply.json()["id"]
    assert posthog.holdouts[number]["filters"][0]["rollout_percentage"] == 10
    assert await caller.fate("CREATE_HOLDOUT", row, **columns) is Fate.DONE

    row.external_id = str(number)
    columns["exclusion_percentage"] = 20.0
    assert await caller.fate("UPDATE_HOLDOUT", row, **columns) is Fate.NOT_DONE
    await caller.do("UPDATE_HOLDOUT", row, **columns)
    assert posthog.holdouts[number]["filters"][0]["rollout_percentage"] == 20
    assert set(posthog.calls[-1].body) == {"filters"}
    assert await caller.fate("UPDATE_HOLDOUT", row, **columns) is Fate.DONE

    await caller.do("DELETE_HOLDOUT", row)
    assert number not in posthog.holdouts
    assert await caller.fate("DELETE_HOLDOUT", row) is Fate.DONE
    [reason] = await caller.refused("DELETE_HOLDOUT", row)
    assert isinstance(reason, NotFound)


async def test_a_holdout_that_a_policy_gates_asks_for_approval(
    caller: Caller, posthog: StandIn
) -> None:
    posthog.require_approval("experiment_holdout.delete")
    row = m.Holdout(id=1, source_id=1, external_id="1", name="Holdout 1")
    [reason] = await caller.refused("DELETE_HOLDOUT", row)
    assert isinstance(reason, ApprovalRequired)
    assert 1 in posthog.holdouts


async def test_a_saved_metric_is_made_changed_and_deleted(caller: Caller, posthog: StandIn) -> None:
    query = {**posthog.saved_metrics[1]["query"], "uuid": None}
    row = m.SavedMetric(id=1, source_id=1, name="Orders", created_at=now())
    columns = {"name": "Orders", "description": "All.", "query": query, "tags": ["a"]}
    assert await caller.fate("CREATE_SAVED_METRIC", row, **columns) is Fate.NOT_DONE

    reply = await caller.do("CREATE_SAVED_METRIC", row, **columns)
    number = reply.json()["id"]
    assert await caller.fate("CREATE_SAVED_METRIC", row, **columns) is Fate.DONE

    row.external_id = str(number)
    columns["tags"] = ["b"]
    await caller.do("UPDATE_SAVED_METRIC", row, **columns)
    assert posthog.saved_metrics[number]["tags"] == ["b"]
    assert set(posthog.calls[-1].body) == {"tags"}

    await caller.do("DELETE_SAVED_METRIC", row)
    assert number not in posthog.saved_metrics


async def test_the_name_of_a_saved_metric_is_unique_whatever_its_case(
    caller: Caller, posthog: StandIn
) -> None:
    row = m.SavedMetric(id=1, source_id=1, name="SHARED METRIC 2", created_at=now())
    query = posthog.saved_metrics[1]["query"]
    [reason] = await caller.refused("CREATE_SAVED_METRIC", row, name=row.name, query=query)
    assert isinstance(reason, Taken)
    assert (reason.field, reason.value) == ("name", "SHARED METRIC 2")


async def test_a_metric_that_is_none_is_refused_without_the_platform_s_sentence(
    caller: Caller,
) -> None:
    row = m.SavedMetric(id=1, source_id=1, name="Broken", created_at=now())
    reasons = await caller.refused("CREATE_SAVED_METRIC", row, name=row.name, query={"kind": "X"})
    assert fields(reasons) == [(("query",), "refused")]
    assert reasons[0].message == "PostHog does not accept query."


async def gated(caller: Caller, posthog: StandIn, quorum: int = 1) -> tuple[m.Experiment, str]:
    """An experiment whose start waits for approval, by a key that may approve it."""
    posthog.require_approval("experiment.launch", quorum=quorum, allow_self_approve=True)
    posthog.approval_policies[next(iter(posthog.approval_policies))]["approver_config"]["users"] = [
        1
    ]
    row = experiment(one(posthog, "draft"))
    await caller.refused("START", row)
    return row, next(iter(posthog.change_requests))


async def test_a_failure_that_left_a_change_request_behind_asks_for_approval(
    caller: Caller, posthog: StandIn
) -> None:
    row, request = await gated(caller, posthog)
    task = caller.task("START", row)
    posthog.fail(Fault.FAILING, method="POST")

    reply = await caller.connector.perform(task)

    [reason] = await caller.connector.refusal(task, reply)
    brought = caller.connector.brought(task, reply)
    assert isinstance(reason, ApprovalRequired)
    assert (brought and brought.change_request) == request
    posthog.change_requests.clear()
    posthog.fail(Fault.FAILING, method="POST")
    with pytest.raises(PlatformFailed) as failure:
        await caller.connector.perform(task)
    assert failure.value.status == 500


async def test_an_approval_applies_the_request_and_brings_it(
    caller: Caller, posthog: StandIn
) -> None:
    row, request = await gated(caller, posthog)
    task = caller.task("APPROVE", row, change_request=request, reason="Fine.")

    reply = await caller.connector.perform(task)

    brought = caller.connector.brought(task, reply)
    assert brought is not None
    assert (brought.change_request, b'"state":"applied"' in brought.body) == (request, True)
    before = len(calls(posthog))
    again = await caller.connector.perform(task)
    assert (again.ok, len(calls(posthog))) == (True, before)


async def test_a_rejection_needs_a_reason_and_is_final(caller: Caller, posthog: StandIn) -> None:
    row, request = await gated(caller, posthog)
    said = {"change_request": request}
    assert fields(await caller.refused("REJECT", row, **said)) == [(("reason",), "refused")]
    await caller.do("REJECT", row, **said, reason="No.")
    assert posthog.change_requests[request]["state"] == "rejected"
    assert fields(await caller.refused("APPROVE", row, **said)) == [(("id",), "pending")]


async def test_nobody_votes_twice(caller: Caller, posthog: StandIn) -> None:
    row, request = await gated(caller, posthog, quorum=2)
    await caller.do("APPROVE", row, change_request=request)
    for vote in posthog.change_requests[request]["approvals"]:
        vote["created_at"] = "2026-01-01T00:00:00Z"
    reasons = await caller.refused("APPROVE", row, change_request=request)
    assert fields(reasons) == [(("id",), "one_vote")]


async def test_who_asked_takes_a_request_back(caller: Caller, posthog: StandIn) -> None:
    row, request = await gated(caller, posthog)
    await caller.do("CANCEL", row, change_request=request)
    assert posthog.change_requests[request]["state"] == "rejected"


async def test_a_key_that_may_not_approve_is_no_fault_of_the_caller(
    caller: Caller, posthog: StandIn
) -> None:
    row, request = await gated(caller, posthog)
    posthog.change_requests[request]["policy_snapshot"]["users"] = [2]
    [reason] = await caller.refused("APPROVE", row, change_request=request)
    assert isinstance(reason, UpstreamFailed)
    assert (reason.status, reason.retryable) == (403, False)


@pytest.mark.parametrize("verb", ["NOTE", "RESTART", "MARK_READY", "DEVELOP", "ADVANCE_RAMP"])
async def test_what_posthog_has_not_is_refused_before_any_call(
    caller: Caller, posthog: StandIn, verb: str
) -> None:
    [reason] = await caller.refused(verb, experiment(one(posthog, "running")))
    assert isinstance(reason, UnsupportedByPlatform)
    assert posthog.calls == []


async def test_an_id_that_is_none_of_posthog_s_is_in_no_path(
    caller: Caller, posthog: StandIn
) -> None:
    row = experiment(one(posthog, "running"), external_id="../feature_flags/1")
    assert await caller.connector.read(row) is None
    [reason] = await caller.refused("PAUSE", row)
    assert isinstance(reason, NotFound)
    assert posthog.calls == []
