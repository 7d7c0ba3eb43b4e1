"""The tables and statements of the staging place, in SQLite's SQL."""

TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16384;
CREATE TABLE thing (
    number INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, shape TEXT NOT NULL,
    model TEXT NOT NULL, external_id TEXT, owner TEXT NOT NULL, nature TEXT,
    said BLOB NOT NULL, lists TEXT NOT NULL, waited INTEGER NOT NULL,
    holder TEXT NOT NULL, list TEXT NOT NULL, rank INTEGER NOT NULL,
    merged_into INTEGER, row_id INTEGER, outcome TEXT
);
CREATE INDEX by_shape ON thing (shape, number);
CREATE INDEX by_nature ON thing (shape, owner, nature);
CREATE INDEX by_holder ON thing (shape, holder, list);
CREATE INDEX by_row ON thing (model, row_id);
CREATE TABLE elsewhere (model TEXT, row_id INTEGER, PRIMARY KEY (model, row_id));
CREATE TABLE family (one TEXT, other TEXT);
CREATE TABLE recalled (
    token TEXT PRIMARY KEY, row_id INTEGER, said TEXT, waits INTEGER NOT NULL DEFAULT 0
);
"""

FIND = """
SELECT token, said, waited, holder, list, rank FROM thing
WHERE token IN (SELECT value FROM json_each(?))
"""

KEEP = """
INSERT INTO thing (
    token, shape, model, external_id, owner, nature, said, lists, waited, holder, list, rank
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (token) DO UPDATE SET
    owner = excluded.owner, nature = excluded.nature, said = excluded.said,
    lists = excluded.lists, waited = excluded.waited,
    holder = excluded.holder, list = excluded.list, rank = excluded.rank
"""

TWINS = """
SELECT twin.number, twin.said, first.number FROM thing AS twin JOIN (
    SELECT number, owner, nature, row_number() OVER (
        PARTITION BY owner, nature ORDER BY external_id IS NULL, number
    ) AS place FROM thing WHERE shape = :shape AND nature IS NOT NULL
) AS first ON first.place = 1 AND first.owner = twin.owner AND first.nature = twin.nature
WHERE twin.shape = :shape AND twin.external_id IS NULL AND twin.number <> first.number
ORDER BY twin.number
"""

FOLLOW = """
UPDATE thing SET {column} = (
    SELECT first.token FROM thing AS twin JOIN thing AS first ON twin.merged_into = first.number
    WHERE twin.token = thing.{column}
)
WHERE shape = ? AND {column} IN (SELECT token FROM thing WHERE merged_into IS NOT NULL)
"""

OVERRULED = """
DELETE FROM thing WHERE shape = ?1 AND external_id IS NULL AND rank > (
    SELECT min(rank) FROM thing AS item
    WHERE item.shape = ?1 AND item.holder = thing.holder AND item.list = thing.list
)
"""
"""Nameless items of a list that a shallower copy of its holder says otherwise."""

NEXT = """
SELECT number, token, external_id, owner, said, waited, row_id, outcome FROM thing
WHERE shape = :shape AND merged_into IS NULL AND (external_id IS NULL) = :nameless
    AND number > :last AND (:outcome IS NULL OR outcome = :outcome)
ORDER BY number LIMIT :limit
"""

PLACES = """
SELECT asked.token, coalesce(first.row_id, asked.row_id), coalesce(first.lists, asked.lists)
FROM thing AS asked LEFT JOIN thing AS first ON asked.merged_into = first.number
WHERE asked.token IN (SELECT value FROM json_each(?))
"""

FRESH = """
SELECT value FROM json_each(:rows) WHERE value NOT IN (
    SELECT row_id FROM thing WHERE model = :model AND row_id IN (SELECT value FROM json_each(:rows))
        AND outcome IN ('created', 'updated')
    UNION SELECT row_id FROM elsewhere WHERE model = :model
)
"""

UPDATED = """
UPDATE thing SET outcome = 'updated' WHERE model = :model AND outcome = 'unchanged'
    AND row_id IN (SELECT value FROM json_each(:rows))
"""

ELSEWHERE = """
INSERT INTO elsewhere SELECT :model, value FROM json_each(:rows)
WHERE value NOT IN (SELECT row_id FROM thing WHERE model = :model AND row_id IS NOT NULL)
"""
