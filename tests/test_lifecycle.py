"""The lifecycle tables: what each platform allows, and what stands in the way."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

import models as m
from gateway.demo import load
from gateway.lifecycle_page import page
from models.database import Database
from models.lifecycle import TABLES, Standing, available, ready
from models.readiness import AllocationFacts, Facts, VariantFacts

CONTROL = VariantFacts("control", is_control=True, weight=50)
TREATMENT = VariantFacts("treatment", is_control=False, weight=50)
SOUND = Facts(
    key="A_KEY",
    has_primary_metric=True,
    variant_count=2,
    percentages="50/50",
    variants=(CONTROL, TREATMENT),
    allocations=(
        AllocationFacts(known=True, is_control=True, is_fallback=False, weight=50),
        AllocationFacts(known=True, is_control=False, is_fallback=True, weight=50),
    ),
    flag_is_active=True,
    levels_ahead=(50, 100),
)
"""Facts that lack nothing, on any platform."""

LEGAL = {
    m.Platform.ABSMARTLY: {
        "DRAFT": "MARK_READY",
        "READY": "DEVELOP START",
        "DEVELOPMENT": "START STOP",
        "RUNNING": "STOP FULL_ON RESTART",
        "STOPPED": "ARCHIVE RESTART",
    },
    m.Platform.POSTHOG: {
        "DRAFT": "START DELETE",
        "RUNNING": "PAUSE FREEZE STOP FULL_ON RESET DELETE",
        "PAUSED": "RESUME STOP FULL_ON RESET DELETE",
        "FROZEN": "UNFREEZE STOP FULL_ON RESET DELETE",
        "STOPPED": "FULL_ON ARCHIVE RESET DELETE",
    },
    m.Platform.AUTH0: {
        "DRAFT": "START DELETE",
        "RUNNING": "PAUSE ADVANCE_RAMP STOP",
        "PAUSED": "RESUME STOP DELETE",
        "STOPPED": "ARCHIVE DELETE",
    },
    m.Platform.CHECKMANGO: {
        "DRAFT": "START DELETE",
        "RUNNING": "STOP DELETE",
        "STOPPED": "DELETE",
    },
    m.Platform.LOCAL: {
        "DRAFT": "MARK_READY START DELETE",
        "READY": "DEVELOP START RESET DELETE",
        "DEVELOPMENT": "START STOP RESET DELETE",
        "RUNNING": "PAUSE FREEZE ADVANCE_RAMP STOP FULL_ON RESTART RESET DELETE",
        "PAUSED": "RESUME STOP RESET DELETE",
        "FROZEN": "UNFREEZE STOP RESET DELETE",
        "STOPPED": "ARCHIVE RESTART RESET DELETE",
    },
}
"""What each platform's documents allow, said again by hand."""


def allowed(platform: m.Platform, standing: Standing, facts: Facts = SOUND) -> str:
    return " ".join(
        found.action for found in available(platform, standing, facts) if not found.blockers
    )


@pytest.mark.parametrize("platform", LEGAL)
def test_each_phase_allows_what_its_platform_allows(platform: m.Platform) -> None:
    for phase, actions in LEGAL[platform].items():
        assert allowed(platform, Standing(m.Phase(phase))) == actions


@pytest.mark.parametrize(
    ("platform", "actions"),
    [
        (m.Platform.ABSMARTLY, "UNARCHIVE"),
        (m.Platform.POSTHOG, "UNARCHIVE RESET"),
        (m.Platform.AUTH0, ""),
        (m.Platform.CHECKMANGO, ""),
        (m.Platform.LOCAL, "UNARCHIVE RESET"),
    ],
)
def test_what_is_archived_can_only_be_taken_out_or_reset(
    platform: m.Platform, actions: str
) -> None:
    assert allowed(platform, Standing(m.Phase.STOPPED, archived=True)) == actions


@pytest.mark.parametrize("phase", list(m.Phase))
def test_what_is_deleted_can_only_be_restored(phase: m.Phase) -> None:
    restored = {m.Platform.POSTHOG: "RESTORE", m.Platform.LOCAL: "RESTORE"}
    for platform in m.Platform:
        for archived in (True, False):
            standing = Standing(phase, archived=archived, deleted=True)
            assert allowed(platform, standing) == restored.get(platform, "")


def test_an_action_stands_once_in_a_table() -> None:
    for rows in TABLES.values():
        actions = [row.action for row in rows]

        assert len(actions) == len(set(actions))


def test_local_has_every_action() -> None:
    assert [row.action for row in TABLES[m.Platform.LOCAL]] == list(m.Action)


