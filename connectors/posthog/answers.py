"""PostHog's answers: which key of an answer holds what, and what an object is told by."""

from typing import Any

from connectors.payloads.looking import part
from connectors.payloads.shapes import Object
from connectors.payloads.vocabulary import Head, Vocabulary
from connectors.posthog.payloads import GUISES, SHAPES
from models.phase import Platform

MARKS: tuple[tuple[str, str], ...] = (
    ("change_request", "action_key resource_type"),
    ("approval_policy", "action_key approver_config"),
    ("approval_policy", "action_key conditions"),
    ("results", "baseline variant_results"),
    ("results", "variants significance_code"),
    ("results", "experiment_id total_metrics"),
    ("exposures", "total_exposures"),
    ("experiment", "feature_flag_key"),
    ("experiment", "metrics_secondary"),
    ("experiment", "id start_date end_date"),
    ("experiment", "id saved_metrics"),
    ("experiment", "id exposure_criteria"),
    ("experiment", "id conclusion_comment"),
    ("saved_metric", "name query"),
    ("feature_flag", "id key filters"),
    ("feature_flag", "id key active"),
    ("holdout", "name filters"),
)
"""What tells an object: the first line of which it has every key."""

BARE = frozenset(
    {
        *("id", "action_key", "feature_flag_key", "name", "query"),
        *("baseline", "significance_code", "total_exposures"),
    }
)

PAGE = frozenset({"count", "next", "previous"})

FAILED = ("detail", "error", "validation_errors")
"""What an answer says of itself where it is no answer."""

ANSWERS = frozenset({"change_request", "existing_change_request"})


def recognise(value: Object) -> str | None:
    """The name of an object, by its own keys; None when it may be anything."""
    return next((name for name, keys in MARKS if value.keys() >= set(keys.split())), None)


def claims(head: Head) -> bool:
    """Whether a document can be PostHog's."""
    if ANSWERS & head.keys():
        return any(recognise(part(head, key)) == "change_request" for key in ANSWERS)
    if "results" in head and PAGE & head.keys():
        sample: Any = head["results"]
        return not sample or (isinstance(sample, dict) and recognise(sample) is not None)
    return bool(BARE & head.keys()) and recognise(head) is not None


def failure(head: Head) -> str | None:
    """What went wrong, where an answer says that it did; one that waits for approval does not."""
    if (ANSWERS | BARE | {"results", "statusCode"}) & head.keys():
        return None
    said = next((head[key] for key in FAILED if head.get(key)), None)
    if said is None:
        return None
    return said if isinstance(said, str) else "; ".join(_texts(said))


def _texts(said: Any) -> list[str]:
    if isinstance(said, dict):
        return [f"{key}: {', '.join(_texts(item))}" for key, item in said.items()]
    return (
        [text for item in said for text in _texts(item)] if isinstance(said, list) else [str(said)]
    )


POSTHOG = Vocabulary(
    platform=Platform.POSTHOG,
    name="PostHog",
    shapes={shape.name: shape for shape in SHAPES},
    guises=GUISES,
    lists={"results": None},
    singles={"change_request": "change_request", "existing_change_request": "change_request"},
    placeless=frozenset(),
    plain=frozenset(
        {
            *("count", "next", "previous", "code", "detail", "error", "message", "status"),
            *("resource_type", "resource_id", "change_request_id", "required_approvers"),
        }
    ),
    bare=BARE,
    recognise=recognise,
    claims=claims,
    failure=failure,
)
