"""What Auth0's objects say: every key, and the column, reference or list that takes it.

Facts of the platform: ids are words with a prefix, and drafts of its documentation called them
after the thing; a name is a key as well; there are two generations of its answers, the newer with
names, snapshots and a ramp. Keys with an @ are made by `rewriting`, from what stands beside them.
"""

from connectors.auth0 import rewriting
from connectors.auth0.states import PHASES, complete, complete_flag, complete_segment
from connectors.auth0.variations import SNAPSHOT
from connectors.payloads.holdings import LEFT, PLACE, Column, Contained, Keyed, One
from connectors.payloads.pieces import AUDIT, one, owned
from connectors.payloads.shapes import (
    UNNUMBERED,
    Guise,
    Identity,
    Shape,
    choice,
    inside,
    same,
    words_of,
)
from connectors.payloads.values import identifier, text, verbatim
from models import (
    Allocation,
    AllocationStrategy,
    Experiment,
    FeatureFlag,
    Platform,
    Segment,
    UnitType,
    Variant,
)


def called(name: str) -> Identity:
    """The id of a thing, which drafts of the documentation called after it."""
    return Identity(("id", f"{name}_id"), identifier)


UNIT_TYPE = Shape(
    name="unit_type",
    model=UnitType,
    identity=UNNUMBERED,
    natural=("name",),
    columns=same("name"),
)

SEGMENT = Shape(
    name="segment",
    model=Segment,
    identity=called("segment"),
    natural=("name",),
    complete=complete_segment,
    columns=AUDIT
    | same("name description rules")
    | {
        "type": "native_type",
        "status": (Column("@status", text), Column("extra.status", text)),
    },
    kept=frozenset({"editable_fields"}),
    ignored=frozenset({"id", "segment_id"}),
)

FEATURE_FLAG = Shape(
    name="feature_flag",
    model=FeatureFlag,
    identity=called("feature_flag"),
    natural=("key",),
    patient=True,
    complete=complete_flag,
    columns=AUDIT
    | same("description parameters")
    | {
        "name": ("key", "name"),
        "type": "native_type",
        "status": "native_state",
    },
    parts={"variations": Keyed("variations")},
    kept=frozenset({"editable_fields", "default_config"}),
    ignored=frozenset({"id", "feature_flag_id"}),
)

# --- What an experiment owns

VARIANT = Shape(
    name="variant",
    model=Variant,
    identity=UNNUMBERED,
    natural=("external_id",),
    owner="experiment_id",
    needs=(PLACE,),
    ordinal="index",
    columns=same("weight is_control")
    | {
        "variation_id": Column("external_id", identifier),
        "variation_name": "name",
        "variation_snapshot": Column(f"extra.{SNAPSHOT}", verbatim),
    },
    parts=one("experiment", "experiment_id", "experiment_id", "experiment"),
)

ALLOCATIONS = owned(
    "allocations",
    Allocation,
    same("weight priority is_control is_fallback"),
    one("@segment", "segment_id", "segment_id", "segment")
    | {"@variant": One("@variant", "@variant_id", "variant_id", "variant", own=True)},
    rest=LEFT,
    kept=frozenset({"segment_snapshot"}),
    ignored=frozenset({"variation_id", "variation_name", "variation_snapshot", "segment_name"}),
)

# --- Experiments

EXPERIMENT = Shape(
    name="experiment",
    model=Experiment,
    identity=called("experiment"),
    natural=("key", "iteration"),
    patient=True,
    constants={"platform": Platform.AUTH0},
    rest="details",
    prepare=rewriting.experiment,
    complete=complete,
    columns=AUDIT
    | same("description")
    | {
        "name": ("key", "name"),
        "status": Column("native_state", words=PHASES),
        "started_at": "started_at",
        "ended_at": "stopped_at",
        "levels": "ramp_levels",
        "current_level": "ramp_current_level",
        "allocation_strategy": choice(
            "allocation_strategy", words_of(AllocationStrategy), otherwise="OTHER"
        ),
        "@variant_count": "variant_count",
        "@percentages": "percentages",
    }
    | inside(
        "details",
        verbatim,
        "authentication_flow assignment_config is_valid default_config feature_flag_snapshot "
        "editable_fields",
    ),
    parts={
        **one("@flag", "feature_flag_id", "feature_flag_id", "feature_flag"),
        "@unit_type": One("@unit_type", "@unit_type_id", "unit_type_id", "unit_type"),
        "@variants": Contained("variant", back=("experiment_id",), whole=True),
        "allocations": ALLOCATIONS,
    },
    ignored=frozenset({"id", "experiment_id", "feature_flag_name"}),
)

# --- All of it

SHAPES = (UNIT_TYPE, SEGMENT, FEATURE_FLAG, EXPERIMENT, VARIANT)

GUISES = {
    "variation": Guise("feature_flag", rewriting.variation),
    "ramp": Guise("experiment", rewriting.ramp),
}
