"""Random sequences of transitions, against a model of the lifecycle in plain Python.

The model stands here and in `tests.contract`; it shares nothing with `models.lifecycle`. After each
step the graph's answer and what it shows of the experiment are compared with the model's, and after
each sequence everything that there is.
"""

import itertools
import json
import os
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import update

import models as m
from models.database import Database
from tests.acting import MUTATIONS, post
from tests.contract import NATIVE, PHASES, lacks, landings
from tests.making import experiment, id_of, source_of_its_own

LEVELS = [10, 50, 100]
CONCLUSIONS = {"won", "lost", "inconclusive", "stopped_early", "invalid"}
GUARDED = {"MARK_READY", "DEVELOP", "START", "RESTART"}
TOO_LONG = "x" * 10_001
NUMBERS = itertools.count(1)

ANSWER = """fragment Answer on TransitionPayload {
  ok
  replayed
  errors {
    __typename
    ... on InvalidTransition { action from allowed }
    ... on NotReady { blockers { code } }
    ... on StaleVersion { currentVersion }
    ... on ValidationFailed { fields { path } }
    ... on UnsupportedByPlatform { platform lacks: action }
  }
  event { id action }
  experimentNote { id }
  experiment { ...Shown }
}
fragment Shown on Experiment {
  id iteration version phase status nativeState archived deleted pauseEffect
  startedAt stoppedAt
  release { variantIndex mode }
  outcome { conclusion reason comment winner }
  ramp { currentLevel }
  availableTransitions { action allowed }
  notes { totalCount }
  events { totalCount }
}"""

EVERYTHING = f"""query($source: String!) {{
  experiments(first: 200, where: {{ source: {{ name: {{ startsWith: $source }} }} }}) {{
    nodes {{ ...Shown }}
  }}
}} {ANSWER[ANSWER.index("fragment Shown") :]}"""


# --- the model


@dataclass
class Trial:
    """What the model knows of an experiment."""

    id: str
    platform: str
    phase: str
    ready: bool
    family: int
    iteration: int = 1
    version: int = 1
    archived: bool = False
    deleted: bool = False
    started: bool = False
    stopped: bool = False
    release: tuple[int, str] | None = None
    outcome: tuple[str | None, str | None, str | None, int | None] = (None, None, None, None)
    level: int | None = None
    notes: int = 0
    events: int = 0

    @property
    def overlay(self) -> str:
        if self.deleted:
            return "deleted"
        if self.archived:
            return "archived"
        return "released" if self.release else "none"

    @property
    def pause_effect(self) -> str | None:
        if self.phase != "PAUSED":
            return None
        return "KEEP_IN_FLIGHT" if self.platform == "AUTH0" else "DEFAULT_EXPERIENCE"

    @property
    def status(self) -> str:
        if self.deleted or self.archived:
            return self.overlay.upper()
        return "FULL_ON" if self.release and self.phase == "RUNNING" else self.phase

    @property
    def levels_ahead(self) -> list[int]:
        return [level for level in LEVELS if self.level is None or level > self.level]

    @property
    def legal(self) -> list[str]:
        return list(landings(self.platform, self.phase, self.overlay))


@dataclass
class Kept:
    """What was asked under a key, and is answered with again."""

    asked: tuple[Trial, str, dict[str, Any]]
    action: str
    trial: Trial
    ids: tuple[str, str]


@dataclass
class Company:
    """Experiments of one source for each platform, and the keys that were used."""

    name: str
    trials: list[Trial]
    kept: dict[tuple[str, str], Kept] = field(default_factory=dict)

    def hindered(self, trial: Trial, action: str) -> bool:
        """Whether something is in the way of an action beside where the experiment stands."""
        if trial.platform == "AUTH0" and action in {"START", "RESUME"}:
            return not trial.ready or any(
                other.platform == "AUTH0" and other.phase == "RUNNING"
                for other in self.trials
                if other is not trial
            )
        if action == "ADVANCE_RAMP":
            return not trial.levels_ahead
        return action in GUARDED and not trial.ready


def refusals(company: Company, trial: Trial, action: str, said: dict[str, Any]) -> list[Any]:
    """Why an action is refused; nothing where it is taken."""
    if lacks(trial.platform, action):
        return [("UnsupportedByPlatform", trial.platform, action)]
    if said.get("expectedVersion", trial.version) != trial.version:
        return [("StaleVersion", trial.version)]
    if action not in trial.legal:
        return [("InvalidTransition", action, trial.phase, trial.legal)]
    found: list[Any] = [("NotReady",)] if company.hindered(trial, action) else []
    fields = wrong(trial, action, said)
    return [*found, ("ValidationFailed", fields)] if fields else found


