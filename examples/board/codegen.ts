import type { CodegenConfig } from "@graphql-codegen/cli";

// Types and documents of src/*.graphql, checked against the schema: what does not fit ends the build.
const config: CodegenConfig = {
  schema: "../../schema/schema.graphql",
  documents: "src/*.graphql",
  generates: {
    "src/graph.ts": {
      plugins: ["typescript-operations", "typed-document-node"],
      config: {
        enumType: "string-literal",
        scalars: {
          ID: "string",
          DateTime: "string",
          Decimal: "string",
          BigInt: "number",
          JSON: "unknown",
        },
        useTypeImports: true,
        dedupeFragments: true,
        documentMode: "string",
        strictScalars: true,
      },
    },
  },
};

export default config;
