"""What each action does from each phase and under each overlay, on every platform, over HTTP.

What is expected stands here by hand, from the contract of the graph and not from the tables of
`models.lifecycle`, so that a wrong row there fails here.
"""

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from tests.acting import MUTATIONS, act, call, make, unchanged
from tests.making import (
    LONG_AGO,
    everything,
    experiment,
    id_of,
    rows_of,
    source_of_its_own,
)

PHASES = {
    "LOCAL": "DRAFT READY DEVELOPMENT RUNNING PAUSED FROZEN STOPPED",
    "ABSMARTLY": "DRAFT READY DEVELOPMENT RUNNING STOPPED",
    "POSTHOG": "DRAFT RUNNING PAUSED FROZEN STOPPED",
    "AUTH0": "DRAFT RUNNING PAUSED STOPPED",
    "CHECKMANGO": "DRAFT RUNNING STOPPED",
}
"""The phases that each platform knows."""

WALK = [
    # action          platforms                         from                               to
    ("MARK_READY",    "LOCAL ABSMARTLY",                "DRAFT",                           "READY"),
    ("DEVELOP",       "LOCAL ABSMARTLY",                "READY",                     "DEVELOPMENT"),
    ("START",         "LOCAL",                          "DRAFT READY DEVELOPMENT",       "RUNNING"),
    ("START",         "ABSMARTLY",                      "READY DEVELOPMENT",             "RUNNING"),
    ("START",         "POSTHOG AUTH0 CHECKMANGO",       "DRAFT",                         "RUNNING"),
    ("PAUSE",         "LOCAL POSTHOG AUTH0",            "RUNNING",                        "PAUSED"),
    ("RESUME",        "LOCAL POSTHOG AUTH0",            "PAUSED",                        "RUNNING"),
    ("FREEZE",        "LOCAL POSTHOG",                  "RUNNING",                        "FROZEN"),
    ("UNFREEZE",      "LOCAL POSTHOG",                  "FROZEN",                        "RUNNING"),
    ("ADVANCE_RAMP",  "LOCAL AUTH0",                    "RUNNING",                       "RUNNING"),
    ("STOP",          "LOCAL",              "DEVELOPMENT RUNNING PAUSED FROZEN",         "STOPPED"),
    ("STOP",          "ABSMARTLY",                      "DEVELOPMENT RUNNING",           "STOPPED"),
    ("STOP",          "POSTHOG",                        "RUNNING PAUSED FROZEN",         "STOPPED"),
    ("STOP",          "AUTH0",                          "RUNNING PAUSED",                "STOPPED"),
    ("STOP",          "CHECKMANGO",                     "RUNNING",                       "STOPPED"),
    ("FULL_ON",       "LOCAL ABSMARTLY",                "RUNNING",                       "RUNNING"),
    ("FULL_ON",       "POSTHOG",                        "RUNNING PAUSED FROZEN STOPPED", "STOPPED"),
    ("ARCHIVE",       "LOCAL ABSMARTLY POSTHOG AUTH0",  "STOPPED",                       "STOPPED"),
    ("UNARCHIVE",     "LOCAL ABSMARTLY POSTHOG",        "STOPPED",                       "STOPPED"),
    ("RESTART",       "LOCAL ABSMARTLY",                "RUNNING STOPPED",               "RUNNING"),
    ("RESET",         "LOCAL",  "READY DEVELOPMENT RUNNING PAUSED FROZEN STOPPED",         "DRAFT"),
    ("RESET",         "POSTHOG",                        "RUNNING PAUSED FROZEN STOPPED",   "DRAFT"),
    ("DELETE",        "LOCAL POSTHOG CHECKMANGO",       "any",                          "the same"),
    ("DELETE",        "AUTH0",                          "DRAFT PAUSED STOPPED",         "the same"),
    ("RESTORE",       "LOCAL POSTHOG",                  "any",                          "the same"),
]  # fmt: skip

