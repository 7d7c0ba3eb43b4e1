// The part of the graph that the benchmark asks for, over the gateway's own tables: a schema, and
// one statement for each edge, which answers all parents at once.

import DataLoader from 'dataloader';
import { GraphQLScalarType } from 'graphql';
import pg from 'pg';

export const pool = new pg.Pool({ max: 10 });

export const typeDefs = /* GraphQL */ `
  scalar DateTime
  type Query {
    experiments(first: Int! = 25, after: String): Experiments!
    experiment(id: ID!): Experiment
  }
  type Mutation {
    updateExperiment(input: UpdateExperimentInput!): UpdateExperimentPayload
  }
  input UpdateExperimentInput { id: ID! description: String }
  type UpdateExperimentPayload { experiment: Experiment }
  type Experiments { nodes: [Experiment!]! }
  type Experiment {
    id: ID!
    key: String!
    name: String!
    description: String
    phase: String!
    iteration: Int!
    archived: Boolean!
    createdAt: DateTime
    startedAt: DateTime
    percentageOfTraffic: Float
    owners: [User!]!
    teams: [Team!]!
    tags: [Tag!]!
    variants: [Variant!]!
    primaryMetric: Metric
    secondaryMetrics: [ExperimentMetric!]!
  }
  type ExperimentMetric { role: String! position: Int! metric: Metric }
  type Metric {
    id: ID!
    name: String!
    type: String!
    effect: String!
    createdAt: DateTime
    goal: Goal
    owners: [User!]!
    tags: [Tag!]!
  }
  type Goal { id: ID! name: String! }
  type User { id: ID! firstName: String lastName: String email: String }
  type Team { id: ID! name: String! }
  type Tag { id: ID! tag: String! }
  type Variant { index: Int! name: String weight: Float isControl: Boolean! }
`;

const EXPERIMENT = `id, key, name, description, phase, iteration, archived,
  created_at as "createdAt", started_at as "startedAt",
  percentage_of_traffic as "percentageOfTraffic", primary_metric_id as "primaryMetricId"`;
const USER = `u.id, u.first_name as "firstName", u.last_name as "lastName", u.email`;

// Statements are prepared once for each connection, by their name.
const run = async (name, text, values) => (await pool.query({ name, text, values })).rows;

const one = (name, text) => async (ids) => {
  const found = new Map((await run(name, text, [ids])).map((row) => [row.id, row]));
  return ids.map((id) => found.get(id) ?? null);
};

const many = (name, text) => async (ids) => {
  const found = new Map(ids.map((id) => [id, []]));
  for (const row of await run(name, text, [ids])) found.get(row.parent).push(row);
  return ids.map((id) => found.get(id));
};

const BATCHES = {
  metric: one(
    'metric',
    `select id, name, type, effect, created_at as "createdAt", goal_id as "goalId"
     from metric where id = any($1)`,
  ),
  goal: one('goal', 'select id, name from goal where id = any($1)'),
  owners: many(
    'owners',
    `select l.experiment_id as parent, ${USER} from experiment_owner l
     join "user" u on u.id = l.user_id where l.experiment_id = any($1) order by l.position, u.id`,
  ),
  teams: many(
    'teams',
    `select l.experiment_id as parent, t.id, t.name from experiment_team l
     join team t on t.id = l.team_id where l.experiment_id = any($1) order by l.position, t.id`,
  ),
  tags: many(
    'tags',
    `select l.experiment_id as parent, t.id, t.tag from experiment_tag l
     join tag t on t.id = l.tag_id where l.experiment_id = any($1) order by l.position, t.id`,
  ),
  variants: many(
    'variants',
    `select experiment_id as parent, index, name, weight, is_control as "isControl"
     from variant where experiment_id = any($1) order by index`,
  ),
  secondaryMetrics: many(
    'secondaryMetrics',
    `select experiment_id as parent, metric_id as "metricId", role, position
     from experiment_metric where experiment_id = any($1) order by role, position, metric_id`,
  ),
  metricOwners: many(
    'metricOwners',
    `select l.metric_id as parent, ${USER} from metric_owner l
     join "user" u on u.id = l.user_id where l.metric_id = any($1) order by l.position, u.id`,
  ),
  metricTags: many(
    'metricTags',
    `select l.metric_id as parent, t.id, t.tag from metric_tag l
     join tag t on t.id = l.tag_id where l.metric_id = any($1) order by l.position, t.id`,
  ),
};

/** The context of one request. */
export const loaders = () =>
  Object.fromEntries(Object.entries(BATCHES).map(([name, batch]) => [name, new DataLoader(batch)]));

const edge = (name, key = 'id') => (parent, _, context) =>
  parent[key] === null ? null : context[name].load(parent[key]);

export const resolvers = {
  DateTime: new GraphQLScalarType({ name: 'DateTime', serialize: (moment) => moment.toISOString() }),
  Query: {
    experiments: async (_, { first, after }) => ({
      nodes: await run(
        'experiments',
        `select ${EXPERIMENT} from experiment where id > $1 order by id limit $2`,
        [after ?? 0, first],
      ),
    }),
    experiment: async (_, { id }) =>
      (await run('experiment', `select ${EXPERIMENT} from experiment where id = $1`, [id]))[0],
  },
  Mutation: {
    updateExperiment: async (_, { input: { id, description } }) => ({
      experiment: (
        await run(
          'update',
          `update experiment set description = $2, version = version + 1, updated_at = now()
           where id = $1 returning ${EXPERIMENT}`,
          [id, description],
        )
      )[0],
    }),
  },
  Experiment: {
    owners: edge('owners'),
    teams: edge('teams'),
    tags: edge('tags'),
    variants: edge('variants'),
    primaryMetric: edge('metric', 'primaryMetricId'),
    secondaryMetrics: edge('secondaryMetrics'),
  },
  ExperimentMetric: { metric: edge('metric', 'metricId') },
  Metric: {
    goal: edge('goal', 'goalId'),
    owners: edge('metricOwners'),
    tags: edge('metricTags'),
  },
};
