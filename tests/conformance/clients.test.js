// What every client must be able to do: the same sentences for all of them.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { apollo } from "./clients/apollo.js";
import { graphqlRequest } from "./clients/graphql-request.js";
import { graphqlSse, graphqlWs } from "./clients/graphql-ws.js";
import { urqlWithEvents, urqlWithSockets } from "./clients/urql.js";
import {
  ADD_NOTE,
  CHANGES,
  EXPERIMENT,
  EXPERIMENTS,
  START,
  experimentThatIs,
  plainly,
} from "./gateway.js";

const CLIENTS = {
  "Apollo Client": apollo,
  "urql with sockets": urqlWithSockets,
  "urql with events": urqlWithEvents,
  "graphql-request": graphqlRequest,
  "graphql-ws": graphqlWs,
  "graphql-sse": graphqlSse,
};

/** The same without the names of types that some clients ask for beside. */
function bare(value) {
  if (Array.isArray(value)) return value.map(bare);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== "__typename")
      .map(([name, inner]) => [name, bare(inner)]),
  );
}

/** What is heard first; whether a client listens yet is not told, so that changes go on till then. */
function nextChange(client, id) {
  const input = { experiment: id, note: "Is anybody there?" };
  return new Promise((resolve) => {
    const talking = setInterval(() => plainly(ADD_NOTE, { input }), 200);
    const stop = client.follow(CHANGES, { id }, (change) => {
      clearInterval(talking);
      setImmediate(() => stop());
      resolve(change);
    });
  });
}

const codes = ({ errors }) => errors.map(({ extensions }) => extensions.code);

for (const [name, make] of Object.entries(CLIENTS)) {
  describe(name, () => {
    let client;
    before(() => (client = make()));
    after(() => client.close());

    test("gets the answer to a query as it was sent", async () => {
      const variables = { first: 3, where: { key: { contains: "e" } } };
      const { data, errors } = await client.query(EXPERIMENTS, variables);
      assert.equal(errors, undefined);
      assert.equal(data.experiments.nodes.length, 3);
      const expected = await plainly(EXPERIMENTS, variables);
      assert.deepEqual(bare(data), bare(expected.data));
    });

    test("makes a change by a mutation", async () => {
      const experiment = await experimentThatIs("RUNNING");
      const input = { experiment: experiment.id, note: `Written by ${name}` };
      const { data, errors } = await client.mutate(ADD_NOTE, { input });
      assert.equal(errors, undefined);
      assert.deepEqual(bare(data.addExperimentNote), {
        ok: true,
        errors: [],
        note: { note: input.note },
        experiment: { id: experiment.id },
      });
    });

    test("reads the facts of a refused mutation, which changed nothing", async () => {
      const { id } = await experimentThatIs("STOPPED");
      const { data, errors } = await client.mutate(START, { input: { id } });
      assert.equal(errors, undefined);
      assert.equal(data.startExperiment.ok, false);
      const [refusal] = data.startExperiment.errors;
      assert.equal(refusal.__typename, "InvalidTransition");
      assert.deepEqual(
        [refusal.code, refusal.action, refusal.from],
        ["INVALID_TRANSITION", "START", "STOPPED"],
      );
      const { data: still } = await plainly(EXPERIMENT, { id });
      assert.equal(still.experiment.phase, "STOPPED");
    });

    test("reads the code of an error in a field", async () => {
      const answer = await client.query(EXPERIMENT, { id: "no id" });
      assert.deepEqual(codes(answer), ["BAD_USER_INPUT"]);
      assert.deepEqual(bare(answer.data), { experiment: null });
    });

    test("reads the code of an error that keeps everything from running", async () => {
      const unknown = await client.query("query Unknown { experiments { nodes { nope } } }");
      assert.deepEqual(codes(unknown), ["GRAPHQL_VALIDATION_FAILED"]);
      const variable = await client.query(EXPERIMENTS, { first: "many" });
      assert.deepEqual(codes(variable), ["BAD_USER_INPUT"]);
    });

    if (name === "graphql-request") return; // it knows no subscriptions
    test("hears of a change by a subscription", { timeout: 20_000 }, async () => {
      const { id, key } = await experimentThatIs("RUNNING");
      const { data, errors } = await nextChange(client, id);
      assert.equal(errors, undefined);
      assert.deepEqual(bare(data.experimentChanged.experiment), { id, key });
      assert.ok(data.experimentChanged.cursor);
    });
  });
}
