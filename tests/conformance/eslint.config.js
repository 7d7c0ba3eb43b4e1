import { fileURLToPath } from "node:url";

import graphql from "@graphql-eslint/eslint-plugin";

const SCHEMA = fileURLToPath(new URL("../../schema/schema.graphql", import.meta.url));

const recommended = graphql.configs["flat/schema-recommended"].rules;
const relay = graphql.configs["flat/schema-relay"].rules;

/** A rule of a set as it is there, except for these options. */
function except(name, options) {
  const [level, given] = [recommended[name] ?? relay[name]].flat();
  return { [name]: [level, { ...given, ...options }] };
}

export default [
  {
    files: ["**/*.graphql"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: SCHEMA } },
    },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...recommended,
      ...relay,
      // Things have ids, as the interface Node makes sure; payloads, edges and details are values.
      "@graphql-eslint/strict-id-in-types": "off",
      // What belongs to one thing is a plain list, without pages; and allocations, results and
      // values of custom fields are parts without an id, though a long list of them has pages.
      ...except("@graphql-eslint/relay-edge-types", {
        listTypeCanWrapOnlyEdgeType: false,
        shouldImplementNode: false,
      }),
      // GraphQL's own directive, which Strawberry writes out for tools that do not know it yet.
      ...except("@graphql-eslint/require-description", {
        FieldDefinition: true,
        InputValueDefinition: true,
        EnumValueDefinition: true,
        ignoredSelectors: ["DirectiveDefinition[name.value=oneOf]"],
      }),
      // fileName, metricVersion, a Tag's tag: the words of the platforms, which their users know.
      "@graphql-eslint/no-typename-prefix": "off",
      ...except("@graphql-eslint/naming-convention", {
        "ObjectTypeDefinition,ObjectTypeExtension": { forbiddenPrefixes: ["Type"] },
        "ObjectTypeDefinition[name.value!=UnitType]": { forbiddenSuffixes: ["Type"] },
      }),
    },
  },
];