STARTS = {
    m.Platform.AUTH0: [
        ({"flag_is_active": False}, "feature_flag_not_active"),
        ({"another_is_active": True}, "experiment_active_limit_exceeded"),
        (
            {"allocations": (replace(SOUND.allocations[0], weight=40), SOUND.allocations[1])},
            "experiment_invalid_allocation_weights",
        ),
        (
            {"allocations": (replace(SOUND.allocations[0], known=False), SOUND.allocations[1])},
            "variation_not_from_flag",
        ),
        (
            {
                "allocations": (
                    replace(SOUND.allocations[0], is_control=False),
                    SOUND.allocations[1],
                )
            },
            "experiment_missing_control",
        ),
        (
            {
                "by_segment": True,
                "allocations": (SOUND.allocations[0], replace(SOUND.allocations[0], weight=50)),
            },
            "experiment_missing_control experiment_missing_default",
        ),
        (
            {"allocations": ()},
            (
                "experiment_missing_allocations experiment_missing_control "
                "experiment_invalid_allocation_weights"
            ),
        ),
    ],
    m.Platform.ABSMARTLY: [
        ({"has_primary_metric": False}, "missing_primary_metric"),
        ({"has_primary_metric": False, "is_feature": True}, ""),
        ({"percentages": "50/40"}, "invalid_split"),
        ({"percentages": "34/33/33"}, "invalid_split"),
        ({"percentages": None}, "invalid_split"),
        ({"variant_count": 3, "percentages": "34/33/33"}, ""),
    ],
    m.Platform.POSTHOG: [
        ({"variants": (replace(CONTROL, weight=100),)}, "too_few_variants"),
        ({"variants": (CONTROL, replace(TREATMENT, weight=40))}, "invalid_split"),
        ({"variants": (replace(CONTROL, key="base"), TREATMENT)}, "missing_control"),
        (
            {"variants": (replace(CONTROL, weight=5), *[replace(TREATMENT, weight=4.75)] * 20)},
            "too_many_variants",
        ),
    ],
    m.Platform.CHECKMANGO: [
        ({"key": "!!_ok"}, "invalid_key"),
        ({"key": "A__B"}, "invalid_key"),
        ({"key": "A" * 256}, "invalid_key"),
        ({"variants": (CONTROL, CONTROL)}, "missing_control"),
    ],
    m.Platform.LOCAL: [
        ({"variants": (CONTROL,), "percentages": "100", "variant_count": 1}, "too_few_variants"),
        ({"variants": (TREATMENT, TREATMENT)}, "missing_control"),
    ],
}


@pytest.mark.parametrize(
    ("platform", "change", "codes"),
    [(platform, change, codes) for platform, cases in STARTS.items() for change, codes in cases],
)
def test_a_start_names_everything_that_is_missing_at_once(
    platform: m.Platform, change: dict[str, Any], codes: str
) -> None:
    assert ready(platform, SOUND) == ()
    assert " ".join(found.code for found in ready(platform, replace(SOUND, **change))) == codes


def test_posthog_freezes_nothing_that_has_a_holdout() -> None:
    running, held = Standing(m.Phase.RUNNING), replace(SOUND, has_holdout=True)
    assert allowed(m.Platform.POSTHOG, running, held) == "PAUSE STOP FULL_ON RESET DELETE"
    assert allowed(m.Platform.LOCAL, running, held) == LEGAL[m.Platform.LOCAL]["RUNNING"]


@pytest.mark.parametrize("platform", [m.Platform.AUTH0, m.Platform.LOCAL])
def test_a_ramp_without_a_further_level_cannot_be_advanced(platform: m.Platform) -> None:
    running, at_its_end = Standing(m.Phase.RUNNING), replace(SOUND, levels_ahead=())
    assert "ADVANCE_RAMP" in allowed(platform, running, SOUND)
    assert "ADVANCE_RAMP" not in allowed(platform, running, at_its_end)


def test_the_page_of_the_lifecycle_is_printed_from_the_tables() -> None:
    assert Path("docs/lifecycle.md").read_text() == page()


AVAILABLE = """{
  experiments(first: 40, where: {source: {platform: {eq: LOCAL}}, phase: {eq: DRAFT}}) {
    nodes {
      readiness { valid blockers { code } }
      availableTransitions { action to allowed requiresApproval missingScope blockers { code } }
    }
  }
}"""


async def test_the_graph_tells_for_each_experiment_what_may_be_done(
    client: httpx.AsyncClient, database: Database
) -> None:
    await load(database, experiments=40)
    answer = await client.post("/graphql", json={"query": AVAILABLE})
    drafts = answer.json()["data"]["experiments"]["nodes"]
    starts = {
        (draft["readiness"]["valid"], found["allowed"], found["to"])
        for draft in drafts
        for found in draft["availableTransitions"]
        if found["action"] == "START"
    }

    assert starts == {(True, True, "RUNNING"), (False, False, "RUNNING")}
    for draft in drafts:
        assert [found["action"] for found in draft["availableTransitions"]] == list(m.Action)


async def test_the_table_of_a_platform_is_served_as_data(client: httpx.AsyncClient) -> None:
    query = "{ lifecycle(platform: CHECKMANGO) { action from to scope onlyIf asks sets under } }"
    answer = await client.post("/graphql", json={"query": query})

    assert answer.json()["data"]["lifecycle"] == [
        {
            "action": "START",
            "from": ["DRAFT"],
            "to": "RUNNING",
            "scope": "experiment:start",
            "onlyIf": [
                "Checkmango's key rule, anchored at both ends.",
                "Exactly one variant is what the others are compared with.",
            ],
            "asks": [],
            "sets": (
                "Sets startedAt, firstStartedAt unless it is set, and a ramp to its first level."
            ),
            "under": "NONE",
        },
        {
            "action": "STOP",
            "from": ["RUNNING"],
            "to": "STOPPED",
            "scope": "experiment:stop",
            "onlyIf": [],
            "asks": [],
            "sets": (
                "Sets stoppedAt and the outcome's reason, conclusion and comment; "
                "clears pauseEffect."
            ),
            "under": "NONE",
        },
        {
            "action": "DELETE",
            "from": ["DRAFT", "READY", "DEVELOPMENT", "RUNNING", "PAUSED", "FROZEN", "STOPPED"],
            "to": None,
            "scope": "experiment:delete",
            "onlyIf": [],
            "asks": [],
            "sets": "Sets deleted.",
            "under": "NONE",
        },
    ]
