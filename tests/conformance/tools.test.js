// What tools that read the schema make of it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
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

const run = promisify(execFile);
let folder;
before(async () => (folder = await mkdtemp(join(tmpdir(), "trialgraph-tools-"))));
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

test("graphql-codegen's client preset types every document", async () => {
  const documents = (await readdir(join(HERE, "documents"))).sort();
  const files = await generate(
    {
      schema: SCHEMA,
      documents: join(HERE, "documents", "*.graphql"),
      generates: { [join(folder, "graph/")]: { preset: "client", config: { strictScalars: false } } },
      silent: true,
    },
    false,
  );
  const types = files.find(({ filename }) => filename.endsWith("graphql.ts")).content;
  for (const name of documents) {
    const operation = parse(await readFile(join(HERE, "documents", name), "utf8")).definitions[0];
    assert.match(types, new RegExp(`export const ${operation.name.value}Document`));
  }
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
