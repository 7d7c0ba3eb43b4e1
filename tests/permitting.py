"""Every mutation with an input that an admin succeeds with, and a company of two teams for it.

In inputs ``@pauseExperiment`` stands for the id of a row of `Company`. Which scope each mutation
takes was decided here, by hand, and not by the rules that are tested with it.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import models as m
from tests.nouns import QUERY

SOON = "2126-01-01T00:00:00Z"
PAYLOAD = json.loads(Path("tests/payloads/absmartly/start_response.json").read_text())


@dataclass(frozen=True)
class Case:
    """A mutation: the scope that it takes, and an input that would be done.

    ``about`` is the field that names its row. Where that row is nobody's, ``theirs`` is one that
    the first team alone sees. What a company shares is ``shared``. ``first`` is the scope that is
    asked for first, where that is the one for reading.
    """

    name: str
    scope: str
    given: dict[str, Any]
    about: str = ""
    theirs: str = ""
    first: str = ""
    shared: bool = False

    @property
    def hidden(self) -> dict[str, Any]:
        """The input about a row of the first team."""
        return {**self.given, self.about: self.theirs or self.given[self.about]}

    @property
    def nouns_scopes(self) -> set[str]:
        """The scopes without which nothing of the row can be read."""
        noun = self.scope.partition(":")[0]
        return {f"{noun}:read", f"{noun}:write"}


EXPERIMENT = "experiment:read"


def _moved(name: str, verb: str, **given: Any) -> Case:
    """A lifecycle mutation, on an experiment of its own."""
    scope, said = f"experiment:{verb}", {"id": f"@{name}", **given}
    return Case(name, scope, said, "id", first=EXPERIMENT)


def _edited(
    noun: str,
    scope: str,
    created: dict[str, Any],
    *,
    field: str = "name",
    theirs: str = "",
    shared: bool = False,
) -> tuple[Case, ...]:
    """The three mutations of a noun."""
    type_, write = f"{noun[0].upper()}{noun[1:]}", f"{scope}:write"
    text = "new@example.com" if field == "email" else "new"
    changed = {"id": f"@{noun}", field: f"changed-{text}"}
    return (
        Case(f"create{type_}", write, {field: text, **created}),
        Case(f"update{type_}", write, changed, "id", shared=shared),
        Case(f"delete{type_}", write, {"id": f"@spare {noun}"}, "id", theirs, shared=shared),
    )


CASES = (
    Case("createExperiment", "experiment:write", {"key": "new", "name": "new", "teams": ["@team"]}),
    Case("updateExperiment", "experiment:write", {"id": "@updateExperiment", "name": "x"}, "id"),
    Case(
        "duplicateExperiment", "experiment:write", {"id": "@duplicateExperiment", "key": "x"}, "id"
    ),
    Case(
        "createVariant",
        "experiment:write",
        {"experiment": "@createVariant", "key": "x"},
        "experiment",
    ),
    Case("updateVariant", "experiment:write", {"id": "@variant", "name": "x"}, "id"),
    Case("deleteVariant", "experiment:write", {"id": "@spare variant"}, "id"),
    _moved("markExperimentReady", "write"),
    _moved("developExperiment", "start"),
    _moved("startExperiment", "start"),
    _moved("pauseExperiment", "stop"),
    _moved("resumeExperiment", "start"),
    _moved("freezeExperiment", "stop"),
    _moved("unfreezeExperiment", "start"),
    _moved("advanceExperimentRamp", "start", level=50),
    _moved("stopExperiment", "stop"),
    _moved("fullOnExperiment", "start", variantIndex=1),
    _moved("archiveExperiment", "write"),
    _moved("unarchiveExperiment", "write"),
    _moved("restartExperiment", "start"),
    _moved("resetExperiment", "stop"),
    _moved("deleteExperiment", "delete"),
    _moved("restoreExperiment", "delete"),
    _moved("transitionExperiment", "start", to="ACTIVE"),
    Case(
        "transitionExperiments",
        "experiment:start",
        {"ids": ["@transitionExperiments"], "action": "START"},
        first=EXPERIMENT,
    ),
    _moved("validateExperiment", "read"),
    _moved("scheduleTransition", "start", action="START", at=SOON),
    Case(
        "cancelScheduledTransition", "experiment:delete", {"id": "@planned"}, "id", first=EXPERIMENT
    ),
    Case("approveChangeRequest", "experiment:approve", {"id": "@approved"}, "id", first=EXPERIMENT),
    Case(
        "rejectChangeRequest",
        "experiment:approve",
        {"id": "@rejected", "reason": "x"},
        "id",
        first=EXPERIMENT,
    ),
    Case("cancelChangeRequest", EXPERIMENT, {"id": "@cancelled"}, "id"),
    *_edited("metric", "metric", {"teams": ["@team"]}),
    *_edited("goal", "goal", {"teams": ["@team"]}),
    *_edited("team", "team", {"parent": "@team"}),
    *_edited("user", "user", {}, field="email", theirs="@user"),
    *_edited("tag", "tag", {"kind": "GOAL"}, field="tag", shared=True),
    *_edited("application", "application", {}, shared=True),
    *_edited("unitType", "unit_type", {}, shared=True),
    *_edited("segment", "segment", {}, theirs="@segment"),
    *_edited("holdout", "experiment", {"exclusionPercentage": 5}, theirs="@holdout"),
    *_edited("savedMetric", "experiment_saved_metric", {"query": QUERY}, theirs="@savedMetric"),
    *_edited("approvalPolicy", "approval_policy", {"team": "@team", "enabled": False}),
    Case(
        "addExperimentNote",
        "experiment:write",
        {"experiment": "@addExperimentNote", "note": "x"},
        "experiment",
    ),
    Case("replyToNote", "experiment:write", {"id": "@note", "note": "x"}, "id"),
    Case("editNote", "experiment:write", {"id": "@note", "note": "x"}, "id"),
    Case(
        "setFavorite",
        "experiment:write",
        {"experiment": "@setFavorite", "favorite": True, "user": "@user"},
        "experiment",
    ),
    Case(
        "createApiKey",
        "api_key:write",
        {"name": "new", "scopes": ["tag:read"], "teams": ["@team"]},
    ),
    Case("revokeApiKey", "api_key:write", {"id": "@key"}, "id", first="api_key:read"),
    Case("importPayload", "source:write", {"payload": PAYLOAD}),
    Case("syncSource", "source:write", {"id": "@source"}, "id", shared=True),
)
"""Every mutation, in the order of the schema."""

ON_THE_PLATFORM = frozenset({"syncSource"})
"""Done with somebody else, so that it takes a stand-in to succeed."""

EVERYBODYS = frozenset({"importPayload", "syncSource"})
"""What is about everybody's rows at once, and nothing for a key that is bound to teams."""

BY_NAME = {case.name: case for case in CASES}
ABOUT_ROWS = tuple(case for case in CASES if case.about and not case.shared)
"""Mutations of a row that belongs to teams."""

P = m.Phase
STANDING: dict[str, dict[str, Any]] = {
    "developExperiment": {"phase": P.READY},
    "pauseExperiment": {"phase": P.RUNNING},
    "resumeExperiment": {"phase": P.PAUSED},
    "freezeExperiment": {"phase": P.RUNNING},
    "unfreezeExperiment": {"phase": P.FROZEN},
    "advanceExperimentRamp": {"phase": P.RUNNING},
    "stopExperiment": {"phase": P.RUNNING},
    "fullOnExperiment": {"phase": P.RUNNING},
    "archiveExperiment": {"phase": P.STOPPED},
    "unarchiveExperiment": {"phase": P.STOPPED, "archived": True},
    "restartExperiment": {"phase": P.STOPPED},
    "resetExperiment": {"phase": P.STOPPED},
    "restoreExperiment": {"deleted_at": datetime(2026, 2, 1, tzinfo=UTC)},
    "deleteVariant": {"variant_count": 3, "percentages": "34/33/33"},
}
"""Where the experiment of a mutation stands, if it is no draft."""