def wrong(trial: Trial, action: str, said: dict[str, Any]) -> list[str]:
    """The arguments that are wrong."""
    fields = ["note"] if said.get("note") == TOO_LONG else []
    if action == "STOP" and trial.platform == "ABSMARTLY" and not said.get("reason"):
        fields.append("reason")
    if action == "STOP" and trial.platform == "POSTHOG":
        fields += ["conclusion"] if said.get("conclusion", "won") not in CONCLUSIONS else []
    if action == "RESTART" and trial.phase == "RUNNING" and not said.get("reason"):
        fields.append("reason")
    if action == "FULL_ON":
        least = 0 if trial.platform == "POSTHOG" else 1
        fields += [] if least <= said["variantIndex"] <= 1 else ["variantIndex"]
    if action == "ADVANCE_RAMP":
        fields += [] if said["level"] in trial.levels_ahead[:1] else ["level"]
    return fields


def take(trial: Trial, action: str, said: dict[str, Any]) -> None:
    """What an action changes; RESTART is `begin_anew`."""
    trial.phase = landings(trial.platform, trial.phase, trial.overlay)[action]
    match action:
        case "START":
            trial.started, trial.level = True, LEVELS[0]
        case "ADVANCE_RAMP":
            trial.level = said["level"]
        case "STOP":
            trial.stopped = True
            trial.outcome = (*told(said), trial.outcome[3])
        case "FULL_ON" if trial.platform == "POSTHOG":
            trial.stopped = True
            trial.release = (said["variantIndex"], "SHIPPED_AND_STOPPED")
            trial.outcome = (*trial.outcome[:3], said["variantIndex"])
        case "FULL_ON":
            trial.release = (said["variantIndex"], "FULL_ON_RUNNING")
        case "ARCHIVE" | "UNARCHIVE":
            trial.archived = action == "ARCHIVE"
        case "DELETE" | "RESTORE":
            trial.deleted = action == "DELETE"
        case "RESET":
            trial.started = trial.stopped = trial.archived = False
            trial.release = trial.level = None
            trial.outcome = (None, None, None, None)
    trial.version += 1


def told(said: dict[str, Any]) -> tuple[str | None, str | None, str | None]:
    return said.get("conclusion"), said.get("reason"), said.get("comment")


def begin_anew(company: Company, trial: Trial, said: dict[str, Any], id_: str) -> Trial:
    """A new iteration; the old one is stopped if it ran."""
    if trial.phase == "RUNNING":
        trial.phase, trial.stopped = "STOPPED", True
        trial.outcome = (None, said.get("reason"), None, trial.outcome[3])
        trial.version += 1
    made = Trial(id_, trial.platform, said.get("as", "RUNNING"), trial.ready, trial.family)
    made.started = made.phase == "RUNNING"
    made.level = LEVELS[0] if made.started else None
    made.iteration = 1 + max(
        each.iteration for each in company.trials if each.family == trial.family
    )
    made.events = 1
    company.trials.append(made)
    return made


# --- what the graph says, in the words of the model


def seen(shown: dict[str, Any]) -> dict[str, Any]:
    """What is compared of an experiment."""
    return {
        **shown,
        "startedAt": shown["startedAt"] is not None,
        "stoppedAt": shown["stoppedAt"] is not None,
        "availableTransitions": [
            each["action"] for each in shown["availableTransitions"] if each["allowed"]
        ],
    }


def expected(company: Company, trial: Trial) -> dict[str, Any]:
    """The same of the model."""
    native = NATIVE.get(trial.platform, {}).get(trial.phase)
    conclusion, reason, comment, winner = trial.outcome
    outcome = {"conclusion": conclusion, "reason": reason, "comment": comment, "winner": winner}
    return {
        "id": trial.id,
        "iteration": trial.iteration,
        "version": trial.version,
        "phase": trial.phase,
        "status": trial.status,
        "nativeState": "archived" if trial.archived and trial.platform == "AUTH0" else native,
        "archived": trial.archived,
        "deleted": trial.deleted,
        "pauseEffect": trial.pause_effect,
        "startedAt": trial.started,
        "stoppedAt": trial.stopped,
        "release": trial.release and {"variantIndex": trial.release[0], "mode": trial.release[1]},
        "outcome": None if trial.outcome == (None,) * 4 else outcome,
        "ramp": {"currentLevel": trial.level},
        "availableTransitions": [
            action for action in trial.legal if not company.hindered(trial, action)
        ],
        "notes": {"totalCount": trial.notes},
        "events": {"totalCount": trial.events},
    }


