"""What a transition demands of the experiment, of its arguments and of the caller's knowledge."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, update

import models as m
from models.database import Database
from resolvers.identity import encode
from tests.acting import act, call, make, post, reasons, unchanged
from tests.contract import PHASES, landings, standing
from tests.making import add, everything, experiment, source_of_its_own

Spoil = Callable[[Database, m.Experiment], Awaitable[None]]

ALLOCATION = m.Allocation.metadata.tables["allocation"]
EXPERIMENT = m.Experiment.metadata.tables["experiment"]
FLAG = m.FeatureFlag.metadata.tables["feature_flag"]
VARIANT = m.Variant.metadata.tables["variant"]


async def execute(database: Database, *statements: Any) -> None:
    async with database.write() as session:
        for statement in statements:
            await session.execute(statement)


async def bare(database: Database, row: m.Experiment) -> None:
    """No metric, no variants, no allocations, no split, no flag."""
    await execute(
        database,
        delete(ALLOCATION).where(ALLOCATION.c.experiment_id == row.id),
        delete(VARIANT).where(VARIANT.c.experiment_id == row.id),
        update(EXPERIMENT)
        .where(EXPERIMENT.c.id == row.id)
        .values(
            primary_metric_id=None, percentages="50/40", variant_count=None, feature_flag_id=None
        ),
    )


async def crowded(database: Database, row: m.Experiment) -> None:
    """Twenty-one more variants, all of them controls; the flag is off; another one runs."""
    await add(
        database,
        *(
            m.Variant(experiment_id=row.id, index=n, key=f"v{n}", is_control=True, weight=1)
            for n in range(2, 23)
        ),
    )
    await execute(
        database,
        update(VARIANT)
        .where(VARIANT.c.experiment_id == row.id, VARIANT.c.index == 0)
        .values(key="base"),
        update(EXPERIMENT)
        .where(EXPERIMENT.c.id == row.id)
        .values(percentages="fifty", key="not__sound", primary_metric_id=None),
        update(ALLOCATION)
        .where(ALLOCATION.c.experiment_id == row.id)
        .values(variant_id=None, is_control=True, weight=49.5),
        update(FLAG).where(FLAG.c.id == row.feature_flag_id).values(active=False),
    )
    await experiment(database, row.platform, m.Phase.RUNNING, source_id=row.source_id, key="other")


async def without_fallback(database: Database, row: m.Experiment) -> None:
    """By segment, and nobody takes the rest."""
    await execute(
        database,
        update(EXPERIMENT)
        .where(EXPERIMENT.c.id == row.id)
        .values(allocation_strategy=m.AllocationStrategy.SEGMENT),
        update(ALLOCATION)
        .where(ALLOCATION.c.experiment_id == row.id)
        .values(is_fallback=False, weight=None),
    )


LOCAL_BARE = "missing_primary_metric too_few_variants invalid_split missing_control"
LOCAL_CROWDED = "missing_primary_metric invalid_split missing_control"
ABSMARTLY_LACKS = "missing_primary_metric invalid_split"
POSTHOG_CROWDED = "too_many_variants invalid_split missing_control"
AUTH0_BARE = (
    "feature_flag_not_active experiment_missing_allocations experiment_missing_control "
    "experiment_invalid_allocation_weights"
)
AUTH0_CROWDED = (
    "feature_flag_not_active variation_not_from_flag experiment_missing_control "
    "experiment_invalid_allocation_weights experiment_active_limit_exceeded"
)

UNREADY: list[tuple[str, str, str, Spoil, str]] = [
    # platform     phase      actions                spoilt by    what is in the way
    ("LOCAL",      "DRAFT",   "MARK_READY START",    bare,        LOCAL_BARE),
    ("LOCAL",      "DRAFT",   "MARK_READY START",    crowded,     LOCAL_CROWDED),
    ("LOCAL",      "READY",   "DEVELOP START",       bare,        LOCAL_BARE),
    ("LOCAL",      "DEVELOPMENT", "START",           bare,        LOCAL_BARE),
    ("LOCAL",      "RUNNING", "RESTART",             crowded,     LOCAL_CROWDED),
    ("LOCAL",      "STOPPED", "RESTART",             bare,        LOCAL_BARE),
    ("ABSMARTLY",  "DRAFT",   "MARK_READY",          bare,        ABSMARTLY_LACKS),
    ("ABSMARTLY",  "READY",   "DEVELOP START",       crowded,     ABSMARTLY_LACKS),
    ("ABSMARTLY",  "DEVELOPMENT", "START",           bare,        ABSMARTLY_LACKS),
    ("ABSMARTLY",  "RUNNING", "RESTART",             bare,        ABSMARTLY_LACKS),
    ("ABSMARTLY",  "STOPPED", "RESTART",             crowded,     ABSMARTLY_LACKS),
    ("POSTHOG",    "DRAFT",   "START",  bare,  "too_few_variants invalid_split missing_control"),
    ("POSTHOG",    "DRAFT",   "START",               crowded,     POSTHOG_CROWDED),
    ("AUTH0",      "DRAFT",   "START",               bare,        AUTH0_BARE),
    ("AUTH0",      "DRAFT",   "START",               crowded,     AUTH0_CROWDED),
    ("AUTH0",      "PAUSED",  "RESUME",              crowded,     AUTH0_CROWDED),
    ("AUTH0",      "DRAFT",   "START",     without_fallback,      "experiment_missing_default"),
    ("CHECKMANGO", "DRAFT",   "START",               crowded,     "invalid_key missing_control"),
    ("CHECKMANGO", "DRAFT",   "START",               bare,        "missing_control"),
]  # fmt: skip


@pytest.mark.parametrize("platform", PHASES)
async def test_what_is_not_ready_is_refused_with_everything_that_is_in_the_way(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    calls, expected = [], []
    for number, case in enumerate(each for each in UNREADY if each[0] == platform):
        _, phase, actions, spoil, codes = case
        source = await source_of_its_own(database, platform, f"{number}")
        row = await standing(database, platform, phase, source_id=source)
        await spoil(database, row)
        for action in actions.split():
            calls.append(call(action, row))
            expected.append((row, codes))
    before = await everything(database)
    payloads = await make(client, calls)

    assert await everything(database) == before
    for (row, codes), payload in zip(expected, payloads, strict=True):
        [error] = payload["errors"]
        assert error["__typename"] == "NotReady"
        assert (error["code"], error["path"]) == ("NOT_READY", ["id"])
        assert " ".join(blocker["code"] for blocker in error["blockers"]) == codes
        assert unchanged(payload, row)


GUARDED = {"MARK_READY", "DEVELOP", "START", "RESTART"}


@pytest.mark.parametrize("platform", PHASES)
async def test_what_starts_nothing_asks_for_no_readiness(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    calls = []
    for phase in PHASES[platform].split():
        for action in landings(platform, phase, "none"):
            if action in GUARDED or (platform, action) == ("AUTH0", "RESUME"):
                continue
            source = await source_of_its_own(database, platform, f"{phase} {action}")
            row = await standing(
                database, platform, phase, source_id=source, primary_metric_id=None,
                percentages=None, feature_flag_id=None, key="not__sound",
            )  # fmt: skip
            calls.append(call(action, row))
    payloads = await make(client, calls)

    assert [payload["errors"] for payload in payloads] == [[]] * len(calls)


async def test_an_absmartly_feature_needs_no_metric(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(
        database, "ABSMARTLY", "READY", type=m.ExperimentType.FEATURE, primary_metric_id=None
    )

    assert (await act(client, "START", row))["ok"] is True


LONG, FITS = "x" * 10_001, "x" * 10_000
CONCLUSION = "'win' is not one of won, lost, inconclusive, stopped_early, invalid."

WRONG: list[tuple[str, str, str, dict[str, Any], list[tuple[str, str, str]]]] = [
    *(
        (platform, "RUNNING", "FULL_ON", {"variantIndex": index}, [("variantIndex", "variant_index",
            f"The variant {index} cannot be given to everybody; 1 to 1 can.")])
        for platform in ("LOCAL", "ABSMARTLY") for index in (-1, 0, 2, 2**31 - 1)
    ),
    *(
        ("POSTHOG", phase, "FULL_ON", {"variantIndex": index}, [("variantIndex", "variant_index",
            f"The variant {index} cannot be given to everybody; 0 to 1 can.")])
        for phase in ("RUNNING", "STOPPED") for index in (-1, 2)
    ),
    *(
        (platform, "RUNNING", "ADVANCE_RAMP", {"level": level}, [("level", "next_level",
            f"The level is {level:g}; the next one is 50.")])
        for platform in ("LOCAL", "AUTH0") for level in (10, 5, 49.5, 51, 100, -1, 0, 1e300)
    ),
    *(
        ("ABSMARTLY", phase, "STOP", {"reason": reason},
            [("reason", "required", "A reason must be given.")])
        for phase in ("DEVELOPMENT", "RUNNING") for reason in (None, "")
    ),
    *(
        ("POSTHOG", phase, "STOP", {"conclusion": "win"},
            [("conclusion", "conclusion", CONCLUSION)])
        for phase in ("RUNNING", "PAUSED", "FROZEN")
    ),
    *(
        (platform, "RUNNING", "RESTART", {"reason": reason}, [("reason", "required",
            "A reason must be given: the experiment is running, and is stopped by this.")])
        for platform in ("LOCAL", "ABSMARTLY") for reason in (None, "")
    ),
    *(
        ("LOCAL", "RUNNING", "STOP", {name: LONG}, [(name, "max_length",
            f"{name} is 10001 characters long; 10000 is the most.")])
        for name in ("note", "reason", "conclusion", "comment")
    ),
    *(
        ("LOCAL", "RUNNING", "STOP", {name: "a\0b"}, [(name, "text",
            f"{name} holds characters that are no text.")])
        for name in ("note", "reason", "conclusion", "comment")
    ),
    ("POSTHOG", "RUNNING", "STOP", {"note": LONG, "comment": "\0", "conclusion": "win"}, [
        ("note", "max_length", "note is 10001 characters long; 10000 is the most."),
        ("comment", "text", "comment holds characters that are no text."),
        ("conclusion", "conclusion", CONCLUSION),
    ]),
]  # fmt: skip
"""Platform, phase, action and arguments, with what is wrong: the field, the rule, the sentence."""


async def test_wrong_arguments_are_refused_all_at_once_with_their_fields(
    client: httpx.AsyncClient, database: Database
) -> None:
    rows = {
        (platform, phase): await standing(database, platform, phase)
        for platform, phase in {(case[0], case[1]) for case in WRONG}
    }
    before = await everything(database)
    calls = [
        call(action, rows[platform, phase], **given) for platform, phase, action, given, _ in WRONG
    ]
    payloads = await make(client, calls)

    assert await everything(database) == before
    for (platform, phase, _, _, wrong), payload in zip(WRONG, payloads, strict=True):
        [error] = payload["errors"]
        assert (error["__typename"], error["code"]) == ("ValidationFailed", "VALIDATION_FAILED")
        assert error["path"] == [wrong[0][0]]
        assert error["fields"] == [
            {"path": [field], "rule": rule, "message": message} for field, rule, message in wrong
        ]
        assert unchanged(payload, rows[platform, phase])


async def test_what_is_not_ready_and_asked_wrongly_is_told_both(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "LOCAL", "RUNNING", primary_metric_id=None)
    payload = await act(client, "RESTART", row, reason=None, note=LONG)

    assert reasons(payload) == ["NotReady", "ValidationFailed"]
    assert [field["path"] for field in payload["errors"][1]["fields"]] == [["note"], ["reason"]]
    assert unchanged(payload, row)


async def test_the_largest_arguments_that_are_allowed_are_taken(
    client: httpx.AsyncClient, database: Database
) -> None:
    stopped = await standing(database, "LOCAL", "RUNNING")
    texts = {"note": FITS, "reason": FITS, "conclusion": FITS, "comment": "𐐀" * 10_000}
    shipped = await standing(database, "POSTHOG", "RUNNING")
    listed = await standing(database, "ABSMARTLY", "RUNNING", variant_count=4)
    stop = await act(client, "STOP", stopped, **texts)

    assert stop["experimentNote"]["note"] == FITS
    assert stop["event"]["after"]["outcomeComment"] == "𐐀" * 10_000
    assert (await act(client, "FULL_ON", shipped, variantIndex=0))["ok"] is True
    assert (await act(client, "FULL_ON", listed, variantIndex=3))["ok"] is True


async def test_a_variant_of_an_experiment_without_variants_cannot_be_given_to_everybody(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "POSTHOG", "RUNNING")
    await bare(database, row)
    payload = await act(client, "FULL_ON", row, variantIndex=0)

    assert [field["message"] for field in payload["errors"][0]["fields"]] == [
        "The variant 0 cannot be given to everybody: there are 0 variants."
    ]


@pytest.mark.parametrize(
    ("levels", "now", "level", "message"),
    [
        ([10, 100], None, 100, "The level is 100; the next one is 10."),
        ([0, 100], 0, 0, "The level is 0; the next one is 100."),
    ],
)
async def test_a_ramp_says_which_level_is_next(
    client: httpx.AsyncClient, database: Database, levels: Any, now: Any, level: Any, message: str
) -> None:
    row = await standing(database, "AUTH0", "RUNNING", ramp_levels=levels, ramp_current_level=now)
    payload = await act(client, "ADVANCE_RAMP", row, level=level)

    assert [field["message"] for field in payload["errors"][0]["fields"]] == [message]
    assert unchanged(payload, row)


@pytest.mark.parametrize(("levels", "now"), [(None, None), ([], None), ([10, 100], 100)])
async def test_a_ramp_without_a_further_level_is_not_ready_to_be_advanced(
    client: httpx.AsyncClient, database: Database, levels: Any, now: Any
) -> None:
    row = await standing(database, "AUTH0", "RUNNING", ramp_levels=levels, ramp_current_level=now)
    payload = await act(client, "ADVANCE_RAMP", row, level=100)

    assert [error["__typename"] for error in payload["errors"]] == ["NotReady"]
    assert [blocker["code"] for blocker in payload["errors"][0]["blockers"]] == ["no_level_ahead"]
    assert unchanged(payload, row)


@pytest.mark.parametrize(
    ("levels", "climbed"),
    [
        ([0, 5, 100], [0, 5, 100]),
        ([12.5, 50], [12, 50]),
        (["ten", None, 20], [20]),
        ([], [None]),
    ],
)
async def test_a_ramp_is_climbed_level_by_level_whatever_its_source_said(
    client: httpx.AsyncClient, database: Database, levels: Any, climbed: Any
) -> None:
    row = await standing(database, "AUTH0", "DRAFT", ramp_levels=levels)
    started = await act(client, "START", row)
    assert started["ok"] is True
    found = [(started["event"]["after"].get("rampCurrentLevel"))]
    numbers = [level for level in levels if isinstance(level, int | float)]
    for level in numbers[1:]:
        payload = await act(client, "ADVANCE_RAMP", row, level=level)
        found.append(payload["event"]["after"]["rampCurrentLevel"])

    assert found == climbed
    assert (await act(client, "ADVANCE_RAMP", row, level=100))["ok"] is False


@pytest.mark.parametrize("known", [0, 2, 4, -1, 2**31 - 1])
async def test_a_change_of_another_version_is_refused_with_the_version_that_it_has_now(
    client: httpx.AsyncClient, database: Database, known: int
) -> None:
    row = await standing(database, "LOCAL", "RUNNING")
    before = await everything(database)
    legal, illegal, wrong = await make(
        client,
        [
            call("PAUSE", row, expectedVersion=known),
            call("RESUME", row, expectedVersion=known),
            call("FULL_ON", row, expectedVersion=known, variantIndex=0),
        ],
    )

    assert await everything(database) == before
    for payload in (legal, illegal, wrong):
        assert payload["errors"] == [
            {
                "__typename": "StaleVersion",
                "code": "STALE_VERSION",
                "path": ["expectedVersion"],
                "currentVersion": 3,
            }
        ]
        assert unchanged(payload, row)


@pytest.mark.parametrize("known", [{"expectedVersion": 3}, {"expectedVersion": None}, {}])
async def test_a_change_of_the_version_that_is_known_or_of_any_is_made(
    client: httpx.AsyncClient, database: Database, known: dict[str, Any]
) -> None:
    row = await standing(database, "LOCAL", "RUNNING")

    assert (await act(client, "PAUSE", row, **known))["experiment"]["version"] == 4


async def test_an_experiment_that_is_not_there_is_not_found(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "LOCAL", "RUNNING")
    before = await everything(database)
    for number in (row.id + 1, 0, 2**63 - 1):
        missing = {"id": encode("Experiment", number)}
        payloads = await make(
            client,
            [
                ("pauseExperiment", missing),
                ("pauseExperiment", {**missing, "dryRun": True}),
                ("transitionExperiment", {**missing, "to": "PAUSED"}),
            ],
        )
        for payload in payloads:
            assert payload["errors"] == [
                {"__typename": "NotFound", "code": "NOT_FOUND", "path": ["id"]}
            ]
            assert (payload["ok"], payload["experiment"]) == (False, None)

    assert await everything(database) == before


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "'' is not an id of this graph."),
        ("1", "'1' is not an id of this graph."),
        ("ключ", "'ключ' is not an id of this graph."),
        (encode("Experiment", 2**63), "'RXhwZXJpbWVudDo5MjIzMzcyMDM2ODU0Nzc1ODA4' is not an id"),
        (encode("Team", 1), "'VGVhbTox' is the id of a thing of type Team, not Experiment."),
        (encode("Nothing", 1), "'Tm90aGluZzox' is not an id of this graph."),
    ],
)
async def test_what_is_no_id_of_an_experiment_is_the_callers_fault(
    client: httpx.AsyncClient, database: Database, given: str, message: str
) -> None:
    await standing(database, "LOCAL", "RUNNING")
    before = await everything(database)
    for also in ({}, {"dryRun": True}, {"idempotencyKey": "a key"}):
        body = await post(client, [("pauseExperiment", {"id": given, **also})])
        [error] = body["errors"]

        assert body["data"] == {"r0": None}
        assert error["extensions"] == {"code": "BAD_USER_INPUT"}
        assert error["path"] == ["r0"]
        assert error["message"].startswith(message)
    assert await everything(database) == before


# --- Auth0 runs one experiment at a time


async def pair(database: Database, name: str, *phases: str) -> list[m.Experiment]:
    """Experiments of one tenant."""
    source = await source_of_its_own(database, "AUTH0", name)
    return [
        await standing(database, "AUTH0", phase, source_id=source, key=f"{name}_{number}")
        for number, phase in enumerate(phases)
    ]


async def test_auth0_starts_nothing_while_another_one_runs(
    client: httpx.AsyncClient, database: Database
) -> None:
    draft, paused, running = await pair(database, "tenant", "DRAFT", "PAUSED", "RUNNING")
    [elsewhere] = await pair(database, "other", "DRAFT")
    before = await everything(database)
    refused = await make(client, [call("START", draft), call("RESUME", paused)])

    assert await everything(database) == before
    for payload in refused:
        assert [error["blockers"] for error in payload["errors"]] == [
            [{"code": "experiment_active_limit_exceeded"}]
        ]
    assert (await act(client, "START", elsewhere))["ok"] is True
    assert (await act(client, "PAUSE", running))["ok"] is True
    assert (await act(client, "RESUME", paused))["ok"] is True
    assert reasons(await act(client, "RESUME", running)) == ["NotReady"]


async def test_of_two_that_auth0_starts_at_the_same_moment_one_is_refused(
    client: httpx.AsyncClient, database: Database
) -> None:
    for number in range(8):
        rows = await pair(database, f"tenant{number}", "DRAFT", "PAUSED", "DRAFT")
        payloads = await asyncio.gather(
            act(client, "START", rows[0]),
            act(client, "RESUME", rows[1]),
            act(client, "START", rows[2]),
        )

        assert sorted(reasons(payload) for payload in payloads) == [
            [],
            ["NotReady"],
            ["NotReady"],
        ]
        assert sorted(payload["experiment"]["phase"] == "RUNNING" for payload in payloads) == [
            False,
            False,
            True,
        ]
