"""One hand-written statement for each operation, whose JSON goes out as PostgreSQL wrote it.

No GraphQL is read here: the operation is told by its name. It is what a query can cost on this
stack when nothing but the database works for it.
"""

import os
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import orjson
import uvicorn

PERSON = "'id', u.id::text, 'firstName', u.first_name, 'lastName', u.last_name, 'email', u.email"

LINKED = """(select coalesce(json_agg(json_build_object({fields})
    order by l.position, {alias}.id), '[]'::json)
  from {link} l join "{table}" {alias} on {alias}.id = l.{table}_id where l.{near} = {parent})"""


def linked(link: str, table: str, fields: str, near: str, parent: str) -> str:
    alias = table[0]
    return LINKED.format(
        link=link, table=table, alias=alias, fields=fields, near=near, parent=parent
    )


TAG = "'id', t.id::text, 'tag', t.tag"
MEASURE = f"""json_build_object(
  'id', m.id::text, 'name', m.name, 'type', m.type, 'effect', m.effect,
  'createdAt', m.created_at,
  'goal', (select json_build_object('id', g.id::text, 'name', g.name)
           from goal g where g.id = m.goal_id),
  'owners', {linked("metric_owner", "user", PERSON, "metric_id", "m.id")},
  'tags', {linked("metric_tag", "tag", TAG, "metric_id", "m.id")})"""

SCALARS = """'id', e.id::text, 'key', e.key, 'name', e.name, 'phase', e.phase,
  'iteration', e.iteration, 'archived', e.archived, 'createdAt', e.created_at,
  'startedAt', e.started_at, 'percentageOfTraffic', e.percentage_of_traffic"""

TEAM = "'id', t.id::text, 'name', t.name"
WHOLE = f"""{SCALARS},
  'owners', {linked("experiment_owner", "user", PERSON, "experiment_id", "e.id")},
  'teams', {linked("experiment_team", "team", TEAM, "experiment_id", "e.id")},
  'tags', {linked("experiment_tag", "tag", TAG, "experiment_id", "e.id")},
  'variants', (select coalesce(json_agg(json_build_object('index', v.index, 'name', v.name,
      'weight', v.weight, 'isControl', v.is_control) order by v.index), '[]'::json)
    from variant v where v.experiment_id = e.id),
  'primaryMetric', (select {MEASURE} from metric m where m.id = e.primary_metric_id),
  'secondaryMetrics', (select coalesce(json_agg(json_build_object('role', l.role,
      'position', l.position, 'metric', {MEASURE}) order by l.role, l.position), '[]'::json)
    from experiment_metric l join metric m on m.id = l.metric_id where l.experiment_id = e.id)"""

PAGE = """select json_build_object('data', json_build_object('experiments', json_build_object(
  'nodes', coalesce(json_agg(json_build_object({fields}) order by e.id), '[]'::json))))::text
  from (select * from experiment where id > $1 order by id limit $2) e"""

STATEMENTS: dict[str, tuple[str, Any]] = {
    "List": (PAGE.format(fields=SCALARS), lambda said: (int(said.get("after") or 0), 50)),
    "Nested": (
        PAGE.format(fields=WHOLE),
        lambda said: (int(said.get("after") or 0), said.get("first", 50)),
    ),
    "One": (
        f"""select json_build_object('data', json_build_object('experiment',
        (select json_build_object({WHOLE}) from experiment e where e.id = $1)))::text""",
        lambda said: (int(said["id"]),),
    ),
    "Update": (
        """update experiment set description = $2, version = version + 1, updated_at = now()
        where id = $1 returning json_build_object('data', json_build_object('updateExperiment',
        json_build_object('experiment',
        json_build_object('id', id::text, 'description', description))))::text""",
        lambda said: (int(said["id"]), said["text"]),
    ),
}

HEADERS = [(b"content-type", b"application/json")]
pool: Any = None


async def app(scope: Any, receive: Any, send: Any) -> None:
    global pool  # noqa: PLW0603
    if scope["type"] == "lifespan":
        await receive()
        pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=10, max_size=10)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await pool.close()
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    asked = orjson.loads(body)
    statement, values = STATEMENTS[asked["operationName"]]
    answer = await pool.fetchval(statement, *values(asked["variables"]))
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": answer.encode()})


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
