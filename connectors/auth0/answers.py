"""Auth0's answers: which key of an answer holds what, and what an object is told by."""

from connectors.auth0.payloads import GUISES, SHAPES
from connectors.auth0.variations import follow
from connectors.payloads.looking import word
from connectors.payloads.shapes import Object
from connectors.payloads.vocabulary import Head, Vocabulary
from models.phase import Platform

LISTS: dict[str, str | None] = {
    "experiments": "experiment",
    "feature_flags": "feature_flag",
    "segments": "segment",
    "variations": "variation",
}

PREFIXES = {"exp": "experiment", "flg": "feature_flag", "var": "variation", "seg": "segment"}

MARKS: tuple[tuple[str, str], ...] = (
    ("ramp", "experiment_id to_level"),
    ("experiment", "authentication_flow"),
    ("experiment", "allocation_strategy"),
    ("experiment", "feature_flag_id allocations"),
    ("variation", "feature_flag_id overrides"),
    ("segment", "name rules"),
    ("feature_flag", "name parameters"),
    ("feature_flag", "name type status"),
)
"""What tells an object whose id does not: the first line of which it has every key."""

IDS = ("id", "experiment_id", "variation_id", "segment_id", "feature_flag_id")
"""Where an id may be, in the order in which it tells what the object is."""

PLAIN = frozenset({"next"})


def recognise(value: Object) -> str | None:
    """The name of an object, by its own keys and its id; None when it may be anything."""
    ids = (word(value.get(key)) for key in IDS)
    prefix = next(filter(None, ids), "").partition("_")[0]
    told = (name for name, keys in MARKS if value.keys() >= set(keys.split()))
    return next(told, None) or PREFIXES.get(prefix)


def claims(head: Head) -> bool:
    """Whether a document can be Auth0's; in a list that ABsmartly has too, the first item tells."""
    listed = LISTS.keys() & head.keys()
    if BARE & head.keys():
        return recognise(head) is not None and _is_ours(head)
    if not listed:
        return False
    samples = [head[key] for key in listed if isinstance(head[key], dict)]
    return all(map(_is_ours, samples)) if samples else head.keys() <= LISTS.keys() | PLAIN


def _is_ours(sample: Object) -> bool:
    """Whether an object can be Auth0's: its ids are words, and no numbers."""
    said = [sample[key] for key in IDS if sample.get(key) is not None]
    words = [each for each in said if word(each) and not each.strip().isdigit()]
    return words == said and (recognise(sample) is not None or bool(words))


def failure(head: Head) -> str | None:
    """What went wrong, where an answer says that it did."""
    if "statusCode" not in head and "errorCode" not in head:
        return None
    return word(head.get("message")) or word(head.get("error")) or "no reason given"


BARE = frozenset(IDS)

AUTH0 = Vocabulary(
    platform=Platform.AUTH0,
    name="Auth0",
    shapes={shape.name: shape for shape in SHAPES},
    guises=GUISES,
    lists=LISTS,
    singles={},
    placeless=frozenset(),
    plain=PLAIN,
    bare=BARE,
    recognise=recognise,
    claims=claims,
    failure=failure,
    afterwards=follow,
)
