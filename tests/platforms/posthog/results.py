"""Results: one query at a time, or those of a recalculation that is kept."""

from random import Random
from uuid import uuid4

from starlette.responses import Response

from tests.platforms.posthog.state import State
from tests.platforms.standin import Answer, Ask, Routed, Row, stamp


def _counts(row: Row, name: str) -> dict[str, int]:
    drawn = Random(f"{row['id']} {name}")  # noqa: S311  content, and no secret
    variants = row["feature_flag"]["filters"]["multivariate"]["variants"]
    return {each["key"]: drawn.randrange(200, 2000) for each in variants}


def result(row: Row, metric: Row) -> Row:
    """What ``ExperimentQuery`` says of a metric: the baseline, and every other variant."""
    counts = _counts(row, str(metric.get("uuid")))
    frequentist = (row["stats_config"] or {}).get("method") == "frequentist"
    baseline = "control" if "control" in counts else next(iter(counts))
    sides = {key: {"key": key, "number_of_samples": n, "sum": n / 4} for key, n in counts.items()}
    for side in sides.values():
        side |= {"sum_squares": side["sum"], "validation_failures": []}
    judged: Row = (
        {"method": "frequentist", "p_value": 0.04, "confidence_interval": [0.01, 0.09]}
        if frequentist
        else {"method": "bayesian", "chance_to_win": 0.97, "credible_interval": [0.01, 0.09]}
    )
    return {
        "kind": "ExperimentQuery",
        "metric": metric,
        "baseline": sides.pop(baseline),
        "variant_results": [{**side, **judged, "significant": True} for side in sides.values()],
    }


def query(here: State, ask: Ask) -> Response:
    """``POST /query/`` with an ExperimentQuery or an ExperimentExposureQuery."""
    said = ask.body.get("query") or {}
    row = here.find(here.experiments, said.get("experiment_id"))
    if row["start_date"] is None:
        raise here.invalid("Experiment has not been launched yet.")
    if said.get("kind") == "ExperimentQuery":
        return Answer(result(row, said.get("metric") or {}))
    if said.get("kind") != "ExperimentExposureQuery":
        raise here.invalid("Unknown kind of query", "query")
    counts = _counts(row, "exposures")
    day = row["start_date"][:10]
    lines = [{"variant": key, "days": [day], "exposure_counts": [n]} for key, n in counts.items()]
    return Answer(
        {
            "kind": "ExperimentExposureQuery",
            "total_exposures": counts,
            "timeseries": lines,
            "date_range": {"date_from": row["start_date"], "date_to": row["end_date"]},
        }
    )


def recalculate(here: State, ask: Ask) -> Response:
    """``POST /experiments/:id/metrics_recalculation/``, which is done at once."""
    row = here.experiment(ask)
    metrics = [*(row["metrics"] or []), *(row["metrics_secondary"] or [])]
    run = {
        "id": str(uuid4()),
        "experiment_id": row["id"],
        "status": "completed",
        "total_metrics": len(metrics),
        "completed_metrics": len(metrics),
        "failed_metrics": 0,
        "metric_errors": {},
        "metric_retries": {},
        "trigger": ask.body.get("trigger", "manual"),
        "rows_read": 0,
        "results": {metric.get("uuid"): result(row, metric) for metric in metrics},
        "query_to": stamp(),
        "active_run": None,
        "result_source": "recalculation",
    }
    here.recalculations[str(run["id"])] = run
    return Answer(run, 201)


def latest(here: State, ask: Ask) -> Response:
    """``GET /experiments/:id/metrics_recalculation/latest/``."""
    row = here.experiment(ask)
    runs = [run for run in here.recalculations.values() if run["experiment_id"] == row["id"]]
    if not runs:
        raise here.failed(404, "Not found.")
    return Answer(runs[-1])


def recalculation(here: State, ask: Ask) -> Response:
    """``GET /experiments/:id/metrics_recalculation/:run/``."""
    return Answer(here.find(here.recalculations, ask.path["run"]))


RUNS = "/experiments/{id:int}/metrics_recalculation"
ROUTES: list[Routed] = [
    ("POST", "/query", query),
    ("POST", RUNS, recalculate),
    ("GET", f"{RUNS}/latest", latest),
    ("GET", f"{RUNS}/{{run}}", recalculation),
]
