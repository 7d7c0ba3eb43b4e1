"""Feature flags in the graph."""

import strawberry

import models as m
from resolvers import relations as r
from resolvers.ordering import Direction
from schema import names as n
from schema.connection import Connection
from schema.fields import column, connection, of_rows
from schema.filters import (
    BooleanFilter,
    DateTimeFilter,
    Each,
    IDFilter,
    StringFilter,
    any_related,
    combined,
    matches,
    matches_id,
    related,
)
from schema.node import Sourced
from schema.scalars import JSON


@of_rows(m.FeatureFlag, "The switch that serves an experiment's variants.")
class FeatureFlag(Sourced):
    key: str = column("The name in code.")
    name: str | None = column("The name for people.")
    description: str | None = column("What it switches.")
    native_type: str | None = column("The platform's own word for its type.")
    native_state: str | None = column("The platform's own word for its state.")
    active: bool | None = column("Whether it is on.")
    archived: bool = column("Whether it is archived.")
    filters: JSON | None = column("Whom it serves, in the platform's own words (PostHog).")
    parameters: JSON | None = column("Its parameters with their defaults (Auth0).")
    variations: JSON | None = column("Its variations with their overrides (Auth0).")
    experiments: Connection[n.Experiment] = connection(
        r.FEATURE_FLAG_EXPERIMENTS,
        "The experiments that it serves.",
        where=n.ExperimentWhere,
        order_by=n.ExperimentOrder,
    )


@strawberry.input(description="Conditions on feature flags.")
class FeatureFlagWhere:
    id: IDFilter | None = matches_id("id", m.FeatureFlag, "The id.")
    external_id: StringFilter | None = matches(
        "external_id", "The id by which its source knows it."
    )
    key: StringFilter | None = matches("key", "The name in code.")
    name: StringFilter | None = matches("name", "The name for people.")
    native_state: StringFilter | None = matches(
        "native_state", "The platform's own word for its state."
    )
    active: BooleanFilter | None = matches("active", "Whether it is on.")
    archived: BooleanFilter | None = matches("archived", "Whether it is archived.")
    created_at: DateTimeFilter | None = matches("created_at", "When it was made.")
    updated_at: DateTimeFilter | None = matches("updated_at", "When it was last changed.")
    source: n.SourceWhere | None = related(r.SOURCE, "Where it came from.")
    experiments: Each[n.ExperimentWhere] | None = any_related(
        r.FEATURE_FLAG_EXPERIMENTS, "The experiments that it serves."
    )
    and_: list[n.FeatureFlagWhere] | None = combined("and")
    or_: list[n.FeatureFlagWhere] | None = combined("or")
    not_: n.FeatureFlagWhere | None = combined("not")


@strawberry.input(one_of=True, description="What feature flags are ordered by.")
class FeatureFlagOrder:
    key: Direction | None = matches("key", "The name in code.")
    name: Direction | None = matches("name", "The name for people.")
    created_at: Direction | None = matches("created_at", "When it was made.")
    updated_at: Direction | None = matches("updated_at", "When it was last changed.")
