"""From PostHog's objects to what their shapes read: pure functions that take anything.

Keys with an @ are made here. What an object says stays as it is beside them, for the details.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from connectors.payloads.looking import objects, part, tried, word, words
from connectors.payloads.shapes import Object
from connectors.payloads.values import json_text, number, number_above_zero, whole_64
from connectors.posthog.metrics import metric, shared
from models.experiment import MetricRole
from models.split import Split

CONTROL = "control"
ROLES = {"primary": MetricRole.PRIMARY, "secondary": MetricRole.SECONDARY}
LISTS = {MetricRole.PRIMARY: "metrics", MetricRole.SECONDARY: "metrics_secondary"}
ORDERS = {
    MetricRole.PRIMARY: "primary_metrics_ordered_uuids",
    MetricRole.SECONDARY: "secondary_metrics_ordered_uuids",
}
PLANNED = ("running_time_calculation", "parameters")
"""Where an experiment says what it is planned from; once it was among the parameters."""

RESOURCES = {"experiment": "@experiment_id", "feature_flag": "@flag_id"}
"""What a change request is about, and where we say it."""

DURATION = re.compile(r"(?:(\d{1,5}) )?(\d{1,2}):\d{2}:\d{2}(?:\.\d+)?")
DAY = 24


def experiment(value: Object) -> Object:
    """An experiment: its key, arms, plan, metrics and tags."""
    flag = part(value, "feature_flag")
    made: dict[str, Any] = {
        "@key": word(value.get("feature_flag_key")) or word(flag.get("key")),
        "type": value.get("type") or None,
        **_arms(value),
        **_plan(value),
        **_measured(value),
    }
    if made["@key"] is None:
        del made["@key"]
    if "type" not in value:
        del made["type"]
    if "multivariate" in part(flag, "filters"):
        made["@flag_variants"] = part(flag, "filters", "multivariate").get("variants")
    if isinstance(value.get("tags"), list):
        made["@tags"] = [{"tag": {"tag": tag}} for tag in words(value["tags"])]
    return {**value, **made}


def _arms(value: Object) -> dict[str, Any]:
    """The variants: those of the parameters, else those of the flag."""
    flag = part(value, "feature_flag", "filters")
    parameters = part(value, "parameters")
    listed = objects(parameters.get("feature_flag_variants"))
    listed = listed or objects(part(flag, "multivariate").get("variants"))
    if not listed:
        return {}
    payloads = {**part(flag, "payloads"), **part(parameters, "feature_flag_payloads")}
    weights: dict[str, float | None] = {}
    for variant in listed:
        if key := word(variant.get("key")):
            weights.setdefault(key, _weight(variant))
    baseline = _baseline(value, list(weights))
    return {
        "@variants": [
            {
                **variant,
                "weight": _weight(variant),
                "is_control": key == baseline,
                **({"config": tried(json_text, payloads[key])} if key in payloads else {}),
            }
            for key, variant in ((word(each.get("key")), each) for each in listed)
        ],
        "@variant_keys": list(weights),
        "@variant_count": len(weights),
        "@percentages": Split(dict(enumerate(weights.values()))).percentages,
    }


def _weight(variant: Object) -> Any:
    said = (tried(number, variant.get(key)) for key in ("split_percent", "rollout_percentage"))
    return next((share for share in said if share is not None), None)


def _baseline(value: Object, keys: Sequence[str]) -> str | None:
    """What others are compared with: what the settings say, else the control, else the first."""
    wanted = (part(value, "stats_config").get("baseline_variant_key"), CONTROL, *keys)
    return next((key for key in wanted if key in keys), None)


def _plan(value: Object) -> dict[str, Any]:
    """The share of users who take part, and what the length is planned from."""
    planned = [part(value, key) for key in PLANNED]
    sizes = (tried(whole_64, each.get("recommended_sample_size")) for each in planned)
    size = next(filter(None, sizes), None)
    made = _said("@detectable", planned, "minimum_detectable_effect")
    made |= {"@sample_size": {"required_sample_size": size}} if size else {}
    groups = objects(part(value, "feature_flag", "filters").get("groups"))
    shares = [part(value, "parameters"), *(groups if len(groups) == 1 else [])]
    return made | _said("@traffic", shares, "rollout_percentage")


def _said(name: str, among: Sequence[Object], key: str) -> dict[str, Any]:
    """What the first of several objects says under a key, under a name of ours."""
    found = next((each[key] for each in among if each.get(key) is not None), None)
    return {} if found is None else {name: found}


def _measured(value: Object) -> dict[str, Any]:
    """The metrics: the first primary one, and the others with their roles."""
    scope = tried(number_above_zero, value.get("id")) or word(value.get("feature_flag_key")) or ""
    links = [_link(item) for item in objects(value.get("saved_metrics"))]
    ranked = {role: _ranked(value, role, scope, links) for role in LISTS}
    primary: list[Object | None] = [*ranked[MetricRole.PRIMARY]] or [None]
    first, *further = primary
    rows = [
        {"metric": each, "role": role, "position": position}
        for role, metrics in ((MetricRole.PRIMARY, [None, *further]),
                              (MetricRole.SECONDARY, ranked[MetricRole.SECONDARY]))
        for position, each in enumerate(metrics)
        if each is not None
    ]  # fmt: skip
    made: dict[str, Any] = {}
    if "metrics" in value:
        made["@primary_metric"] = first
    said = {*LISTS.values(), "saved_metrics"} & value.keys()
    if said:
        made["@metrics" if said == {*LISTS.values(), "saved_metrics"} else "@more_metrics"] = rows
    if isinstance(value.get("saved_metrics"), list):
        made["@saved_metrics"] = links
    return made


def _link(item: Object) -> Object:
    """The use of a saved metric by an experiment."""
    role = ROLES.get(str(part(item, "metadata").get("type")).lower(), MetricRole.SECONDARY)
    known = {key: item[key] for key in ("name", "query") if key in item}
    saved = {"id": item.get("saved_metric"), **known}
    rest = {key: said for key, said in item.items() if key not in known}
    return {**rest, "saved_metric_id": item.get("saved_metric"), "saved_metric": saved,
            "role": role}  # fmt: skip


def _ranked(value: Object, role: MetricRole, scope: str, links: Sequence[Object]) -> list[Object]:
    """The metrics of a role in their order: those of the experiment, and those that it shares."""
    inline = objects(value.get(LISTS[role]))
    queries = [(link["saved_metric"], part(link, "saved_metric", "query")) for link in links
               if link["role"] is role]  # fmt: skip
    found = [(each.get("uuid"), metric(each, scope)) for each in inline]
    found += [(query.get("uuid"), _shared(saved)) for saved, query in queries if query]
    order = {uuid: place for place, uuid in enumerate(words(value.get(ORDERS[role])))}
    known = [(order.get(uuid, len(order)) if isinstance(uuid, str) else len(order), each)
             for uuid, each in found]  # fmt: skip
    return [each for _, each in sorted(known, key=lambda both: both[0])]


def _shared(value: Object) -> Object:
    name, about = word(value.get("name")), value.get("description")
    said = shared(part(value, "query"), tried(number_above_zero, value.get("id")))
    return {**said, **({"name": name} if name else {}), **({"description": about} if about else {})}


def saved_metric(value: Object) -> Object:
    """A saved metric, and the metric that it is."""
    return {**value, "@metric": _shared(value)} if part(value, "query") else value


def holdout(value: Object) -> Object:
    """A holdout, and the share that its first filter leaves out."""
    filters = objects(value.get("filters"))
    return {**value, "@excluded": filters[0].get("rollout_percentage")} if filters else value


def change_request(value: Object) -> Object:
    """A change request: what it is about, how many must agree, and why it failed."""
    about = RESOURCES.get(str(value.get("resource_type")))
    snapshot = part(value, "policy_snapshot")
    made: dict[str, Any] = {about: value.get("resource_id")} if about else {}
    made |= {f"@{key}": snapshot[key] for key in ("quorum", "allow_self_approve")
             if snapshot.get(key) is not None}  # fmt: skip
    reason = next(_reasons(value), None)
    return {**value, **made, **({"@reason": reason} if reason else {})}


def _reasons(value: Object) -> Iterator[str]:
    error = word(value.get("apply_error"))
    if error:
        yield error
    for vote in objects(value.get("approvals")):
        if str(vote.get("decision")).lower() == "rejected" and word(vote.get("reason")):
            yield vote["reason"]


def approval_policy(value: Object) -> Object:
    """An approval policy: how many must agree, and after how many hours its requests expire."""
    made = _said("@quorum", [part(value, "approver_config")], "quorum")
    said = value.get("expires_after")
    found = DURATION.fullmatch(said) if isinstance(said, str) else None
    if found is not None:
        days, hours = found.groups()
        made["@expires_after_hours"] = int(days or 0) * DAY + int(hours)
    return {**value, **made}
