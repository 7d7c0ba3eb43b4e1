"""docs/access.md says what is so."""

import re
from pathlib import Path

from gateway.settings import Settings
from resolvers.scopes import known_scopes

PAGE = Path("docs/access.md").read_text("utf-8")


def test_the_page_on_access_lists_every_scope_and_no_other() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `") and "|" in line[1:]]
    listed = re.findall(r"`(\w+:\w+|admin)`", "\n".join(row.split("|")[1] for row in rows))
    assert sorted(listed) == sorted(known_scopes())


def test_every_setting_that_the_page_names_exists() -> None:
    named = set(re.findall(r"TRIALGRAPH_(\w+)", PAGE))
    assert named
    assert named <= {name.upper() for name in Settings.model_fields}
