// What tools that read the schema make of it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { generate } from "@graphql-codegen/cli";
import { ESLint } from "eslint";
import { OperationTypeNode, buildSchema, parse } from "graphql";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const SCHEMA = join(HERE, "..", "..", "schema", "schema.graphql");
const RELAY = join(HERE, "node_modules", ".bin", "relay-compiler");
const TSC = join(HERE, "node_modules", ".bin", "tsc");

const run = promisify(execFile);
let folder;
// Here, where what is generated finds the packages that it imports.
before(async () => (folder = await mkdtemp(join(HERE, "node_modules", ".tools-"))));
after(() => rm(folder, { recursive: true }));

test("graphql-js builds the schema that is committed", async () => {
  const schema = buildSchema(await readFile(SCHEMA, "utf8"));
  for (const kind of Object.values(OperationTypeNode)) assert.ok(schema.getRootType(kind));
});

test("relay-compiler compiles fragments, pages, refetching, a change and a subscription", async () => {
  const settings = join(folder, "relay.config.json");
  const compiled = join(folder, "compiled");
  await mkdir(compiled);
  const config = {
    src: join(HERE, "relay"),
    schema: SCHEMA,
    language: "javascript",
    artifactDirectory: compiled,
  };
  await writeFile(settings, JSON.stringify(config));
  await run(RELAY, [settings], { cwd: HERE });
  assert.deepEqual((await readdir(compiled)).sort(), [
    "BoardChangesSubscription.graphql.js",
    "BoardExperimentQuery.graphql.js",
    "BoardPageQuery.graphql.js",
    "BoardQuery.graphql.js",
    "BoardStartMutation.graphql.js",
    "Board_experiment.graphql.js",
    "Board_experiments.graphql.js",
  ]);
});

test("graphql-codegen's client preset types every document, and TypeScript believes it", async () => {
  const names = (await readdir(join(HERE, "documents"))).sort();
  const graph = join(folder, "graph/");
  await generate({
    schema: SCHEMA,
    documents: join(HERE, "documents", "*.graphql"),
    generates: { [graph]: { preset: "client" } },
    silent: true,
  });
  const types = await readFile(join(graph, "graphql.ts"), "utf8");
  for (const name of names) {
    const operation = parse(await readFile(join(HERE, "documents", name), "utf8")).definitions[0];
    assert.match(types, new RegExp(`export const ${operation.name.value}Document`));
  }
  await run(TSC, ["--noEmit", "--strict", "--skipLibCheck", join(graph, "graphql.ts")]);
});

test("graphql-eslint's rules for schemas and for Relay find nothing", async () => {
  const eslint = new ESLint({
    cwd: join(HERE, "..", ".."),
    overrideConfigFile: join(HERE, "eslint.config.js"),
  });
  const [{ messages }] = await eslint.lintFiles([SCHEMA]);
  assert.deepEqual(
    messages.map(({ line, ruleId, message }) => `${line}: ${message} (${ruleId})`),
    [],
  );
});
