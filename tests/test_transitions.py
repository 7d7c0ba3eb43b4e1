"""What each action does from each phase and under each overlay, on every platform, over HTTP."""

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from tests.acting import MUTATIONS, act, call, make, unchanged
from tests.contract import OVERLAYS, PHASES, afterwards, lacks, landings, standing
from tests.making import everything, experiment, id_of, rows_of, source_of_its_own


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
    cases = []
    for phase in PHASES["LOCAL"].split():
        for overlay in ("none", "archived", "deleted"):
            row = await standing(database, "LOCAL", phase, overlay)
            legal = list(landings("LOCAL", phase, overlay))
            cases += [(action, row, legal) for action in MUTATIONS]
    before = await everything(database)
    payloads = await make(client, [call(action, row, dryRun=True) for action, row, _ in cases])

    assert await everything(database) == before
    for (action, row, legal), payload in zip(cases, payloads, strict=True):
        expected = [] if action in legal else [refusal(action, row, legal)]
        assert (payload["ok"], payload["errors"]) == (not expected, expected)
        assert (payload["replayed"], unchanged(payload, row)) == (False, True)


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
