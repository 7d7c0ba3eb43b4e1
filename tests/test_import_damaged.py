"""Answers with anything in any place: taken or refused, never half, and never a crash."""

import copy
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.errors import PayloadRefused
from connectors.recognising import VOCABULARIES
from models.database import Database
from models.phase import Platform
from tests.emptying import newcomer
from tests.importing import dump, payload, payloads, take

AUDIT = {"created_at": 1742472000000, "created_by_user_id": "3", "updated_at": None}
PERSON = AUDIT | {"id": 3, "email": "a@example.com", "avatar": {"id": 9, "file_name": "a.png"}}
GOAL = AUDIT | {"id": 70, "name": "purchase", "tags": [{"goal_tag": {"id": 1, "tag": "t"}}]}
METRIC = AUDIT | {
    "id": 20,
    "name": "revenue",
    "type": "goal_ratio",
    "effect": "positive",
    "goal_id": 70,
    "goal": GOAL,
    "denominator_goal_id": 71,
    "denominator_property_filter": "{}",
    "metric_category": {"id": 1, "name": "money", "color": "#fff"},
    "owners": [{"user_id": 3, "user": PERSON}],
    "usage": {"all_time": {"total": 1}},
}
EXPERIMENT = AUDIT | {
    "id": 1,
    "name": "checkout",
    "display_name": "Checkout",
    "state": "running",
    "iteration": 2,
    "percentages": "50/50",
    "full_on_at": "2025-03-20T12:00:00Z",
    "unit_type": {"id": 1, "name": "user_id"},
    "primary_metric": METRIC,
    "secondary_metrics": [{"metric_id": 21, "type": "guardrail", "order_index": 1}],
    "owners": [{"user": PERSON}, {"user_id": 4}],
    "teams": [{"team": {"id": 4, "name": "t", "parent_team_id": 5, "goals": [{"goal_id": 70}]}}],
    "experiment_tags": [{"experiment_tag_id": 1, "experiment_tag": {"id": 1, "tag": "t"}}],
    "applications": [{"application": {"id": 1, "name": "ios"}, "application_version": "1"}],
    "variants": [{"variant": 0, "name": "A", "config": "{}"}, {"variant": 1, "name": "B"}],
    "variant_screenshots": [{"variant": 1, "screenshot_file_upload_id": 14}],
    "previews": [{"unit_count": "7", "environment_type": "production"}],
    "preview_variants": [{"variant": 0, "metric_id": 20, "mean": "0.10", "pvalue": 0.5}],
    "sample_size": {"required_sample_size": "100"},
    "alerts": [{"id": 1, "type": "audience_mismatch", "metadata": None}],
    "favorited_users": [{"user_id": 3}],
    "notes": [AUDIT | {"id": 5, "note": "n", "action": "restart", "new_experiment_id": 2}],
    "new_experiment_notes": [AUDIT | {"experiment_id": 7, "note": "n", "action": "restart"}],
    "scheduled_actions": [{"id": 1, "action": "start", "scheduled_at": "2025-03-20T12:00:00Z"}],
    "custom_section_field_values": [
        {"value": "v", "custom_section_field": {"id": 5, "title": "Risk", "section_id": 1}}
    ],
    "experiment_report": {"type": "abort", "experiment_note": {"id": 8, "note": "n"}},
    "parent_experiment": {"archived": False},
    "parent_experiment_id": 9,
    "iterations": [{"id": 7, "name": "checkout_1", "state": "stopped", "iteration": 1}],
    "analysis_type": "fixed_horizon",
    "group_sequential_analyses": [],
}
ABSMARTLY: list[Any] = [
    payload("absmartly/start_response"),
    {"experiments": [EXPERIMENT, EXPERIMENT | {"id": 2, "iteration": 3}], "total": 2},
    EXPERIMENT,
    {"metrics": [METRIC], "users": [PERSON], "goals": [GOAL]},
    {"experiment_notes": [AUDIT | {"id": 5, "experiment_id": 1, "note": "n"}]},
]
ANSWERS = {
    Platform.ABSMARTLY: ABSMARTLY,
    Platform.POSTHOG: [payload(name) for name in payloads("posthog")],
    Platform.AUTH0: [payload(name) for name in payloads("auth0")],
    Platform.CHECKMANGO: [payload(name) for name in payloads("checkmango")],
}

ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, True, False, 0, 1, -1, 2**31, 2**63, 1.5, 1e11, "", "0", "1", "x"])
    | st.sampled_from(["1e400", "NaN", "2025-03-20", "1/2", "\u00e9", "\N{GRINNING FACE}"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["id", "name", "user_id", "type", "key", "x"]), inner, max_size=2
        )
    ),
    max_leaves=4,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document, as a container and the key or index in it."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(items):
        yield value, key
        if isinstance(item, dict | list):
            yield from places(item)


