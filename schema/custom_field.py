"""Custom fields in the graph."""

from datetime import datetime

import models as m
from resolvers import relations as r
from schema import names as n
from schema.fields import column, many, of_rows, one
from schema.node import Sourced


@of_rows(m.CustomField, "A field that a company added to its experiments, under a section's title.")
class CustomField(Sourced):
    title: str = column("What the field is called.")
    section: str | None = column("The title of its section.")
    type: str | None = column("What it holds, such as text, number, json or user.")
    help_text: str | None = column("What people are told about it.")
    placeholder: str | None = column("What is shown while it is empty.")
    default_value: str | None = column("What it holds unless said.")
    required: bool | None = column("Whether it must be filled.")
    archived: bool = column("Whether it was put away.")
    available_in_sdk: bool | None = column("Whether SDKs are given its value.")
    sdk_field_name: str | None = column("What SDKs call it.")
    values: list[n.CustomFieldValue] = many(r.CUSTOM_FIELD_VALUES, "What experiments say in it.")


@of_rows(m.CustomFieldValue, "What one experiment says in one custom field.")
class CustomFieldValue:
    experiment: n.Experiment | None = one(r.EXPERIMENT, "The experiment.")
    field: n.CustomField | None = one(r.CUSTOM_VALUE_FIELD, "The field.")
    type: str | None = column("What the field holds.")
    value: str | None = column("The value, as text.")
    updated_at: datetime | None = column("When it was last changed.")
    updated_by: n.User | None = one(r.UPDATED_BY, "Who changed it last.")
