// A gateway that runs the documents of a manifest, and nothing else, in whatever way it is asked.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";

import { createClient as createEvents } from "graphql-sse";
import { createClient as createSockets } from "graphql-ws";
import WebSocket from "ws";

import { CHANGES, EXPERIMENTS, headers, socket, url } from "./gateway.js";

const OTHER = "subscription Other { events { cursor } }";

// The protocol of sockets knows no message without a query.
const named = (text, variables) => ({
  query: "",
  documentId: `sha256:${createHash("sha256").update(text).digest("hex")}`,
  variables,
});

async function post(request) {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify(request),
  });
  return response.json();
}

const codes = (errors) => errors.map(({ extensions }) => extensions.code);

/** The first thing that a subscription says, be it a value or why there is none. */
function first(client, request) {
  return new Promise((resolve) => {
    const stop = client.subscribe(request, {
      next: (value) => (resolve(value), setImmediate(() => stop())),
      error: (errors) => resolve({ errors }),
      complete: () => {},
    });
  });
}

const streams = {
  "a socket": createSockets({ url: socket, webSocketImpl: WebSocket, connectionParams: headers }),
  "events": createEvents({ url, headers, retryAttempts: 0 }),
};
after(() => Promise.all(Object.values(streams).map((client) => client.dispose())));

let experiment;
before(async () => {
  const { data } = await post(named(EXPERIMENTS, { first: 1 }));
  experiment = data.experiments.nodes[0];
});

test("a document of the manifest is run by its hash", () => assert.ok(experiment.id));

test("a text is not run, even if it is in the manifest", async () => {
  assert.deepEqual(codes((await post({ query: OTHER })).errors), ["FORBIDDEN"]);
  const listed = await post({ query: EXPERIMENTS, variables: { first: 1 } });
  assert.deepEqual(codes(listed.errors), ["FORBIDDEN"]);
});

for (const [name, client] of Object.entries(streams)) {
  test(`over ${name} a subscription of the manifest is run by its hash`, async () => {
    // An experiment that is not there is told at once, by what the subscription runs.
    const { errors } = await first(client, named(CHANGES, { id: "no id" }));
    assert.deepEqual(codes(errors), ["BAD_USER_INPUT"]);
  });

  test(`over ${name} nothing else is run`, async () => {
    const { errors } = await first(client, named(OTHER));
    assert.deepEqual(codes(errors), ["PERSISTED_QUERY_NOT_FOUND"]);
  });
}
