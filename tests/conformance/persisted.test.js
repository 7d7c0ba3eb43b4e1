// Apollo's persisted queries: the text is sent once, by whoever asks first.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

import { headers, url } from "./gateway.js";

const TEXT = "query Persisted { experiments(first: 1) { totalCount } }";

/** A client, and what it sends. */
function persisting(options) {
  const sent = [];
  const spy = (address, init) => {
    sent.push({ method: init.method, sendsText: /"query"|query=/.test(`${address} ${init.body}`) });
    return fetch(address, init);
  };
  const sha256 = (text) => createHash("sha256").update(text).digest("hex");
  const link = new PersistedQueryLink({ sha256, ...options });
  const http = new HttpLink({ uri: url, headers, fetch: spy });
  const client = new ApolloClient({ cache: new InMemoryCache(), link: link.concat(http) });
  const ask = () => client.query({ query: gql(TEXT), fetchPolicy: "no-cache" });
  return { ask, sent, close: () => client.stop() };
}

test("a query that nobody has sent yet is sent after its hash, and later not at all", async () => {
  const { ask, sent, close } = persisting({});
  const { data } = await ask();
  assert.ok(data.experiments.totalCount > 0);
  assert.deepEqual(
    sent.map(({ sendsText }) => sendsText),
    [false, true],
  );
  await ask();
  assert.deepEqual(sent[2], { method: "POST", sendsText: false });
  close();
});

test("a hash can be sent by GET, which caches understand", async () => {
  const { ask, sent, close } = persisting({ useGETForHashedQueries: true });
  const { data } = await ask();
  assert.ok(data.experiments.totalCount > 0);
  assert.deepEqual(sent, [{ method: "GET", sendsText: false }]);
  close();
});
