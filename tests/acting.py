"""Lifecycle mutations as a client sends them, and what they answer."""

from typing import Any

import httpx

import models as m
from models.base import Row
from tests.making import id_of

MUTATIONS = {
    "MARK_READY": "markExperimentReady",
    "DEVELOP": "developExperiment",
    "START": "startExperiment",
    "PAUSE": "pauseExperiment",
    "RESUME": "resumeExperiment",
    "FREEZE": "freezeExperiment",
    "UNFREEZE": "unfreezeExperiment",
    "ADVANCE_RAMP": "advanceExperimentRamp",
    "STOP": "stopExperiment",
    "FULL_ON": "fullOnExperiment",
    "ARCHIVE": "archiveExperiment",
    "UNARCHIVE": "unarchiveExperiment",
    "RESTART": "restartExperiment",
    "RESET": "resetExperiment",
    "DELETE": "deleteExperiment",
    "RESTORE": "restoreExperiment",
}
"""The mutation of each action, in the order of the actions."""

SOUND: dict[str, dict[str, Any]] = {
    "ADVANCE_RAMP": {"level": 50},
    "STOP": {"reason": "data_issue", "conclusion": "won", "comment": "As hoped."},
    "FULL_ON": {"variantIndex": 1},
    "RESTART": {"reason": "testing"},
}
"""Arguments that every platform takes, for the experiments of `tests.making`."""

ANSWER = """fragment Answer on TransitionPayload {
  ok
  replayed
  errors {
    __typename
    code
    path
    ... on InvalidTransition { action from allowed }
    ... on NotReady { blockers { code } }
    ... on StaleVersion { currentVersion }
    ... on ValidationFailed { fields { path rule message } }
    ... on UnsupportedByPlatform { platform lacks: action }
  }
  experiment { id key iteration version phase status archived deleted }
  experimentNote { id action note variant createdAt newExperiment { id } }
  event { id action actor at subjectType subjectId before after }
  changeRequest { id }
}"""

AT_ONCE = 10
"""How many mutations a request may hold."""

Call = tuple[str, dict[str, Any]]
"""The name of a mutation, and its input."""


def call(action: str, row: Row, **given: Any) -> Call:
    """The mutation that takes an action, with sound arguments where none are given."""
    return MUTATIONS[action], {"id": id_of(row), **SOUND.get(action, {}), **given}


async def post(client: httpx.AsyncClient, calls: list[Call], answer: str = ANSWER) -> Any:
    """The body of the answer to a request that makes the calls, one after the other.

    ``answer`` is the fragment Answer: what is asked of each payload.
    """
    places = range(len(calls))
    names = [name for name, _ in calls]
    declared = [f"$g{n}: {names[n][0].upper()}{names[n][1:]}Input!" for n in places]
    fields = [f"r{n}: {names[n]}(input: $g{n}) {{ ...Answer }}" for n in places]
    query = f"mutation({', '.join(declared)}) {{ {' '.join(fields)} }} {answer}"
    variables = {f"g{n}": given for n, (_, given) in enumerate(calls)}
    response = await client.post("/graphql", json={"query": query, "variables": variables})
    return response.json()


async def make(client: httpx.AsyncClient, calls: list[Call]) -> list[Any]:
    """The payloads of the calls, in as few requests as they fit in."""
    payloads: list[Any] = []
    for start in range(0, len(calls), AT_ONCE):
        body = await post(client, calls[start : start + AT_ONCE])
        assert "errors" not in body, body["errors"]
        payloads += body["data"].values()
    return payloads


async def act(client: httpx.AsyncClient, action: str, row: Row, **given: Any) -> Any:
    """The payload of one action."""
    [payload] = await make(client, [call(action, row, **given)])
    return payload


def reasons(payload: Any) -> list[str]:
    """The types of the reasons why a change was not made."""
    return [error["__typename"] for error in payload["errors"]]


def unchanged(payload: Any, row: m.Experiment) -> bool:
    """Whether a payload tells of the experiment as it was, and of nothing that was written."""
    facts = (payload["experiment"]["id"], payload["experiment"]["version"])
    written = (payload["experimentNote"], payload["event"], payload["changeRequest"])
    return facts == (id_of(row), row.version) and written == (None, None, None)
