"""The lifecycle by hand, from the contract of the graph and not from `models.lifecycle`.

A wrong row in the tables there disagrees with what stands here.
"""

from datetime import datetime
from typing import Any

import models as m
from models.database import Database
from tests.making import LONG_AGO, experiment

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
