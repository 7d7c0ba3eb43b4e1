"""Feature flags with their variations, and the token that everything is asked with."""

from collections.abc import Mapping

from starlette.responses import Response

from tests.platforms.auth0 import checks
from tests.platforms.auth0.state import State, said
from tests.platforms.standin import Answer, Ask, Routed, Row, stamp

LEGAL = frozenset({("draft", "active"), ("draft", "archived"), ("active", "archived")})
STATUS = checks.chosen("active", "archived")
FLAG: Mapping[str, checks.Check] = {**checks.NAMED, "parameters": checks.parameters}
VARIATION: Mapping[str, checks.Check] = {**checks.NAMED, "overrides": checks.overrides}


def listed(here: State, ask: Ask) -> Response:
    """``GET /feature-flags``."""
    test = here.queried(ask, "type", "status")
    return here.page(ask, "feature_flags", filter(test, here.feature_flags.values()), said)


def one(here: State, ask: Ask) -> Response:
    """``GET /feature-flags/:id``."""
    return Answer(said(here.find(here.feature_flags, ask.path["id"])))


def new_flag(here: State, fields: Row) -> Row:
    """A draft of what was said; it is kept."""
    row = {
        "id": here.identity("flg"),
        "description": None,
        "type": "self",
        "status": "draft",
        "created_at": stamp(),
        "updated_at": stamp(),
        **fields,
    }
    here.feature_flags[row["id"]] = row
    return row


def make(here: State, ask: Ask) -> Response:
    """``POST /feature-flags``."""
    fields = checks.body(here, ask.body, FLAG, ("name", "parameters"))
    here.unique(here.feature_flags.values(), fields["name"])
    return Answer(said(new_flag(here, fields)), 201)


def _own(here: State, ask: Ask) -> Row:
    row = here.find(here.feature_flags, ask.path["id"])
    if row["type"] == "auth0":
        raise here.refuse(403, "The feature flag is managed by Auth0 and read-only.")
    return row


def _move(here: State, row: Row, target: str) -> None:
    if (row["status"], target) not in LEGAL:
        raise here.refuse(400, f"Transition from {row['status']} to {target} is not allowed")
    variations = [each for each in here.variations.values() if each["feature_flag_id"] == row["id"]]
    if target == "active" and len(variations) < 2:
        raise here.refuse(400, "A feature flag needs at least 2 variations to be active")
    row["status"] = target


def edit(here: State, ask: Ask) -> Response:
    """``PATCH /feature-flags/:id``; in generation 2 with the status, all of it or nothing."""
    row = _own(here, ask)
    more = {"status": STATUS} if here.newer else {}
    fields = checks.body(here, ask.body, {**FLAG, **more})
    if "name" in fields:
        here.unique(here.feature_flags.values(), fields["name"], row)
    changed = {**row, **fields, "status": row["status"]}
    if "status" in fields:
        _move(here, changed, fields["status"])
    row.update(changed, updated_at=stamp())
    return Answer(said(row))


def transition(here: State, ask: Ask) -> Response:
    """``POST /feature-flags/:id/status`` of the first generation."""
    row = here.find(here.feature_flags, ask.path["id"])
    fields = checks.body(here, ask.body, {"status": STATUS}, ("status",))
    _move(here, row, fields["status"])
    row["updated_at"] = stamp()
    return Answer(said(row))


def _used(here: State, name: str, key: str) -> bool:
    return any(
        row["status"] != "archived"
        and (row.get(name) == key or any(each.get(name) == key for each in row["allocations"]))
        for row in here.experiments.values()
    )


def unused(here: State, name: str, key: str) -> None:
    """Whether no experiment stands on a thing. Raises Refused with 409."""
    if _used(here, name, key):
        raise here.refuse(409, "The resource is used by an experiment that is not archived.")


def delete(here: State, ask: Ask) -> Response:
    """``DELETE /feature-flags/:id``: its variations go with it."""
    if ask.path["id"] not in here.feature_flags:
        return Response(status_code=204)
    row = _own(here, ask)
    unused(here, "feature_flag_id", row["id"])
    del here.feature_flags[row["id"]]
    for key in [k for k, v in here.variations.items() if v["feature_flag_id"] == row["id"]]:
        del here.variations[key]
    return Response(status_code=204)


# --- Variations


def _of_flag(here: State, ask: Ask) -> list[Row]:
    flag = here.find(here.feature_flags, ask.path["id"])
    return [row for row in here.variations.values() if row["feature_flag_id"] == flag["id"]]