@st.composite
def damaged(draw: st.DrawFn, answers: list[Any]) -> Any:
    """An answer in which a few values are gone, doubled, exchanged, or anything else."""
    answer = {"": copy.deepcopy(draw(st.sampled_from(answers)))}
    for _ in range(draw(st.integers(1, 4))):
        found = list(places(answer))
        container, key = found[draw(st.integers(0, len(found) - 1))]
        other, place = found[draw(st.integers(0, len(found) - 1))]
        match draw(st.sampled_from(["other", "copy", "gone", "text", "twice"])):
            case "other":
                container[key] = draw(ANYTHING)
            case "copy":
                container[key] = copy.deepcopy(other[place])
            case "gone" if isinstance(container, dict) and key:
                del container[key]
            case "text" if isinstance(container[key], int | float):
                container[key] = str(container[key])
            case "twice" if isinstance(container[key], list):
                container[key] = container[key] * 2
    return answer[""]


generated = settings(
    max_examples=3000 if "TRIALGRAPH_SOAK" in os.environ else 60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


PLATFORMS = st.sampled_from(list(ANSWERS))

DAMAGED = PLATFORMS.flatmap(
    lambda platform: st.tuples(st.just(platform), damaged(ANSWERS[platform]))
)

THEN_SOUND = PLATFORMS.flatmap(
    lambda platform: st.sampled_from(ANSWERS[platform]).flatmap(
        lambda sound: st.tuples(
            st.just(platform), damaged(ANSWERS[platform]), damaged([sound]), st.just(sound)
        )
    )
)


async def into(database: Database, source: str, platform: Platform, answer: Any) -> set[str]:
    """What became of the things in an answer."""
    report = await take(database, answer, source=source, vocabulary=VOCABULARIES[platform])
    return {how for (_, how), found in report.outcomes.items() if found}


@generated
@given(DAMAGED)
async def test_a_damaged_answer_is_taken_or_refused(
    database: Database, drawn: tuple[Platform, Any]
) -> None:
    platform, answer = drawn
    source = await newcomer(database)
    before = await dump(database)
    try:
        await into(database, source, platform, answer)
    except PayloadRefused as error:
        lines, after = str(error).splitlines(), await dump(database)
    else:
        lines, after = [], []
    if lines:
        assert (len(lines), after) == (1, before)
        return
    taken = await dump(database)

    assert await into(database, source, platform, answer) <= {"unchanged", "skipped"}
    assert await dump(database) == taken


@generated
@given(THEN_SOUND)
async def test_a_sound_answer_comes_in_whatever_came_before(
    database: Database, drawn: tuple[Platform, Any, Any, Any]
) -> None:
    platform, *broken, sound = drawn
    source = await newcomer(database)
    for answer in broken:
        with suppress(PayloadRefused):
            await into(database, source, platform, answer)
    await into(database, source, platform, sound)
    taken = await dump(database)

    assert await into(database, source, platform, sound) <= {"unchanged", "skipped"}
    assert await dump(database) == taken