OVERLAYS: dict[str, dict[str, Any]] = {
    "none": {},
    "released": {
        "full_on_at": LONG_AGO,
        "full_on_variant": 1,
        "release_mode": m.ReleaseMode.FULL_ON_RUNNING,
    },
    "archived": {"archived": True, "archived_at": LONG_AGO},
    "deleted": {"deleted_at": LONG_AGO},
    "archived and deleted": {"archived": True, "archived_at": LONG_AGO, "deleted_at": LONG_AGO},
}

NOW, NOW_UNLESS_SET = "now", "now, unless it is set"

SETS: dict[str, dict[str, Any]] = {
    "MARK_READY": {},
    "DEVELOP": {"development_at": NOW},
    "START": {"started_at": NOW, "first_started_at": NOW_UNLESS_SET, "ramp_current_level": 10},
    "PAUSE": {"pause_effect": "DEFAULT_EXPERIENCE"},
    "PAUSE on AUTH0": {"pause_effect": "KEEP_IN_FLIGHT"},
    "RESUME": {"pause_effect": None},
    "FREEZE": {},
    "UNFREEZE": {},
    "ADVANCE_RAMP": {"ramp_current_level": 50},
    "STOP": {
        "stopped_at": NOW,
        "stop_reason": "data_issue",
        "conclusion": "won",
        "outcome_comment": "As hoped.",
        "pause_effect": None,
    },
    "FULL_ON": {"full_on_at": NOW, "full_on_variant": 1, "release_mode": "FULL_ON_RUNNING"},
    "FULL_ON on POSTHOG": {
        "full_on_at": NOW,
        "full_on_variant": 1,
        "release_mode": "SHIPPED_AND_STOPPED",
        "winner_variant": 1,
        "stopped_at": NOW_UNLESS_SET,
        "pause_effect": None,
    },
    "ARCHIVE": {"archived": True, "archived_at": NOW},
    "UNARCHIVE": {"archived": False, "archived_at": None},
    "RESET": {
        "development_at": None,
        "started_at": None,
        "stopped_at": None,
        "stop_reason": None,
        "conclusion": None,
        "outcome_comment": None,
        "winner_variant": None,
        "full_on_at": None,
        "full_on_variant": None,
        "release_mode": None,
        "pause_effect": None,
        "ramp_current_level": None,
        "archived": False,
        "archived_at": None,
    },
    "DELETE": {"deleted_at": NOW},
    "RESTORE": {"deleted_at": None},
}
"""The columns that an action sets beside the phase, the native state and the bookkeeping."""

NATIVE = {
    "ABSMARTLY": {
        "DRAFT": "created",
        "READY": "ready",
        "DEVELOPMENT": "development",
        "RUNNING": "running",
        "STOPPED": "stopped",
    },
    "POSTHOG": {
        "DRAFT": "draft",
        "RUNNING": "running",
        "PAUSED": "paused",
        "FROZEN": "exposure_frozen",
        "STOPPED": "stopped",
    },
    "AUTH0": {"DRAFT": "draft", "RUNNING": "active", "PAUSED": "paused", "STOPPED": "completed"},
    "CHECKMANGO": {"DRAFT": "draft", "RUNNING": "running", "STOPPED": "stopped"},
}
"""What the platforms themselves call the phases."""


def landings(platform: str, phase: str, overlay: str) -> dict[str, str]:
    """The actions that are legal there, in their order, each with the phase that it leads to."""
    found = {}
    for action, platforms, sources, to in WALK:
        starts = PHASES[platform] if sources == "any" else sources
        if platform not in platforms.split() or phase not in starts.split():
            continue
        if admitted(action, platform, overlay):
            found[action] = phase if to == "the same" else to
    return found


def admitted(action: str, platform: str, overlay: str) -> bool:
    """An archived or deleted experiment allows only UNARCHIVE, RESET and RESTORE."""
    if "deleted" in overlay:
        return action == "RESTORE"
    if overlay == "archived":
        return action in {"UNARCHIVE", "RESET"}
    if overlay == "released" and platform != "POSTHOG" and action == "FULL_ON":
        return False
    return action not in {"UNARCHIVE", "RESTORE"}


