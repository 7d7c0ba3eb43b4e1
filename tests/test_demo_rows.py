"""The rows of the demo graph: an experiment's parts agree with each other."""

import json
from collections import Counter
from decimal import Decimal
from functools import cache
from itertools import pairwise
from math import erfc, exp, log, sqrt
from typing import Any

import pytest

import models
from gateway.demo.history import NOW
from gateway.demo.ledger import Ledger
from gateway.demo.story import tell
from models import AlertType, Phase, Platform, Status
from models.details import details_of
from models.lifecycle import status_of

Row = dict[str, Any]

LOCAL, ABSMARTLY, POSTHOG, AUTH0, CHECKMANGO = Platform

EXPERIMENTS = 300

NOT_STARTED = {Phase.DRAFT, Phase.READY, Phase.DEVELOPMENT}


@cache
def told(experiments: int) -> dict[str, list[Row]]:
    """The rows of every table, as they would be written."""
    ledger = Ledger()
    list(tell(ledger, experiments))
    return {table.name: rows for table, rows in ledger.drain()}


def of(table: str, experiments: int = EXPERIMENTS) -> list[Row]:
    """The rows of one table."""
    return told(experiments)[table]


def by(table: str, column: str = "experiment_id") -> dict[Any, list[Row]]:
    """The rows of one table, by one column."""
    found: dict[Any, list[Row]] = {}
    for row in of(table):
        found.setdefault(row[column], []).append(row)
    return found


def experiments_of(*platforms: Platform) -> list[Row]:
    return [row for row in of("experiment") if row["platform"] in platforms]


def split_of(experiment: Row) -> list[float]:
    return [float(share) for share in (experiment["percentages"] or "").split("/") if share]


# --- Lifecycle and dates


def test_dates_follow_the_lifecycle() -> None:
    order = ("created_at", "development_at", "started_at", "full_on_at", "stopped_at")
    for row in of("experiment", 1000):
        known = [row[name] for name in (*order, "archived_at") if row[name] is not None]
        assert known == sorted(known), row["key"]
        assert known[-1] < NOW
        assert row["first_started_at"] == row["started_at"]
        assert (row["started_at"] is None) == (row["phase"] in NOT_STARTED)
        assert (row["stopped_at"] is None) == (row["phase"] is not Phase.STOPPED)
        assert row["phase"] is not Phase.DEVELOPMENT or row["development_at"] is not None


def test_overlays_say_what_they_need() -> None:
    for row in of("experiment", 1000):
        released = row["full_on_at"] is not None
        columns = ("archived", "deleted_at", "full_on_at", "start_scheduled_at")
        overlaid = status_of(row["phase"], **{name: row[name] for name in columns})
        assert (row["full_on_variant"] is not None) == released == (row["release_mode"] is not None)
        assert not released or 1 <= row["full_on_variant"] < row["variant_count"]
        assert not row["archived"] or row["phase"] is Phase.STOPPED
        assert (row["archived_at"] is not None) == row["archived"]
        assert (overlaid is Status.SCHEDULED) == (row["start_scheduled_at"] is not None)
        assert row["deleted_at"] is None or row["platform"] is POSTHOG
        assert row["ramp_levels"] is None or row["ramp_current_level"] in row["ramp_levels"]
        assert (row["pause_effect"] is not None) == (row["phase"] is Phase.PAUSED)


def test_a_scheduled_start_has_its_action() -> None:
    actions = by("scheduled_action")
    for row in of("experiment"):
        planned = [(action["action"], action["at"]) for action in actions.get(row["id"], [])]
        wanted = row["start_scheduled_at"]
        assert planned == ([(models.Action.START, wanted)] if wanted else [])
        assert wanted is None or wanted > NOW


def test_iterations_follow_each_other_and_restart_notes_link_them() -> None:
    iterated = 0
    restarts = {
        (row["experiment_id"], row["new_experiment_id"]): row["created_at"]
        for row in of("note")
        if row["action"] is models.NoteAction.RESTART
    }
    for family in by("experiment", "family_id").values():
        assert len({row["key"] for row in family}) == 1
        assert [row["iteration"] for row in family] == [*range(1, len(family) + 1)]
        for older, newer in pairwise(family):
            iterated += 1
            assert older["phase"] is Phase.STOPPED
            assert older["stopped_at"] <= newer["created_at"]
            assert restarts[older["id"], newer["id"]] == newer["created_at"]
    assert iterated == len(restarts) >= 20


def test_a_key_belongs_to_one_family_of_one_source() -> None:
    families = of("family", 1000)
    assert len({row["key"] for row in families}) == len(families)


# --- Design and measurement


def test_variants_share_everything_there_is() -> None:
    variants, incomplete = by("variant"), 0
    for row in of("experiment"):
        mine = variants[row["id"]]
        weights = [variant["weight"] for variant in mine]
        assert [variant["index"] for variant in mine] == [*range(row["variant_count"])]
        assert [variant["is_control"] for variant in mine[1:]] == [False] * (len(mine) - 1)
        if row["allocation_strategy"] is models.AllocationStrategy.SEGMENT:
            assert weights == [None] * len(mine)
            continue
        assert weights == split_of(row)
        incomplete += sum(weights) != 100 or len(mine) < 2
    assert incomplete < 10


def test_seeds_are_decimal_64_bit_numbers_and_audiences_are_json() -> None:
    for row in experiments_of(LOCAL, ABSMARTLY):
        assert str(int(row["seed"])) == row["seed"]
        assert 0 <= int(row["traffic_seed"]) < 2**64
        assert row["audience"] is None or json.loads(row["audience"])["filter"]


