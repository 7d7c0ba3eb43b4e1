"""What a saved metric's query must look like: PostHog's ExperimentMetric. Plain Python.

Optional members are looked at only where PostHog's reference bounds them; others pass.
"""

from models.rules import LARGEST_WHOLE
from models.shapes import chosen, every, flag, items, members, nullable, number, one_of, text, whole

WORD = text(1000)
COUNT = whole(0, LARGEST_WHOLE)
FRACTION = nullable(number(0, 1))
UNIT = one_of("second", "minute", "hour", "day", "week", "month")

NODE = chosen(
    "kind",
    {
        "EventsNode": members({}, {"event": nullable(WORD)}),
        "ActionsNode": members({"id": COUNT}),
        "ExperimentDataWarehouseNode": members(
            {
                "table_name": WORD,
                "timestamp_field": WORD,
                "events_join_key": WORD,
                "data_warehouse_join_key": WORD,
            }
        ),
    },
)
"""Where the values of a metric come from."""

OUTLIERS = {
    "ignore_zeros": nullable(flag),
    "lower_bound_percentile": FRACTION,
    "upper_bound_percentile": FRACTION,
}

TYPES = {
    "mean": members({"source": NODE}, OUTLIERS),
    "funnel": members(
        {"series": items(NODE, least=1)},
        {"funnel_order_type": nullable(one_of("ordered", "unordered", "strict"))},
    ),
    "ratio": members(
        {"numerator": NODE, "denominator": NODE},
        {
            "numerator_outlier_handling": nullable(members({}, OUTLIERS)),
            "denominator_outlier_handling": nullable(members({}, OUTLIERS)),
        },
    ),
    "retention": members(
        {
            "start_event": NODE,
            "completion_event": NODE,
            "retention_window_start": COUNT,
            "retention_window_end": COUNT,
            "retention_window_unit": UNIT,
            "start_handling": one_of("first_seen", "last_seen"),
        }
    ),
}
"""What each type of metric needs beside what all have in common."""

COMMON = members(
    {"kind": one_of("ExperimentMetric")},
    {
        "uuid": nullable(WORD),
        "name": nullable(text(1000, least=0)),
        "goal": nullable(one_of("increase", "decrease")),
        "conversion_window": nullable(COUNT),
        "conversion_window_unit": nullable(UNIT),
    },
)

METRIC_QUERY = every(COMMON, chosen("metric_type", TYPES))