def lacks(platform: str, action: str) -> bool:
    return all(
        action != told or platform not in platforms.split() for told, platforms, _, _ in WALK
    )


async def standing(
    database: Database, platform: str, phase: str, overlay: str = "none", **values: Any
) -> m.Experiment:
    """An experiment in a phase and under an overlay, with everything set that goes with it."""
    said: dict[str, Any] = {"version": 3, "updated_at": LONG_AGO, **OVERLAYS[overlay]}
    if phase not in {"DRAFT", "READY"}:
        said |= {"development_at": LONG_AGO, "ramp_current_level": 10}
    if phase == "PAUSED":
        said["pause_effect"] = m.PauseEffect.DEFAULT_EXPERIENCE
    if phase == "STOPPED":
        said |= {"stop_reason": "testing", "conclusion": "lost", "outcome_comment": "Before."}
        said |= {"winner_variant": 0}
    key = f"{phase} {overlay}".title().replace(" ", "_")
    return await experiment(
        database, m.Platform(platform), m.Phase(phase), **{"key": key, **said, **values}
    )


def afterwards(
    action: str, platform: str, to: str, before: dict[str, Any], at: datetime
) -> dict[str, Any]:
    """The row of an experiment after an action."""
    sets = SETS.get(f"{action} on {platform}", SETS[action])
    values: dict[str, Any] = {"phase": m.Phase(to)}
    for name, value in sets.items():
        values[name] = at if value in {NOW, NOW_UNLESS_SET} else value
        if value == NOW_UNLESS_SET and before[name] is not None:
            values[name] = before[name]
    if platform in NATIVE:
        values["native_state"] = NATIVE[platform][to]
        if platform == "AUTH0" and action == "ARCHIVE":
            values["native_state"] = "archived"
    return {**before, **values, "version": before["version"] + 1, "updated_at": at}


