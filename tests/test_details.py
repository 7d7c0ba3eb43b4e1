"""What only a platform says: typed where it fits, verbatim where it does not."""

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from models import Experiment, Platform
from models.base import plain
from models.details import details_of
from resolvers.experiment import ramp, split
from schema.scalars import write_decimal, write_json


def test_known_keys_are_typed_and_the_rest_is_kept() -> None:
    document = {
        "analysis_type": "fixed_horizon",
        "required_alpha": 0.05,
        "feature_on_at": "2026-01-02T03:04:05Z",
        "new_thing": {"deep": [1]},
    }
    found: Any = details_of(Platform.ABSMARTLY, document)

    assert found.analysis_type == "fixed_horizon"
    assert found.required_alpha == "0.05"
    assert found.feature_on_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found.extra == {"new_thing": {"deep": [1]}}


@pytest.mark.parametrize(
    ("platform", "name", "value", "empty"),
    [
        (Platform.ABSMARTLY, "feature_on_at", "soon", None),
        (Platform.ABSMARTLY, "parent_experiment_iteration", 2**40, None),
        (Platform.ABSMARTLY, "template_permission", "locked", None),
        (Platform.POSTHOG, "platform_version", "v2", None),
        (Platform.POSTHOG, "is_legacy", "yes", None),
        (Platform.POSTHOG, "primary_metrics_ordered_uuids", ["a", None], []),
        (Platform.AUTH0, "editable_fields", {"name": True}, []),
        (Platform.CHECKMANGO, "team_id", True, None),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_kept_verbatim(
    platform: Platform, name: str, value: Any, empty: Any
) -> None:
    found = details_of(platform, {name: value})

    assert getattr(found, name) == empty
    assert found is not None
    assert found.extra == {name: value}


def test_a_local_experiment_has_no_details() -> None:
    assert details_of(Platform.LOCAL, {"anything": 1}) is None


@pytest.mark.parametrize(
    ("percentages", "shares"),
    [
        ("34/33/33", [0.34, 0.33, 0.33]),
        ("12.5/87.5", [0.125, 0.875]),
        (None, []),
        ("", []),
        ("nan/50", []),
        ("1_0/9_0", []),
        ("1e400/1", []),
    ],
)
def test_a_split_is_read_from_numbers_only(percentages: str | None, shares: list[float]) -> None:
    assert split(cast("Experiment", SimpleNamespace(percentages=percentages))) == shares


def test_a_ramp_keeps_fractions_of_percents() -> None:
    row = cast("Experiment", SimpleNamespace(ramp_levels=[12.5, 50, "x"], ramp_current_level=50))
    found = ramp(row)

    assert found is not None
    assert found.levels == [12.5, 50.0]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0.100", "0.1"),
        ("1E+2", "100"),
        ("-0", "0"),
        ("12345678901234567890123456789012345", "12345678901234567890123456789012345"),
        ("1E-3", "0.001"),
        ("1E+999999", "1E+999999"),
    ],
)
def test_a_decimal_is_written_to_its_last_digit(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


def test_a_number_of_a_document_is_written_as_it_reads() -> None:
    assert write_decimal(0.05) == "0.05"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1]}', {"a": [1]}),
        ("string", "string"),
        ("", ""),
        ("NaN", "NaN"),
        ('{"a":1e999}', '{"a":1e999}'),
        ("[" * 5000, "[" * 5000),
    ],
)
def test_a_text_that_is_no_json_is_answered_as_a_text(text: str, value: Any) -> None:
    assert write_json(text) == value
