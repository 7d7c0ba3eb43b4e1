"""Why ABsmartly refused. It publishes no codes, so what it shows is judged, and words are names.

An answer's text is searched for names of fields that we know, and for nothing else.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.absmartly.documents import shown
from connectors.base import Task
from connectors.http import Reply
from connectors.refusals import illegal
from models.arguments import FieldError
from models.errors import NotReady, Taken, UserError, ValidationFailed
from models.lifecycle import ready
from models.phase import Action, Platform
from models.readiness import Blocker, Facts, VariantFacts

STARTS = frozenset({Action.MARK_READY, Action.DEVELOP, Action.START, Action.RESTART})
NAMING = frozenset({"CREATE", "UPDATE"})
PATHS: dict[str, str] = {
    "reason": "reason",
    "note": "note",
    "full_on_variant": "variantIndex",
    "name": "key",
    "display_name": "name",
    "type": "type",
    "percentages": "percentages",
    "nr_variants": "variants",
    "variants": "variants",
    "percentage_of_traffic": "percentageOfTraffic",
    "unit_type": "unitType",
    "unit_type_id": "unitType",
    "primary_metric": "primaryMetric",
    "secondary_metrics": "secondaryMetrics",
    "metric_id": "secondaryMetrics",
    "owners": "owners",
    "user_id": "owners",
    "teams": "teams",
    "team_id": "teams",
    "experiment_tags": "tags",
    "experiment_tag_id": "tags",
    "applications": "applications",
    "application_id": "applications",
    "audience": "audience",
    "audience_strict": "audienceStrict",
    "minimum_detectable_effect": "minimumDetectableEffect",
}
"""The platform's names of fields, and ours."""

ARGUMENTS = frozenset({"reason", "note", "variantIndex"})
ACTIVE = "active"


def reasons_of(
    task: Task, reply: Reply, experiment: Mapping[str, Any] | None, *, is_taken: bool
) -> tuple[UserError, ...]:
    """Why a change was refused, by what was asked, what came back and what the platform shows."""
    moved = illegal(task, shown(experiment)) if experiment else None
    if moved:
        return (moved,)
    if is_taken and task.verb in NAMING:
        return (_taken(task.arguments["design"]["key"]),)
    named = list(dict.fromkeys(_named(reply)))
    if task.verb in STARTS and experiment and not ARGUMENTS & set(named):
        return (_not_ready(experiment, named),)
    return (ValidationFailed.of(*_fields(named, task)),)


def _named(reply: Reply) -> Iterable[str]:
    """Our names of the fields that an answer names."""
    text = " ".join(_texts(reply))
    for word in re.findall(r"[a-z_]+", text):
        if word in PATHS:
            yield PATHS[word]


def _texts(reply: Reply) -> list[str]:
    try:
        said = reply.json()
    except ValueError:
        return []
    errors = said.get("errors") if isinstance(said, dict) else None
    return [each if isinstance(each, str) else json.dumps(each) for each in errors or ()]


def _fields(named: list[str], task: Task) -> list[FieldError]:
    if named:
        return [
            FieldError((name,), f"{Platform.ABSMARTLY} does not take this {name}.", "refused")
            for name in named
        ]
    message = f"{Platform.ABSMARTLY} refuses {task.verb} here, and does not say why."
    return [FieldError(("id",), message, "refused")]


def _taken(key: str) -> Taken:
    message = "The key has already been taken on the platform."
    return Taken(message=message, path=("key",), field="key", value=key)


def _not_ready(experiment: Mapping[str, Any], named: list[str]) -> NotReady:
    """What is missing, by our own rules on what the platform shows, and by what it names."""
    blockers = [*ready(Platform.ABSMARTLY, facts_of(experiment)), *_outdated(experiment)]
    known = {blocker.path for blocker in blockers}
    blockers += [
        Blocker("refused_by_platform", f"{Platform.ABSMARTLY} does not take this {name}.", (name,))
        for name in named
        if (name,) not in known
    ]
    if not blockers:
        message = f"{Platform.ABSMARTLY} says that something is missing, and not what."
        blockers = [Blocker("refused_by_platform", message)]
    message = " ".join(blocker.message for blocker in blockers)
    return NotReady(message=message, path=("id",), blockers=tuple(blockers))


def _outdated(experiment: Mapping[str, Any]) -> list[Blocker]:
    status = (experiment.get("primary_metric") or {}).get("lifecycle_status", ACTIVE)
    if status == ACTIVE:
        return []
    message = "The primary metric is not the version of it that is active."
    return [Blocker("outdated_metric", message, ("primaryMetric",))]


def facts_of(experiment: Mapping[str, Any]) -> Facts:
    """What guards ask of an experiment, by what the platform shows."""
    return Facts(
        key=str(experiment.get("name")),
        is_feature=experiment.get("type") == "feature",
        has_primary_metric=bool(experiment.get("primary_metric_id")),
        variant_count=experiment.get("nr_variants"),
        percentages=experiment.get("percentages"),
        variants=tuple(
            VariantFacts(None, row.get("variant") == 0, None)
            for row in experiment.get("variants") or ()
        ),
    )
