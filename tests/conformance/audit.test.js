// The audit of GraphQL over HTTP that graphql-http brings, one test for each of its rules.
import assert from "node:assert/strict";
import { test } from "node:test";

import { serverAudits } from "graphql-http";

import { headers, url } from "./gateway.js";

const audits = serverAudits({
  url,
  fetchFn: (address, init = {}) =>
    fetch(address, { ...init, headers: { ...init.headers, ...headers } }),
});

test("the audit has 61 rules", () => assert.equal(audits.length, 61));

for (const audit of audits) {
  test(`${audit.id} ${audit.name}`, async () => {
    const { status, reason } = await audit.fn();
    assert.equal(status, "ok", reason);
  });
}
