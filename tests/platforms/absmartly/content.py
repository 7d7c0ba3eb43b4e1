"""Made-up content of ABsmartly: experiments in every state, with everything that they embed."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from tests.platforms.absmartly import company, inputs
from tests.platforms.absmartly.company import BEGINNING, at, audit
from tests.platforms.absmartly.state import State
from tests.platforms.standin import Row

KINDS = (
    "created",
    "ready",
    "development",
    "running",
    "full_on",
    "stopped",
    "archived",
    "scheduled",
    "first",
    "second",
    "feature",
    "template",
)
"""What experiments there are, in turn; the second iteration is of the one before it."""

STATES = {
    "full_on": "running",
    "archived": "stopped",
    "scheduled": "ready",
    "first": "stopped",
    "second": "running",
    "feature": "running",
    "template": "created",
}
"""The states of those that are called otherwise."""

TYPES = {"feature": "feature", "template": "test_template"}
STEPS: dict[str, tuple[str, ...]] = {
    "created": ("create",),
    "template": ("create",),
    "ready": ("create", "ready"),
    "scheduled": ("create", "ready"),
    "development": ("create", "ready", "development"),
    "running": ("create", "ready", "start"),
    "feature": ("create", "ready", "start"),
    "second": ("create", "start"),
    "full_on": ("create", "ready", "start", "full_on"),
    "stopped": ("create", "ready", "start", "stop"),
    "first": ("create", "ready", "start", "restart"),
    "archived": ("create", "ready", "start", "stop", "archive"),
}
PLAN: Row = {
    "analysis_type": "group_sequential",
    "required_alpha": "0.1",
    "required_power": "0.8",
    "baseline_participants_per_day": "33",
    "group_sequential_futility_type": "binding",
    "group_sequential_min_analysis_interval": "1d",
    "group_sequential_first_analysis_interval": "7d",
    "group_sequential_max_duration_interval": "6w",
}
"""What a test is planned with, and a feature is not."""

ROLES = ("secondary", "guardrail", "exploratory")
ALERTS = ("sample_ratio_mismatch", "cleanup_needed", "sample_size_reached")


def fill(here: State, random: Random, count: int) -> None:
    """Replace everything."""
    for table in here.tables.values():
        table.clear()
    here.families.clear()
    company.fill(here, random)
    for number in range(1, count + 1):
        _experiment(here, random, number)


def _input(random: Random, number: int, kind: str) -> Row:
    weights = random.choice(("50/50", "34/33/33", "25/25/25/25"))
    count = len(weights.split("/"))
    feature = kind == "feature"
    return {
        "name": f"experiment_{number:05}",
        "display_name": f"Experiment {number}",
        "type": TYPES.get(kind, "test"),
        "nr_variants": count,
        "percentages": weights,
        "percentage_of_traffic": random.choice((10, 50, 100)),
        "audience": '{"filter":[{"eq":[{"var":{"path":"country"}},{"value":"gb"}]}]}',
        "audience_strict": random.random() < 0.5,
        **({} if feature else PLAN),
        "unit_type": {"unit_type_id": 1 + number % 2},
        "primary_metric": None if feature else {"metric_id": 1 + number % 10},
        "secondary_metrics": [
            {"metric_id": 1 + (number + place) % 10, "type": role, "order_index": 0}
            for place, role in enumerate(ROLES[: number % 4], 1)
        ],
        "applications": [{"application_id": 1 + number % 2, "application_version": "0"}],
        "variants": [
            {
                "variant": index,
                "name": "control" if index == 0 else f"treatment {index}",
                "config": f'{{"colour":{index}}}' if index else None,
            }
            for index in range(count)
        ],
        "owners": [{"user_id": 1 + number % 3}],
        "teams": [{"team_id": 2 + number % 3}],
        "experiment_tags": [{"experiment_tag_id": 1 + number % 3}],
        "variant_screenshots": [
            {"variant": index, "screenshot_file_upload_id": 1 + index, "label": f"Screen {index}"}
            for index in range(number % 3)
        ],
        "custom_section_field_values": {"1": {"type": "text", "value": f"Because {number}."}},
    }


def _experiment(here: State, random: Random, number: int) -> None:
    kind = KINDS[(number - 1) % len(KINDS)]
    steps = STEPS[kind]
    data = _input(random, number, kind)
    second = kind == "second"
    if kind == "ready" and number > len(KINDS):
        data |= {"parent_experiment_id": number - 2, "parent_experiment_iteration": 1}
    if second:
        before = here.experiments[number - 1]
        data |= {key: before[key] for key in ("name", "display_name")}
        here.notes[len(here.notes)]["new_experiment_id"] = number
    row = {
        "id": number,
        **inputs.blank(),
        **inputs.taken(here, number, data),
        **here.seeds(number),
        **audit(here, number),
        "iteration": 2 if second else 1,
        "state": STATES.get(kind, kind),
        "archived": kind == "archived",
    }
    for field in row["custom_section_field_values"]:
        field["updated_at"] = row["created_at"]
    here.experiments[number] = row
    here.families[number] = here.families[number - 1] if second else []
    here.families[number].append(number)
    for place, step in enumerate(steps):
        SETS.get(step, _nothing)(here, row, place)
        _note(here, row, step, place)
    if "start" in steps:
        _measured(row, random)
    if kind == "scheduled":
        _schedule(here, row)


def _nothing(_here: State, _row: Row, _place: int) -> None:
    pass


def _when(row: Row, place: int) -> str:
    return at(row["id"] / 24 + place)


def _set(key: str, **more: Any) -> Callable[[State, Row, int], None]:
    def apply(here: State, row: Row, place: int) -> None:
        moment = _when(row, place)
        author = 1 + row["id"] % 3
        edited = {"updated_at": moment, "updated_by_user_id": author}
        row.update({key: moment, **more, **edited}, updated_by=here.users[author])
        if key == "stop_at":
            row["experiment_report"] = {
                "type": "abort",
                "stop_reason": "data_issue",
                "full_on_variant": None,
                "experiment_note": None,
            }

    return apply


SETS: dict[str, Callable[[State, Row, int], None]] = {
    "development": _set("development_at"),
    "start": _set("start_at"),
    "full_on": _set("full_on_at", full_on_variant=1),
    "stop": _set("stop_at"),
    "restart": _set("stop_at"),
}


def _note(here: State, row: Row, step: str, place: int) -> None:
    number = len(here.notes) + 1
    here.notes[number] = {
        "id": number,
        "experiment_id": row["id"],
        "action": step,
        "note": f"{step} of {row['name']}",
        "variant": 1 if step == "full_on" else None,
        "reply_to_note_id": None,
        "reply_to_experiment_note": [],
        "new_experiment_id": None,
        **audit(here, row["id"]),
        "created_at": _when(row, place),
    }


def _measured(row: Row, random: Random) -> None:
    row["last_seen_in_code_at"] = _when(row, 3)
    row["preview_variants"] = [_preview(row, index, random) for index in range(row["nr_variants"])]
    row["alerts"] = [
        {
            "id": row["id"],
            "experiment_id": row["id"],
            "type": ALERTS[row["id"] % len(ALERTS)],
            "created_at": _when(row, 3),
            "updated_at": None,
            "metadata": '{"p":0.0004}',
            "dismissed": False,
        }
    ]
    row["sample_size"] = {
        "experiment_id": row["id"],
        "created_at": _when(row, 2),
        "updated_at": None,
        "required_sample_size": "109234",
        "reached_at": None,
        "reached_at_sample_size": None,
    }


def _preview(row: Row, index: int, random: Random) -> Row:
    begun = round((BEGINNING + timedelta(days=row["id"] / 24 + 2)).timestamp() * 1000)
    return {
        "experiment_id": row["id"],
        "environmentType": "production",
        "variant": index,
        "metric_id": row["primary_metric_id"],
        "unit_count": random.randrange(500, 5000),
        "first_exposure_at": begun,
        "last_exposure_at": begun + 86_400_000,
        "value": f"{random.uniform(100, 999):.4f}",
        "mean": f"{random.uniform(0, 1):.6f}",
        "stdev": "0.4",
        "variance": "0.16",
        "pvalue": round(random.random(), 6) if index else None,
        "impact": round(random.uniform(-0.1, 0.1), 6) if index else None,
        "impact_lower": -0.12 if index else None,
        "impact_upper": 0.12 if index else None,
    }


def _schedule(here: State, row: Row) -> None:
    number = len(here.schedule) + 1
    here.schedule[number] = {
        "id": number,
        "experiment_id": row["id"],
        "action": "start",
        "scheduled_at": "2031-03-01T08:00:00.000Z",
        "note": None,
        "reason": None,
        "executed_at": None,
        **audit(here, row["id"]),
    }
    row["scheduled_actions"].append(here.schedule[number])
