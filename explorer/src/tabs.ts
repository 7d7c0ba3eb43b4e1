/** The tabs that the explorer opens with: the queries of `examples/queries`. */

import { headers } from "./key";

const QUERIES = import.meta.glob<string>("../../examples/queries/*.graphql", {
  eager: true,
  query: "?raw",
  import: "default",
});
const VARIABLES = import.meta.glob<string>("../../examples/queries/*.json", {
  eager: true,
  query: "?raw",
  import: "default",
});

export const tabs = () =>
  Object.keys(QUERIES)
    .sort()
    .map((path) => ({
      query: QUERIES[path] ?? "",
      variables: VARIABLES[path.replace(/graphql$/, "json")] ?? "",
      headers: headers(),
    }));
