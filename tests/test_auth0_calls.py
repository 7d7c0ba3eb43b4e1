"""What Auth0 is asked for each edit, against its stand-in: calls, answers and reasons."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

import models as m
from connectors.auth0.client import Auth0
from connectors.base import Fate
from models.base import now
from models.errors import (
    InUse,
    NotFound,
    SubscriptionRequired,
    Taken,
    UnsupportedByPlatform,
    UpstreamFailed,
    UserError,
    ValidationFailed,
)
from tests.calling import Caller, calling, design
from tests.platforms.auth0 import Auth0 as StandIn
from tests.platforms.standin import Row

DETAILS: dict[int, Row] = {
    1: {"authentication_flow": "login", "assignment_config": {"subject": "device"}},
    2: {"authentication_flow": "authentication", "editable_fields": ["name"]},
}


@pytest.fixture
async def caller(auth0: StandIn) -> AsyncIterator[Caller]:
    """The connector, before a tenant of the second generation."""
    async with calling(Auth0, auth0) as opened:
        yield opened


@pytest.fixture
async def first(auth0_first: StandIn) -> AsyncIterator[Caller]:
    """The connector, before a tenant of the first generation."""
    async with calling(Auth0, auth0_first) as opened:
        yield opened


def experiment(here: Row | None = None, **said: Any) -> m.Experiment:
    """The row of an experiment as a sync has left it, or of one that is new."""
    known = {"external_id": here["id"], "key": here["name"]} if here else {}
    values = {"key": "New login", "name": "New login", "created_at": now()}
    return m.Experiment(
        id=1, source_id=1, family_id=1, platform=m.Platform.AUTH0, **{**values, **known, **said}
    )


def one(auth0: StandIn, status: str, strategy: str = "percentage") -> Row:
    """The first experiment that stands so."""
    return next(
        row
        for row in auth0.experiments.values()
        if row["status"] == status and row["allocation_strategy"] == strategy
    )


def flag_of(auth0: StandIn) -> str:
    """A flag that experiments can stand on."""
    return next(
        str(flag["id"])
        for flag in auth0.feature_flags.values()
        if flag["status"] == "active" and flag["type"] == "self"
    )


def variations(auth0: StandIn, flag: str) -> list[str]:
    """The ids of the variations of a flag."""
    return [key for key, row in auth0.variations.items() if row["feature_flag_id"] == flag]


def wanted(auth0: StandIn, generation: int = 2, **said: Any) -> Row:
    """A design of two allocations on a flag that is there."""
    flag = flag_of(auth0)
    control, treatment, *_ = variations(auth0, flag)
    blank = {"segment": None, "priority": None, "is_fallback": False, "variant_index": None}
    allocations = [
        {**blank, "variant": control, "weight": 60.0, "is_control": True},
        {**blank, "variant": treatment, "weight": 40.0, "is_control": False},
    ]
    arms = design()["variants"]
    for arm, identity in zip(arms, (control, treatment), strict=True):
        arm |= {"external_id": identity, "key": None, "name": auth0.variations[identity]["name"]}
    values = {
        "key": "New login",
        "name": "New login",
        "variants": arms,
        "feature_flag": flag,
        "allocation_strategy": "PERCENTAGE",
        "allocations": allocations,
        "details": DETAILS[generation],
    }
    return design(**{**values, **said})


def fields(reasons: tuple[UserError, ...]) -> list[tuple[tuple[str, ...], str]]:
    """What is wrong with fields: their paths and the rules."""
    [reason] = reasons
    assert isinstance(reason, ValidationFailed), reason
    return [(error.path, error.rule) for error in reason.fields]


def calls(auth0: StandIn) -> list[tuple[str, str]]:
    """What was called to change something."""
    base = "/api/v2/experimentation/"
    found = [call for call in auth0.calls if call.method != "GET"]
    return [(call.method, call.path.removeprefix(base)) for call in found]


async def test_a_design_makes_an_experiment_with_a_ramp(caller: Caller, auth0: StandIn) -> None:
    said = wanted(auth0, ramp_levels=[10, 50, 100])
    row = experiment()
    assert await caller.fate("CREATE", row, design=said) is Fate.NOT_DONE

    reply = await caller.do("CREATE", row, design=said)

    [made] = [each for each in auth0.experiments.values() if each["name"] == "New login"]
    assert caller.connector.made(caller.task("CREATE", row), reply) == made["id"]
    assert (made["status"], made["levels"]) == ("draft", [10, 50, 100])
    assert [each["weight"] for each in made["allocations"]] == [60, 40]
    assert all(isinstance(each["weight"], int) for each in auth0.calls[-1].body["allocations"])
    document = await caller.connector.read(row)
    assert document is not None
    assert caller.connector.traced(caller.task("CREATE", row), document) == made["id"]
    assert await caller.fate("CREATE", row, design=said) is Fate.DONE


async def test_a_design_makes_an_experiment_in_the_first_generation(
    first: Caller, auth0_first: StandIn
) -> None:
    said = wanted(auth0_first, 1, details={"authentication_flow": "login"}, ramp_levels=[10])
    await first.do("CREATE", experiment(), design=said)
    body = auth0_first.calls[-1].body
    assert body["assignment_config"] == {"subject": "device"}
    assert "levels" not in body


async def test_a_design_by_segments(caller: Caller, auth0: StandIn) -> None:
    said = wanted(auth0, allocation_strategy="SEGMENT")
    control, treatment = said["allocations"]
    control.update(weight=None, is_fallback=True)
    treatment.update(weight=None, segment=next(iter(auth0.segments)), priority=1)
    await caller.do("CREATE", experiment(), design=said)
    assert auth0.calls[-1].body["allocations"] == [
        {"variation_id": control["variant"], "is_control": True, "is_fallback": True},
        {
            "variation_id": treatment["variant"],
            "is_control": False,
            "segment_id": treatment["segment"],
            "priority": 1,
        },
    ]


async def test_what_no_experiment_can_be_without_is_asked_for_before_any_call(
    caller: Caller, auth0: StandIn
) -> None:
    auth0.clear()
    for name, path in (("feature_flag", "featureFlag"), ("details", "authenticationFlow")):
        said = {**wanted(auth0), name: None}
        reasons = await caller.refused("CREATE", experiment(), design=said)
        assert [(found[-1], rule) for found, rule in fields(reasons)] == [(path, "required")]
    said = wanted(auth0)
    said["allocations"][1]["variant"] = None
    reasons = await caller.refused("CREATE", experiment(), design=said)
    assert fields(reasons) == [(("allocations", "1", "variantIndex"), "unknown")]
    assert calls(auth0) == []


async def test_a_name_is_unique_in_the_tenant(caller: Caller, auth0: StandIn) -> None:
    name = one(auth0, "active")["name"]
    row = experiment(key=name)
    [reason] = await caller.refused("CREATE", row, design=wanted(auth0, key=name))
    assert isinstance(reason, Taken)
    assert (reason.field, reason.value) == ("name", name)


async def test_a_flag_that_is_gone_or_archived_takes_no_experiment(
    caller: Caller, auth0: StandIn
) -> None:
    said = wanted(auth0)
    flag = auth0.feature_flags[said["feature_flag"]]
    flag["status"] = "archived"
    reasons = await caller.refused("CREATE", experiment(), design=said)
    assert fields(reasons) == [(("featureFlag",), "archived")]
    del auth0.feature_flags[flag["id"]]
    [reason] = await caller.refused("CREATE", experiment(), design=said)
    assert (type(reason), reason.path) == (NotFound, ("featureFlag",))


async def test_only_what_differs_is_sent(caller: Caller, auth0: StandIn) -> None:
    here = one(auth0, "draft")
    row = experiment(here)
    said = wanted(
        auth0,
        name="Another name",
        description=here["description"],
        ramp_levels=[1, 2],
        hypothesis="Kept here.",
    )
    names = ["name", "description", "ramp_levels", "hypothesis"]
    assert await caller.fate("UPDATE", row, design=said, fields=names) is Fate.NOT_DONE

    await caller.do("UPDATE", row, design=said, fields=names)

    assert auth0.calls[-1].body == {"name": "Another name", "levels": [1, 2]}
    assert await caller.fate("UPDATE", row, design=said, fields=names) is Fate.DONE
    auth0.clear()
    assert (await caller.do("UPDATE", row, design=said, fields=names)).status == 204
    assert calls(auth0) == []


async def test_allocations_are_replaced_as_a_whole(caller: Caller, auth0: StandIn) -> None:
    here = one(auth0, "active")
    here["status"] = "paused"
    said = wanted(auth0, feature_flag=here["feature_flag_id"])
    control, treatment, *_ = variations(auth0, here["feature_flag_id"])
    said["allocations"][0]["variant"], said["allocations"][1]["variant"] = control, treatment
    await caller.do("UPDATE", experiment(here), design=said, fields=["allocations"])
    weights = [(each["variation_id"], each["weight"]) for each in here["allocations"]]
    assert weights == [(control, 60), (treatment, 40)]


async def test_allocations_of_what_is_active_ask_for_a_pause(
    caller: Caller, auth0: StandIn
) -> None:
    here = one(auth0, "active")
    said = wanted(auth0)
    control, treatment, *_ = variations(auth0, here["feature_flag_id"])
    said["allocations"][0]["variant"], said["allocations"][1]["variant"] = control, treatment
    reasons = await caller.refused("UPDATE", experiment(here), design=said, fields=["allocations"])
    assert fields(reasons) == [(("allocations",), "requires_pause")]


@pytest.mark.parametrize("field", ["feature_flag", "allocation_strategy"])
async def test_what_never_changes_is_refused_before_any_call(
    caller: Caller, auth0: StandIn, field: str
) -> None:
    here = one(auth0, "draft")
    said = wanted(auth0)
    reasons = await caller.refused("UPDATE", experiment(here), design=said, fields=[field])
    assert [rule for _, rule in fields(reasons)] == ["unchangeable"]
    assert auth0.calls == []


async def test_a_design_makes_the_variations_that_its_flag_lacks(
    caller: Caller, auth0: StandIn
) -> None:
    said = wanted(auth0, allocations=[])
    flag, (first, second) = said["feature_flag"], said["variants"]
    first |= {"external_id": None, "weight": 70.0}
    second |= {"external_id": None, "name": "Purple", "config": '{"colour": "purple"}'}
    second["weight"] = 30.0
    row = experiment()
    before = variations(auth0, flag)

    await caller.do("CREATE", row, design=said)

    [made] = [key for key in variations(auth0, flag) if key not in before]
    assert auth0.variations[made]["overrides"] == {"colour": {"value": "purple"}}
    [there] = [each for each in auth0.experiments.values() if each["name"] == "New login"]
    assert [(each["variation_id"], each["weight"]) for each in there["allocations"]] == [
        (before[0], 70),
        (made, 30),
    ]
    document = await caller.connector.read(row)
    assert document is not None
    task = caller.task("CREATE", row, design=said)
    assert caller.connector.variants(task, document) == {0: before[0], 1: made}


async def test_an_experiment_gets_another_variation_with_a_share(
    caller: Caller, auth0: StandIn
) -> None:
    here = one(auth0, "draft")
    row = experiment(here)
    said = wanted(auth0, feature_flag=here["feature_flag_id"])
    control, treatment, *_ = variations(auth0, here["feature_flag_id"])
    for arm, identity, weight in zip(
        said["variants"], (control, treatment), (60.0, 30.0), strict=True
    ):
        arm |= {"external_id": identity, "weight": weight}
    for allocation, identity in zip(said["allocations"], (control, treatment), strict=True):
        allocation["variant"] = identity
    variant = {
        "external_id": None,
        "index": 2,
        "key": "purple",
        "name": "Purple",
        "description": None,
        "is_control": False,
        "weight": 10.0,
        "config": '{"colour": "purple"}',
    }
    said["variants"].append(variant)
    about = {"design": said, "variant": variant}
    assert await caller.fate("CREATE_VARIANT", row, **about) is Fate.NOT_DONE

    reply = await caller.do("CREATE_VARIANT", row, **about)

    assert caller.connector.made(caller.task("CREATE_VARIANT", row), reply) is None
    [identity] = [key for key, each in auth0.variations.items() if each["name"] == "Purple"]
    assert auth0.variations[identity]["overrides"] == {"colour": {"value": "purple"}}
    weights = {each["variation_id"]: each["weight"] for each in here["allocations"]}
    assert weights == {control: 60, treatment: 30, identity: 10}
    assert await caller.fate("CREATE_VARIANT", row, **about) is Fate.DONE
    made = len(auth0.variations)
    here["allocations"].pop()
    await caller.do("CREATE_VARIANT", row, **about)
    assert len(auth0.variations) == made


async def test_a_variation_and_its_share_are_changed(caller: Caller, auth0: StandIn) -> None:
    here = one(auth0, "draft")
    row = experiment(here)
    said = wanted(auth0, feature_flag=here["feature_flag_id"])
    control, treatment, *_ = variations(auth0, here["feature_flag_id"])
    for arm, allocation, identity in zip(
        said["variants"], said["allocations"], (control, treatment), strict=True
    ):
        arm["external_id"] = allocation["variant"] = identity
    was = {**said["variants"][1], "weight": 40.0}
    variant = said["variants"][1]
    variant |= {"name": "Violet", "config": '{"colour": "green"}'}
    about = {"design": said, "variant": variant, "was": was}
    assert await caller.fate("UPDATE_VARIANT", row, **about) is Fate.NOT_DONE

    await caller.do("UPDATE_VARIANT", row, **about)

    assert [call for call, _ in calls(auth0)] == ["PATCH", "PATCH"]
    assert auth0.variations[treatment]["name"] == "Violet"
    assert [each["weight"] for each in here["allocations"]] == [50, 50]
    assert await caller.fate("UPDATE_VARIANT", row, **about) is Fate.DONE


async def test_a_variation_that_nothing_names_is_deleted(caller: Caller, auth0: StandIn) -> None:
    here = one(auth0, "draft")
    said = wanted(auth0, feature_flag=here["feature_flag_id"])
    *_, last = variations(auth0, here["feature_flag_id"])
    for row in auth0.experiments.values():
        row["allocations"] = [each for each in row["allocations"] if each["variation_id"] != last]
    for _ in range(2):
        await caller.do("DELETE_VARIANT", experiment(here), design=said, was={"external_id": last})
        assert last not in auth0.variations


@pytest.mark.parametrize(
    ("status", "strategy", "kind"),
    [("active", "percentage", ValidationFailed), ("draft", "segment", UnsupportedByPlatform)],
)
async def test_an_experiment_without_room_takes_no_variation(
    caller: Caller, auth0: StandIn, status: str, strategy: str, kind: type[UserError]
) -> None:
    here = one(auth0, "draft", strategy)
    here["status"] = status
    said = wanted(auth0, feature_flag=here["feature_flag_id"])
    [reason] = await caller.refused(
        "CREATE_VARIANT", experiment(here), design=said, variant=said["variants"][0]
    )
    assert isinstance(reason, kind)
    assert calls(auth0) == []


async def test_a_variation_that_an_allocation_names_is_in_use(
    caller: Caller, auth0: StandIn
) -> None:
    here = one(auth0, "draft")
    said = wanted(auth0, feature_flag=here["feature_flag_id"])
    was = {"external_id": here["allocations"][0]["variation_id"]}
    [reason] = await caller.refused("DELETE_VARIANT", experiment(here), design=said, was=was)
    assert isinstance(reason, InUse)
    assert reason.by == (("Experiment", 1),)


async def test_a_variation_of_that_name_with_other_overrides_is_in_the_way(
    caller: Caller, auth0: StandIn
) -> None:
    here = one(auth0, "draft")
    said = wanted(auth0, feature_flag=here["feature_flag_id"])
    variant = {**said["variants"][0], "name": "Variation 0", "config": '{"colour": "red"}'}
    [reason] = await caller.refused(
        "CREATE_VARIANT", experiment(here), design=said, variant=variant
    )
    assert isinstance(reason, Taken)
    assert (reason.field, reason.value) == ("name", "Variation 0")
    assert calls(auth0) == []


async def test_overrides_must_be_an_object(caller: Caller, auth0: StandIn) -> None:
    here = one(auth0, "draft")
    said = wanted(auth0, feature_flag=here["feature_flag_id"])
    variant = {**said["variants"][0], "name": "Odd", "config": "[1]"}
    reasons = await caller.refused("CREATE_VARIANT", experiment(here), design=said, variant=variant)
    assert fields(reasons) == [(("config",), "json")]
    assert calls(auth0) == []


async def test_a_flag_that_auth0_manages_takes_no_edits(caller: Caller, auth0: StandIn) -> None:
    [managed] = [row for row in auth0.feature_flags.values() if row["type"] == "auth0"]
    task = caller.task("UPDATE_VARIANT", experiment(), design=wanted(auth0), variant={})
    reply = await caller.connector.api.send(
        "PATCH", f"feature-flags/{managed['id']}", {"name": "Mine"}
    )
    [reason] = await caller.connector.refusal(task, reply)
    assert isinstance(reason, UnsupportedByPlatform)


async def test_a_tenant_without_the_feature_asks_for_a_subscription(
    caller: Caller, auth0: StandIn
) -> None:
    auth0.entitled = False
    row = experiment(one(auth0, "active"), details=DETAILS[2])
    [reason] = await caller.refused("PAUSE", row)
    assert isinstance(reason, SubscriptionRequired)


async def test_a_token_that_may_not_write_is_no_fault_of_the_caller(
    caller: Caller, auth0: StandIn
) -> None:
    auth0.may_write = False
    [reason] = await caller.refused("PAUSE", experiment(one(auth0, "active")))
    assert isinstance(reason, UpstreamFailed)
    assert (reason.status, reason.retryable) == (403, False)


@pytest.mark.parametrize(
    ("generation", "details"),
    [(1, None), (1, DETAILS[1]), (2, None), (2, DETAILS[1]), (2, DETAILS[2])],
)
async def test_a_status_changes_in_both_generations_whatever_is_known_of_them(
    auth0: StandIn, auth0_first: StandIn, generation: int, details: Row | None
) -> None:
    standin = auth0 if generation == 2 else auth0_first
    here = one(standin, "active")
    async with calling(Auth0, standin) as caller:
        await caller.do("PAUSE", experiment(here, details=details))
    assert here["status"] == "paused"
    assert [each.action for each in standin.applied] == ["paused"]


@pytest.mark.parametrize("verb", ["NOTE", "RESTART", "UNARCHIVE", "RESET", "FULL_ON", "FREEZE"])
async def test_what_auth0_has_not_is_refused_before_any_call(
    caller: Caller, auth0: StandIn, verb: str
) -> None:
    [reason] = await caller.refused(verb, experiment(one(auth0, "active")))
    assert isinstance(reason, UnsupportedByPlatform)
    assert auth0.calls == []


async def test_a_ramp_is_not_of_the_first_generation(first: Caller, auth0_first: StandIn) -> None:
    row = experiment(one(auth0_first, "active"))
    [reason] = await first.refused("ADVANCE_RAMP", row, level=50)
    assert isinstance(reason, UnsupportedByPlatform)


async def test_an_id_that_is_none_of_auth0_s_is_in_no_path(caller: Caller, auth0: StandIn) -> None:
    row = experiment(one(auth0, "active"), external_id="../feature-flags/1")
    assert await caller.connector.read(row) is None
    [reason] = await caller.refused("PAUSE", row)
    assert isinstance(reason, NotFound)
    assert auth0.calls == []