def reason(error: dict[str, Any]) -> tuple[Any, ...]:
    """A reason of the graph, as `refusals` says it."""
    match error["__typename"]:
        case "UnsupportedByPlatform":
            return error["__typename"], error["platform"], error["lacks"]
        case "StaleVersion":
            return error["__typename"], error["currentVersion"]
        case "InvalidTransition":
            return error["__typename"], error["action"], error["from"], error["allowed"]
        case "ValidationFailed":
            return error["__typename"], [name for each in error["fields"] for name in each["path"]]
    return (error["__typename"],)


# --- what is asked: mostly what is legal, and everything else now and then

ANY: list[Any] = [*MUTATIONS, "to ACTIVE", "to PAUSED", "to COMPLETED", "to ARCHIVED"]

SAID: dict[str, list[Any]] = {
    "note": [None, *["Why."] * 14, TOO_LONG],
    "reason": [None, "", *["testing"] * 8],
    "conclusion": [None, None, "won", "won", "lost", "invalid", "win"],
    "comment": [None, "So it was."],
    "variantIndex": [1, 1, 1, 1, 0, 2, -1],
    "level": [10, 50, 50, 75, 100, 100],
    "as": [None, "RUNNING", "DEVELOPMENT"],
    "reshuffle": [None, True, False],
}
"""What is given for each argument; None is left out."""

STOP = ("note", "reason", "conclusion", "comment")
TAKES: dict[str, tuple[str, ...]] = {
    "FULL_ON": ("note", "variantIndex"),
    "ADVANCE_RAMP": ("note", "level"),
    "STOP": STOP,
    "RESTART": ("note", "reason", "as", "reshuffle"),
}
LEADS = {"PAUSED": "PAUSE", "COMPLETED": "STOP", "ARCHIVED": "ARCHIVE"}


def asked(company: Company, chance: Random) -> tuple[Trial, str, dict[str, Any]]:
    """Whose lifecycle the next step is about, the mutation that it makes, and its input."""
    if company.kept and chance.random() < 0.15:
        trial, mutation, said = chance.choice(list(company.kept.values())).asked
        return trial, mutation, said if chance.random() < 0.7 else {**said, "note": "Else."}
    alive = [trial for trial in company.trials if trial.legal]
    trial = chance.choice(alive if alive and chance.random() < 0.9 else company.trials)
    legal = [action for action in trial.legal for _ in range(1 if action == "DELETE" else 3)]
    wanted = chance.choice(legal if legal and chance.random() < 0.75 else ANY)
    target = wanted[3:] if wanted.startswith("to ") else None
    mutation = "transitionExperiment" if target else MUTATIONS[wanted]
    takes = STOP if target else TAKES.get(wanted, ("note",))
    given = {name: chance.choice(SAID[name]) for name in takes}
    said = {"id": trial.id, **{name: value for name, value in given.items() if value is not None}}
    if target:
        said["to"] = target
    if chance.random() < 0.1:
        said["dryRun"] = True
    if chance.random() < 0.4:
        said["expectedVersion"] = trial.version + chance.choice([0, 0, 0, 0, 0, 1, -1])
    if chance.random() < 0.4:
        said["idempotencyKey"] = f"{company.name} {chance.choice('abc')}"
    return trial, mutation, said


def action_of(trial: Trial, mutation: str, said: dict[str, Any]) -> str:
    """The action that a mutation comes to, from where the experiment stands."""
    if mutation != "transitionExperiment":
        return next(action for action, name in MUTATIONS.items() if name == mutation)
    if said["to"] == "ACTIVE":
        return {"PAUSED": "RESUME", "FROZEN": "UNFREEZE"}.get(trial.phase, "START")
    return LEADS[said["to"]]


def fingerprint(mutation: str, said: dict[str, Any]) -> str:
    """What makes two inputs the same: everything in them, defaults included."""
    filled = {"reshuffle": True, "as": "RUNNING"} if mutation == "restartExperiment" else {}
    counted = {n: v for n, v in said.items() if n not in {"idempotencyKey", "dryRun"}}
    return json.dumps({**filled, **counted}, sort_keys=True)


def effective(said: dict[str, Any]) -> dict[str, Any]:
    """The input as actions understand it: what is empty was not said."""
    return {name: value for name, value in said.items() if value != ""}


