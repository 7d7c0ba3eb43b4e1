"""Custom fields in the graph."""

from datetime import datetime

import strawberry

import models as m
from resolvers import relations as r
from resolvers.ordering import Direction
from schema import names as n
from schema.connection import Connection
from schema.fields import column, connection, of_rows, one
from schema.filters import StringFilter, combined, matches, related
from schema.node import Audited
from schema.scalars import JSON


@of_rows(m.CustomField, "A field that a company added to its experiments, under a section's title.")
class CustomField(Audited):
    external_id: str | None = column("The id by which its source knows it, where that was said.")
    extra: JSON | None = column("What the source said and no other field takes, verbatim.")
    title: str = column("What the field is called.")
    section: str | None = column("The title of its section.")
    type: str | None = column("What it holds, such as text, number, json or user.")
    help_text: str | None = column("What people are told about it.")
    placeholder: str | None = column("What is shown while it is empty.")
    default_value: str | None = column("What it holds unless said.")
    required: bool | None = column("Whether it must be filled.")
    archived: bool = column("Whether it is archived.")
    available_in_sdk: bool | None = column("Whether SDKs are given its value.")
    sdk_field_name: str | None = column("What SDKs call it.")
    values: Connection[n.CustomFieldValue] = connection(
        r.CUSTOM_FIELD_VALUES,
        "What experiments say in it.",
        where=n.CustomFieldValueWhere,
        order_by=n.CustomFieldValueOrder,
    )


@of_rows(m.CustomFieldValue, "What one experiment says in one custom field.")
class CustomFieldValue:
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")
    field: n.CustomField | None = one(r.CUSTOM_VALUE_FIELD, "The field.")
    type: str | None = column("What the field holds.")
    value: str | None = column("The value, as text.")
    updated_at: datetime | None = column("When it was last changed.")
    updated_by: n.User | None = one(r.UPDATED_BY, "Who changed it last.")


@strawberry.input(description="Conditions on what experiments say in custom fields.")
class CustomFieldValueWhere:
    value: StringFilter | None = matches("value", "The value, as text.")
    type: StringFilter | None = matches("type", "What the field holds.")
    experiment: n.ExperimentWhere | None = related(r.EXPERIMENT, "The experiment.")
    and_: list[n.CustomFieldValueWhere] | None = combined("and")
    or_: list[n.CustomFieldValueWhere] | None = combined("or")
    not_: n.CustomFieldValueWhere | None = combined("not")


@strawberry.input(one_of=True, description="What the values of custom fields are ordered by.")
class CustomFieldValueOrder:
    value: Direction | None = matches("value", "The value, as text.")
    updated_at: Direction | None = matches("updated_at", "When it was last changed.")