def test_details_hold_nothing_that_their_platform_does_not_say() -> None:
    for row in of("experiment"):
        details = details_of(row["platform"], row["details"])
        assert (details is None) == (row["platform"] is LOCAL) == (row["details"] is None)
        assert details is None or details.extra is None


def test_results_agree_with_themselves() -> None:
    compared = 0
    for rows in by("result").values():
        for row in rows:
            if row["value"] is not None:
                mean = row["value"] / row["unit_count"]
                assert abs(row["mean"] - mean) < Decimal("1e-7")
                assert abs(row["stdev"] ** 2 - row["variance"]) <= row["variance"] / 10**6
            control = next(
                other
                for other in rows
                if other["metric_id"] == row["metric_id"] and other["variant_index"] == 0
            )
            compared += _agrees_with_control(row, control)
    assert compared > 500


def _agrees_with_control(row: Row, control: Row) -> bool:
    """Whether the row was compared in full; if it was, the formulas of `inference` hold."""
    if row is control:
        assert row["impact"] is row["p_value"] is row["impact_lower"] is row["impact_upper"] is None
        return False
    quotient = float(row["mean"] / control["mean"])
    assert row["impact"] == pytest.approx(quotient - 1, abs=2e-6)
    if row["impact_lower"] is None:
        return False
    ratio = log(quotient)
    error = sqrt(
        sum(one["variance"] / (one["unit_count"] * one["mean"] ** 2) for one in (row, control))
    )
    assert row["impact_lower"] == pytest.approx(exp(ratio - 1.644854 * error) - 1, abs=2e-6)
    assert row["impact_upper"] == pytest.approx(exp(ratio + 1.644854 * error) - 1, abs=2e-6)
    assert row["p_value"] == pytest.approx(erfc(abs(ratio) / error / sqrt(2)), abs=2e-6)
    inside = row["impact_lower"] <= 0 <= row["impact_upper"]
    assert inside == (row["p_value"] >= 0.1)
    return True


def test_what_was_released_had_won() -> None:
    better = {row["id"]: row["effect"] for row in of("metric")}
    signs = {models.MetricEffect.NEGATIVE: -1}
    results = by("result")
    released = [row for row in of("experiment") if row["full_on_at"]]
    for row in released:
        winner = next(
            result
            for result in results[row["id"]]
            if result["metric_id"] == row["primary_metric_id"]
            and result["variant_index"] == row["full_on_variant"]
        )
        assert winner["p_value"] < 0.1
        assert winner["impact"] * signs.get(better[row["primary_metric_id"]], 1) > 0
    assert len(released) >= 20


def test_units_are_counted_alike_everywhere() -> None:
    exposures, sizes = by("exposure"), by("sample_size")
    for experiment_id, rows in by("result").items():
        units = {row["variant_index"]: row["unit_count"] for row in rows}
        counted = [row["unit_count"] for row in exposures.get(experiment_id, [])]
        assert not counted or counted[0] == sum(units.values())
        for size_row in sizes.get(experiment_id, []):
            assert (counted[0] >= size_row["required_sample_size"]) == (
                size_row["reached_at"] is not None
            )


def test_alerts_of_every_type_fire_within_the_life_of_their_experiment() -> None:
    created = {row["id"]: row["created_at"] for row in of("experiment", 1000)}
    alerts = of("alert", 1000)

    assert {row["type"] for row in alerts} == set(AlertType) - {AlertType.OTHER}
    assert all(created[row["experiment_id"]] <= row["created_at"] <= NOW for row in alerts)


# --- Who, and what people said


def test_what_a_platform_lacks_its_experiments_lack() -> None:
    linked = {
        table: {row["experiment_id"] for row in of(table)}
        for table in ("experiment_owner", "experiment_team", "note", "result", "allocation")
    }
    for platform, tables in {
        POSTHOG: ("experiment_owner", "experiment_team", "note", "allocation"),
        AUTH0: ("experiment_owner", "experiment_team", "note", "result"),
        CHECKMANGO: ("experiment_owner", "experiment_team", "note", "allocation"),
    }.items():
        ids = {row["id"] for row in experiments_of(platform)}
        assert ids
        assert all(ids.isdisjoint(linked[table]) for table in tables)
    assert all(row["feature_flag_id"] for row in experiments_of(POSTHOG, AUTH0))


def test_notes_and_events_are_told_in_their_time() -> None:
    created = {row["id"]: row["created_at"] for row in of("experiment")}
    phases = {row["id"]: row["phase"] for row in of("experiment")}
    notes = {row["id"]: row for row in of("note")}

    for note in notes.values():
        assert created[note["experiment_id"]] <= note["created_at"] <= NOW
        if note["reply_to_id"] is not None:
            answered = notes[note["reply_to_id"]]
            assert answered["created_at"] < note["created_at"]
            assert answered["experiment_id"] == note["experiment_id"]
    for experiment_id, events in by("event").items():
        assert [row["action"] for row in events].index("CREATE") == 0
        assert events[0]["before"] is None
        for earlier, later in pairwise(events):
            assert earlier["at"] <= later["at"]
            assert earlier["after"]["phase"] == later["before"]["phase"]
        assert events[-1]["after"]["phase"] == phases[experiment_id]


def test_change_requests_have_the_words_they_need() -> None:
    approvals = Counter(row["change_request_id"] for row in of("approval", 1000))
    started = {row["id"]: row["started_at"] for row in of("experiment", 1000)}
    requests = of("change_request", 1000)

    assert len({row["state"] for row in requests}) >= 5
    for row in requests:
        assert started[row["experiment_id"]] < row["created_at"] < NOW
        applied = row["state"] is models.ChangeRequestState.APPLIED
        assert applied == (row["applied_at"] is not None)
        assert not applied or approvals[row["id"]] == row["quorum"]