async def founded(database: Database, name: str, chance: Random) -> Company:
    """A new company, with experiments of any platforms in any phases."""
    trials, sources = [], {}
    for family in range(3):
        platform = chance.choice(["LOCAL", *PHASES])
        phase = chance.choice(PHASES[platform].split())
        ready = chance.random() < 0.85
        if platform not in sources:
            sources[platform] = await source_of_its_own(database, platform, f"{name} {platform}")
        trial = Trial("", platform, phase, ready, family)
        trial.started = phase not in {"DRAFT", "READY"}
        trial.stopped = phase == "STOPPED"
        trial.level = LEVELS[0] if phase == "RUNNING" else None
        lacking = {"primary_metric_id": None, "feature_flag_id": None, "key": f"not__{family}"}
        row = await experiment(
            database,
            m.Platform(platform),
            m.Phase(phase),
            source_id=sources[platform],
            pause_effect=trial.pause_effect and m.PauseEffect(trial.pause_effect),
            **({"key": f"sound_{family}"} if ready else lacking),
        )
        if not ready:
            await unbalance(database, row)
        trial.id = id_of(row)
        trials.append(trial)
    return Company(name, trials)


async def unbalance(database: Database, row: m.Experiment) -> None:
    """Weights that do not sum to 100, and no control."""
    table = m.Variant.metadata.tables["variant"]
    async with database.write() as session:
        await session.execute(
            update(table).where(table.c.experiment_id == row.id).values(weight=40, is_control=False)
        )


def outcome(
    company: Company, trial: Trial, mutation: str, action: str, given: dict[str, Any]
) -> tuple[Trial, list[Any], bool, Kept | None]:
    """What the model answers before anything is taken: whose, refused by what, written, kept."""
    key = given.get("idempotencyKey")
    kept = company.kept.get((mutation, key)) if key and not given.get("dryRun") else None
    if kept and fingerprint(mutation, kept.asked[2]) == fingerprint(mutation, given):
        return kept.trial, [], False, kept
    if kept:
        return trial, [("IdempotencyConflict",)], False, None
    found = refusals(company, trial, action, effective(given))
    return trial, found, not found and not given.get("dryRun"), None


async def step(client: httpx.AsyncClient, company: Company, chance: Random) -> None:
    """Make one step, here and there, and compare."""
    trial, mutation, given = asked(company, chance)
    action = action_of(trial, mutation, given)
    note(f"{mutation} {given} of {trial}")
    whose, refused, written, kept = outcome(company, trial, mutation, action, given)
    body = await post(client, [(mutation, given)], ANSWER)
    assert "errors" not in body, body
    payload = body["data"]["r0"]

    assert [reason(error) for error in payload["errors"]] == refused
    assert (payload["ok"], payload["replayed"]) == (not refused, kept is not None)
    if written:
        whose = write(company, trial, mutation, action, given, payload)
    event = payload["event"]
    assert (event and event["action"]) == (kept.action if kept else action if written else None)
    assert (payload["experimentNote"] is not None) == (written or kept is not None)
    if kept:
        assert (event["id"], payload["experimentNote"]["id"]) == kept.ids
    assert seen(payload["experiment"]) == expected(company, whose)


def write(
    company: Company,
    trial: Trial,
    mutation: str,
    action: str,
    given: dict[str, Any],
    payload: Any,
) -> Trial:
    """Change the model; the experiment that the graph shows then."""
    said, whose = effective(given), trial
    if action == "RESTART":
        whose = begin_anew(company, trial, said, payload["experiment"]["id"])
    else:
        take(trial, action, said)
    trial.notes += 1
    trial.events += 1
    if key := given.get("idempotencyKey"):
        ids = (payload["event"]["id"], payload["experimentNote"]["id"])
        company.kept[mutation, key] = Kept((trial, mutation, given), action, whose, ids)
    return whose


generated = settings(
    max_examples=200 if "TRIALGRAPH_SOAK" in os.environ else 20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@generated
@given(seed=st.integers(0, 2**32), length=st.integers(8, 30))
async def test_any_sequence_of_transitions_does_what_the_model_does(
    client: httpx.AsyncClient, database: Database, seed: int, length: int
) -> None:
    chance = Random(seed)  # noqa: S311  a sequence that can be repeated
    company = await founded(database, f"company {next(NUMBERS)}:", chance)
    for _ in range(length):
        await step(client, company, chance)
    answer = await client.post(
        "/graphql", json={"query": EVERYTHING, "variables": {"source": company.name}}
    )
    shown = answer.json()["data"]["experiments"]["nodes"]

    assert {each["id"]: seen(each) for each in shown} == {
        trial.id: expected(company, trial) for trial in company.trials
    }
