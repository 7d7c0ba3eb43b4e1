"""Made-up content of PostHog: experiments in every status, with everything that they embed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from tests.platforms.posthog import gate
from tests.platforms.posthog.experiments import BLANK
from tests.platforms.posthog.flags import new_flag
from tests.platforms.posthog.inputs import links, order
from tests.platforms.posthog.state import ADMIN, MEMBER, State
from tests.platforms.standin import Row, stamp

BEGINNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
KINDS = (
    "draft",
    "running",
    "paused",
    "exposure_frozen",
    "stopped",
    "archived",
    "deleted",
    "shipped",
    "held",
    "legacy",
    "web",
    "frequentist",
)
"""What experiments there are, in turn."""

BEGUN = frozenset(KINDS) - {"draft", "deleted", "web"}
ENDED = frozenset({"stopped", "archived", "shipped"})
OFF = frozenset({"draft", "paused", "deleted", "web"})
SPLITS = ((50, 50), (34, 33, 33), (25, 25, 25, 25))
NAMES = ("control", "test", "test_2", "test_3")


def at(days: float) -> str:
    """A moment so many days after the beginning."""
    return stamp(BEGINNING + timedelta(days=days))


def fill(here: State, random: Random, count: int) -> None:
    """Replace everything."""
    tables: tuple[dict[Any, Row], ...] = (
        *(here.experiments, here.users, here.feature_flags, here.holdouts, here.saved_metrics),
        *(here.change_requests, here.approval_policies, here.recalculations),
    )
    for table in tables:
        table.clear()
    here.cohorts = 0
    _people(here, random)
    _shared(here, random)
    for number in range(1, count + 1):
        _experiment(here, random, number)


def uuid(random: Random) -> str:
    """A uuid that is the same for the same numbers."""
    return str(UUID(int=random.getrandbits(128), version=4))


def _people(here: State, random: Random) -> None:
    for number, name in enumerate(("Ada", "Grace", "Edsger", "Barbara"), 1):
        here.users[number] = {
            "id": number,
            "uuid": uuid(random),
            "distinct_id": f"person-{number}",
            "first_name": name,
            "last_name": f"No. {number}",
            "email": f"{name.lower()}@shop.example",
            "is_email_verified": True,
            "hedgehog_config": None,
            "role_at_organization": "engineering",
        }
    here.levels.update({1: ADMIN, 2: MEMBER, 3: MEMBER, 4: MEMBER})
    here.roles.clear()


def metric(random: Random, kind: str) -> Row:
    """A metric of a type."""
    node = {"kind": "EventsNode", "event": f"{kind}_event", "math": "total"}
    says: dict[str, Row] = {
        "mean": {"source": node},
        "funnel": {"series": [node], "funnel_order_type": "ordered"},
        "ratio": {"numerator": node, "denominator": node},
        "retention": {
            "start_event": node,
            "completion_event": node,
            "retention_window_start": 1,
            "retention_window_end": 7,
            "retention_window_unit": "day",
            "start_handling": "first_seen",
        },
    }
    common = {"kind": "ExperimentMetric", "metric_type": kind, "goal": "increase"}
    return {**common, "uuid": uuid(random), "name": f"A {kind}", **says[kind]}


TYPES = ("mean", "funnel", "ratio", "retention")


def _shared(here: State, random: Random) -> None:
    for number in range(1, 5):
        author = here.users[1 + number % 4]
        made = {"created_by": author, "created_at": at(number), "updated_at": at(number)}
        here.saved_metrics[number] = {
            "id": number,
            "name": f"Shared metric {number}",
            "description": None,
            "query": metric(random, TYPES[number % 4]),
            "tags": ["shared"],
            **made,
            "user_access_level": "editor",
        }
        held = {"properties": [], "rollout_percentage": 5 * number, "variant": f"holdout-{number}"}
        here.holdouts[number] = {
            "id": number,
            "name": f"Holdout {number}",
            "description": "Who sees nothing new.",
            "filters": [held],
            **made,
        }


def _variants(random: Random) -> list[Row]:
    split = random.choice(SPLITS)
    return [
        {"key": key, "name": key.title(), "rollout_percentage": share}
        for key, share in zip(NAMES, split, strict=False)
    ]


def _flag(here: State, random: Random, number: int, kind: str) -> Row:
    variants = _variants(random)
    flag = new_flag(here, f"experiment-{number:05}", variants, 1 + number % 4, number)
    flag |= {"active": kind not in OFF, "created_at": at(number / 24)}
    if kind == "shipped":
        for variant in variants:
            variant["rollout_percentage"] = 100 if variant["key"] == "test" else 0
    if kind == "held":
        flag["filters"]["holdout"] = gate.held(here.holdouts[1])
    if kind == "exposure_frozen":
        here.cohorts += 1
        cohort = {"key": "id", "type": "cohort", "value": here.cohorts}
        flag["filters"]["groups"][0]["properties"].append(cohort)
    here.feature_flags[number] = flag
    return flag


def _experiment(here: State, random: Random, number: int) -> None:
    kind = KINDS[(number - 1) % len(KINDS)]
    flag = _flag(here, random, number, kind)
    begun = at(number / 24 + 1) if kind in BEGUN else None
    row: Row = {
        "id": number,
        **BLANK,
        "name": f"Experiment {number}",
        "description": f"What experiment {number} is about.",
        "start_date": begun,
        "end_date": at(number / 24 + 8) if kind in ENDED else None,
        "feature_flag_key": flag["key"],
        "feature_flag": flag,
        "holdout": None,
        "parameters": _parameters(flag),
        "filters": {},
        "secondary_metrics": [],
        "metrics": [metric(random, TYPES[number % 4])],
        "metrics_secondary": [metric(random, TYPES[(number + 1) % 4])],
        "exposure_criteria": {"filterTestAccounts": True},
        "stats_config": {"method": "bayesian"},
        "tags": [("checkout", "search", "pricing")[number % 3]],
        "created_by": here.users[1 + number % 4],
        "created_at": at(number / 24),
        "updated_at": at(number / 24 + 1),
    }
    shared = [{"id": 1 + number % 4, "metadata": {"type": "secondary"}}]
    row["saved_metrics"] = links(here, number, shared, at(number / 24))
    if kind in SPECIAL:
        SPECIAL[kind](here, row)
    order(here, row, {})
    here.experiments[number] = row


def _parameters(flag: Row) -> Row:
    variants = [
        {"key": each["key"], "name": each["name"], "split_percent": each["rollout_percentage"]}
        for each in flag["filters"]["multivariate"]["variants"]
    ]
    return {"feature_flag_variants": variants, "rollout_percentage": 100}


def _frozen(here: State, row: Row) -> None:
    row["exposure_cohort"] = here.cohorts


def _held(here: State, row: Row) -> None:
    row.update(holdout=here.holdouts[1], holdout_id=1)


def _legacy(_here: State, row: Row) -> None:
    old = {"kind": "ExperimentTrendsQuery", "count_query": {"series": [{"event": "paid"}]}}
    row.update(metrics=[old], metrics_secondary=[], is_legacy=True, saved_metrics=[])


def _concluded(_here: State, row: Row) -> None:
    row.update(conclusion="won", conclusion_comment="As hoped.")


SPECIAL: dict[str, Callable[[State, Row], None]] = {
    "exposure_frozen": _frozen,
    "held": _held,
    "legacy": _legacy,
    "shipped": _concluded,
    "stopped": _concluded,
    "archived": lambda _here, row: row.update(archived=True),
    "deleted": lambda _here, row: row.update(deleted=True),
    "web": lambda _here, row: row.update(type="web"),
    "frequentist": lambda _here, row: row.update(stats_config={"method": "frequentist"}),
}
