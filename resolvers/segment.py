"""What can be written of a segment."""

from itertools import islice
from typing import Any

import models as m
from models.arguments import FieldError
from models.rules import json_rule, key_text, long_text, name_text
from models.segment_rules import segment_description, segment_name, segment_rules
from resolvers.change import Change
from resolvers.inputs import MOST_WRONG
from resolvers.writing import Noun, Patch, Value


async def fits_auth0(_: Change, row: Any, patch: Patch) -> None:
    """On Auth0 a segment is nothing but its rules, and once archived it stays so."""
    if patch.source.platform is not m.Platform.AUTH0:
        return
    for name, rule in (("name", segment_name), ("description", segment_description)):
        value = patch.values.get(name)
        if value is not None and (error := rule((name,), value)):
            patch.wrong.append(error)
    rules = patch.values.get("rules")
    if rules is not None:
        patch.wrong += islice(segment_rules(("rules",), rules), MOST_WRONG)
    elif "rules" in patch.values or (row is None and not patch.given.rules):
        patch.wrong.append(FieldError(("rules",), "rules must be given on AUTH0.", "required"))
    if row is not None and row.archived and patch.values.get("archived") is False:
        message = "A segment that is archived on AUTH0 cannot be taken out again."
        patch.wrong.append(FieldError(("archived",), message, "final"))


SEGMENT = Noun(
    model=m.Segment,
    fields={
        "name": Value(name_text),
        "description": Value(long_text),
        "value_source_attribute": Value(key_text),
        "rules": Value(json_rule(list)),
        "archived": Value(),
    },
    checks=(fits_auth0,),
)