def variations(here: State, ask: Ask) -> Response:
    """``GET /feature-flags/:id/variations``, all of them."""
    return Answer({"variations": [said(row) for row in _of_flag(here, ask)]})


def _variation(here: State, ask: Ask) -> Row:
    row = here.find(here.variations, ask.path["variation"])
    if row not in _of_flag(here, ask):
        raise here.refuse(404, "The resource does not exist.", "inexistent_resource")
    return row


def variation(here: State, ask: Ask) -> Response:
    """``GET /feature-flags/:id/variations/:variation``."""
    return Answer(said(_variation(here, ask)))


def _overrides(here: State, flag: Row, overrides: Row) -> None:
    known = flag["parameters"]
    for key, each in overrides.items():
        if key not in known:
            raise here.refuse(400, f"{key} is no parameter of the feature flag")
        if not checks.of_kind(known[key]["type"], each["value"]):
            raise here.refuse(400, f"The override of {key} is of another type")
        if each["value"] == known[key]["value"]:
            raise here.refuse(400, f"The override of {key} is its default")


def new_variation(here: State, flag: Row, fields: Row) -> Row:
    """A variation of a flag; it is kept."""
    row = {
        "id": here.identity("var"),
        "feature_flag_id": flag["id"],
        "description": None,
        "created_at": stamp(),
        "updated_at": stamp(),
        **fields,
    }
    here.variations[row["id"]] = row
    return row


def make_variation(here: State, ask: Ask) -> Response:
    """``POST /feature-flags/:id/variations``."""
    flag = here.find(here.feature_flags, ask.path["id"])
    fields = checks.body(here, ask.body, VARIATION, ("name", "overrides"))
    _overrides(here, flag, fields["overrides"])
    here.unique(_of_flag(here, ask), fields["name"])
    return Answer(said(new_variation(here, flag, fields)), 201)


def edit_variation(here: State, ask: Ask) -> Response:
    """``PATCH /feature-flags/:id/variations/:variation``."""
    row = _variation(here, ask)
    fields = checks.body(here, ask.body, VARIATION)
    _overrides(here, here.feature_flags[row["feature_flag_id"]], fields.get("overrides", {}))
    if "name" in fields:
        here.unique(_of_flag(here, ask), fields["name"], row)
    row.update(fields, updated_at=stamp())
    return Answer(said(row))


def delete_variation(here: State, ask: Ask) -> Response:
    """``DELETE /feature-flags/:id/variations/:variation``, but not the last one."""
    rows = _of_flag(here, ask)
    row = here.variations.get(ask.path["variation"])
    if row is None or row not in rows:
        return Response(status_code=204)
    if len(rows) == 1:
        raise here.refuse(400, "The last variation of a feature flag cannot be deleted")
    unused(here, "variation_id", row["id"])
    del here.variations[row["id"]]
    return Response(status_code=204)


# --- The token


def token(here: State, ask: Ask) -> Response:
    """``POST /oauth/token``: client credentials buy a token, and the one before is over."""
    wanted = {
        "grant_type": "client_credentials",
        "client_id": here.client_id,
        "client_secret": here.client_secret,
    }
    if any(ask.body.get(name) != value for name, value in wanted.items()):
        return Answer({"error": "access_denied", "error_description": "Unauthorized"}, 401)
    here.expire_token()
    here.tokens += 1
    here.token = f"mgmt-token-of-the-stand-in-{here.tokens}"
    scope = "read:experimentation create:experimentation update:experimentation"
    body = {"access_token": here.token, "token_type": "Bearer", "expires_in": 86400}
    return Answer({**body, "scope": f"{scope} delete:experimentation"})


BASE = "/api/v2/experimentation/feature-flags"
ONE, VARIATIONS = f"{BASE}/{{id}}", f"{BASE}/{{id}}/variations"
ROUTES: list[Routed] = [
    ("POST", "/oauth/token", token),
    ("GET", BASE, listed),
    ("POST", BASE, make),
    ("GET", ONE, one),
    ("PATCH", ONE, edit),
    ("DELETE", ONE, delete),
    ("GET", VARIATIONS, variations),
    ("POST", VARIATIONS, make_variation),
    ("GET", f"{VARIATIONS}/{{variation}}", variation),
    ("PATCH", f"{VARIATIONS}/{{variation}}", edit_variation),
    ("DELETE", f"{VARIATIONS}/{{variation}}", delete_variation),
]
OLDER: list[Routed] = [("POST", f"{ONE}/status", transition)]
