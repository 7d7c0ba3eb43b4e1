"""docs/limits.md says what is so."""

import re
from pathlib import Path

from gateway.cost import CHANGE, LISTED, SCHEMA, TYPE
from gateway.operations import CHARACTERS
from gateway.settings import Settings

PAGE = Path("docs/limits.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| `([A-Z_]+)` \| (\d+) \|", PAGE, re.MULTILINE))


def test_the_page_lists_every_limit_with_its_default() -> None:
    limits = {
        name.upper(): field.default
        for name, field in Settings.model_fields.items()
        if name.startswith("max_") and name not in {"max_cost", "max_streams", "max_subscriptions"}
    }
    fields = Settings.model_fields
    limits |= {name.upper(): fields[name].default for name in ("body_seconds", "query_seconds")}
    assert {name: float(value) for name, value in ROWS.items()} == limits
    assert f"`MAX_COST` ({fields['max_cost'].default})" in PAGE


def test_the_page_names_the_prices() -> None:
    assert f"| {LISTED} for each parent, since it is taken to have {LISTED} things |" in PAGE
    assert f"| {CHANGE}, or {CHANGE} for each of its `ids`" in PAGE
    assert f"| {SCHEMA}, {TYPE}: " in PAGE
    assert CHARACTERS == 10
    assert "a point for each ten characters" in PAGE.replace("\n", " ")


def test_every_setting_that_the_page_names_exists() -> None:
    named = set(re.findall(r"TRIALGRAPH_([A-Z_]+)", PAGE)) - {""}
    assert named <= {name.upper() for name in Settings.model_fields}


def test_the_rate_limit_is_what_the_page_says() -> None:
    assert Settings(environment="production").points_a_minute == 1_000_000
    assert Settings(environment="development").points_a_minute == 1_000_000_000
    assert Settings(rate_limit=600).points_a_minute == 600
    assert "1000000 in production, and in development a thousand times" in PAGE
