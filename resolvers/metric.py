"""What can be written of a metric."""

import models as m
from models.rules import long_text, name_text, number_rule
from resolvers.native_type import forget_native_type
from resolvers.team_bound import owned_by_own_team
from resolvers.writing import Links, Noun, Reference, Value

SCALE = number_rule(-1e12, 1e12)
PRECISION = number_rule(0, 20)

METRIC = Noun(
    model=m.Metric,
    fields={
        "name": Value(name_text),
        "description": Value(long_text),
        "type": Value(),
        "effect": Value(),
        "archived": Value(),
        "goal": Reference(m.Goal),
        "category": Reference(m.MetricCategory),
        "format": Value(long_text),
        "scale": Value(SCALE),
        "precision": Value(PRECISION),
        "mean_format": Value(long_text),
        "mean_scale": Value(SCALE),
        "mean_precision": Value(PRECISION),
        "value_source_property": Value(long_text),
        "property_filter": Value(long_text),
        "denominator_goal": Reference(m.Goal),
        "cancellation_goal": Reference(m.Goal),
        "relation_goal": Reference(m.Goal),
        "owners": Links(m.MetricOwner, m.User, "metric_id", "user_id"),
        "teams": Links(m.MetricTeam, m.Team, "metric_id", "team_id"),
        "tags": Links(m.MetricTag, m.Tag, "metric_id", "tag_id", only={"kind": m.TagKind.METRIC}),
    },
    checks=(forget_native_type, owned_by_own_team(m.MetricTeam, "metric_id")),
)