def told(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the event tells of two rows of an experiment."""
    names = [
        name
        for name in before
        if before[name] != after[name] and name not in {"version", "updated_at"}
    ]

    def shown(row: dict[str, Any]) -> dict[str, Any]:
        return {re.sub("_(.)", lambda it: it[1].upper(), name): plain(row[name]) for name in names}

    return shown(before), shown(after)


def plain(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


async def legal_cases(database: Database, platform: str) -> list[tuple[str, str, m.Experiment]]:
    """Every legal action but RESTART with its landing, each on an experiment of its own."""
    cases = []
    for phase in PHASES[platform].split():
        for overlay in OVERLAYS:
            for action, to in landings(platform, phase, overlay).items():
                if action != "RESTART":
                    name = f"{phase} {overlay} {action}"  # on Auth0 one runs at a time in each
                    source = await source_of_its_own(database, platform, name)
                    row = await standing(database, platform, phase, overlay, source_id=source)
                    cases.append((action, to, row))
    return cases


@pytest.mark.parametrize("platform", PHASES)
async def test_a_legal_action_sets_what_the_contract_says_and_nothing_else(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    cases = await legal_cases(database, platform)
    before, all_before = await rows_of(database, m.Experiment), await everything(database)
    asked_at = datetime.now(UTC)
    payloads = await make(client, [call(action, row, note="Why.") for action, _, row in cases])
    after, all_after = await rows_of(database, m.Experiment), await everything(database)
    answered_at = datetime.now(UTC)

    for (action, to, row), payload in zip(cases, payloads, strict=True):
        at = after[row.id]["updated_at"]
        expected = afterwards(action, platform, to, before[row.id], at)
        assert asked_at <= at <= answered_at
        assert (payload["ok"], payload["errors"], payload["replayed"]) == (True, [], False)
        assert after[row.id] == expected
        assert payload["experiment"]["phase"] == to
        assert payload["experiment"]["version"] == 4
        assert_told(payload, action, row, told(before[row.id], expected), at)
    for table in all_before.keys() - {"experiment", "note", "event"}:
        assert all_after[table] == all_before[table], table
    assert len(all_after["note"]) == len(all_after["event"]) == len(cases)


def assert_told(
    payload: Any, action: str, row: m.Experiment, change: tuple[Any, Any], at: datetime
) -> None:
    """The payload carries the event with this change, and the note that goes with it."""
    event, note = payload["event"], payload["experimentNote"]
    called = {"MARK_READY": "READY", "DEVELOP": "DEVELOPMENT"}.get(action, action)
    assert (event["before"], event["after"]) == change
    assert (event["action"], event["actor"]) == (action, "the bootstrap key")
    assert (event["subjectType"], event["subjectId"]) == ("Experiment", id_of(row))
    assert datetime.fromisoformat(event["at"]) == at
    assert (note["action"], note["note"], note["newExperiment"]) == (called, "Why.", None)
    assert note["variant"] == (1 if action == "FULL_ON" else None)
    assert datetime.fromisoformat(note["createdAt"]) == at


async def refused_cases(
    database: Database, platform: str
) -> list[tuple[str, m.Experiment, list[str]]]:
    """Every other action with the legal ones, on one experiment for each phase and overlay.

    What the platform lacks is tried in every phase, but not under every overlay again.
    """
    cases = []
    for phase in PHASES[platform].split():
        for overlay in OVERLAYS:
            row = await standing(database, platform, phase, overlay)
            legal = list(landings(platform, phase, overlay))
            cases += [
                (action, row, legal)
                for action in MUTATIONS
                if action not in legal and (overlay == "none" or not lacks(platform, action))
            ]
    return cases


def refusal(action: str, row: m.Experiment, legal: list[str]) -> dict[str, Any]:
    """The reason why an action cannot be taken from where an experiment stands."""
    if lacks(row.platform, action):
        return {
            "__typename": "UnsupportedByPlatform",
            "code": "UNSUPPORTED_BY_PLATFORM",
            "path": ["id"],
            "platform": row.platform,
            "lacks": action,
        }
    return {
        "__typename": "InvalidTransition",
        "code": "INVALID_TRANSITION",
        "path": ["id"],
        "action": action,
        "from": row.phase,
        "allowed": legal,
    }


@pytest.mark.parametrize("platform", PHASES)
async def test_every_other_action_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    cases = await refused_cases(database, platform)
    before = await everything(database)
    payloads = await make(client, [call(action, row, note="Why.") for action, row, _ in cases])

    assert await everything(database) == before
    for (action, row, legal), payload in zip(cases, payloads, strict=True):
        assert (payload["ok"], payload["replayed"]) == (False, False)
        assert payload["errors"] == [refusal(action, row, legal)]
        assert unchanged(payload, row)


async def test_a_dry_run_answers_as_the_action_would_and_writes_nothing(
    client: httpx.AsyncClient, database: Database
) -> None:
    refused = await refused_cases(database, "LOCAL")
    restart = await standing(database, "LOCAL", "STOPPED", key="to_be_restarted")
    legal = await legal_cases(database, "LOCAL")
    rows = [(action, row) for action, _, row in legal] + [("RESTART", restart)]
    before = await everything(database)
    would = await make(client, [call(action, row, dryRun=True) for action, row in rows])
    wrong = await make(client, [call(action, row, dryRun=True) for action, row, _ in refused])

    assert await everything(database) == before
    for (_, row), payload in zip(rows, would, strict=True):
        assert (payload["ok"], payload["errors"], payload["replayed"]) == (True, [], False)
        assert unchanged(payload, row)
    for (action, row, allowed), payload in zip(refused, wrong, strict=True):
        assert (payload["ok"], payload["errors"]) == (False, [refusal(action, row, allowed)])
        assert unchanged(payload, row)


AVAILABLE = """query($ids: [ID!]!) { nodes(ids: $ids) { ... on Experiment {
    id availableTransitions { action to allowed missingScope requiresApproval blockers { code } }
} } }"""


@pytest.mark.parametrize("platform", PHASES)
async def test_what_is_told_to_be_available_is_what_is_legal(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    expected = {}
    for phase in PHASES[platform].split():
        for overlay in OVERLAYS:
            source = await source_of_its_own(database, platform, f"{phase} {overlay}")
            row = await standing(database, platform, phase, overlay, source_id=source)
            expected[id_of(row)] = landings(platform, phase, overlay)
    answer = await client.post(
        "/graphql", json={"query": AVAILABLE, "variables": {"ids": list(expected)}}
    )

    for node in answer.json()["data"]["nodes"]:
        found = node["availableTransitions"]
        assert [each["action"] for each in found] == [
            action for action in MUTATIONS if not lacks(platform, action)
        ]
        legal = {each["action"]: each["to"] for each in found if each["allowed"]}
        assert legal == expected[node["id"]]
        for each in found:
            codes = [blocker["code"] for blocker in each["blockers"]]
            assert codes == ([] if each["action"] in legal else ["invalid_transition"])
            assert (each["missingScope"], each["requiresApproval"]) == (None, False)


LEADS = {
    "ACTIVE": {"PAUSED": "RESUME", "FROZEN": "UNFREEZE"},
    "PAUSED": dict.fromkeys(PHASES["LOCAL"].split(), "PAUSE"),
    "COMPLETED": dict.fromkeys(PHASES["LOCAL"].split(), "STOP"),
    "ARCHIVED": dict.fromkeys(PHASES["LOCAL"].split(), "ARCHIVE"),
}
"""The action that each target names in each phase; ACTIVE is START from all others."""


@pytest.mark.parametrize("platform", PHASES)
async def test_a_target_names_one_action_which_is_taken_or_refused(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    cases = []
    for phase in PHASES[platform].split():
        for to, actions in LEADS.items():
            source = await source_of_its_own(database, platform, f"{phase} {to}")
            row = await standing(database, platform, phase, source_id=source)
            cases.append((to, actions.get(phase, "START"), row))
    said = {"reason": "data_issue", "conclusion": "won", "comment": "As hoped.", "note": "Why."}
    payloads = await make(
        client,
        [("transitionExperiment", {"id": id_of(row), "to": to, **said}) for to, _, row in cases],
    )
    after = await rows_of(database, m.Experiment)

    for (_, action, row), payload in zip(cases, payloads, strict=True):
        legal = landings(platform, row.phase, "none")
        if action in legal:
            assert (payload["ok"], payload["errors"]) == (True, [])
            assert (payload["event"]["action"], payload["experimentNote"]["note"]) == (
                action,
                "Why.",
            )
            at = after[row.id]["updated_at"]
            assert after[row.id] == afterwards(
                action, platform, legal[action], row.model_dump(), at
            )
        else:
            assert payload["errors"] == [refusal(action, row, list(legal))]
            assert unchanged(payload, row)
            assert after[row.id] == row.model_dump()


async def test_a_request_may_change_one_experiment_twice_and_each_answer_is_of_its_moment(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "LOCAL", "RUNNING")
    calls = [call("PAUSE", row), call("PAUSE", row), call("RESUME", row), call("STOP", row)]
    payloads = await make(client, calls)

    assert [(each["ok"], each["experiment"]["phase"]) for each in payloads] == [
        (True, "PAUSED"),
        (False, "PAUSED"),
        (True, "RUNNING"),
        (True, "STOPPED"),
    ]
    assert [each["experiment"]["version"] for each in payloads] == [4, 4, 5, 6]


async def test_an_action_without_a_note_is_in_the_activity_too(
    client: httpx.AsyncClient, database: Database
) -> None:
    for given in ({}, {"note": None}, {"note": ""}):
        row = await experiment(database, key=f"said_{given.get('note', 'nothing')}")
        payload = await act(client, "START", row, **given)

        assert payload["experimentNote"]["action"] == "START"
        assert payload["experimentNote"]["note"] is None
