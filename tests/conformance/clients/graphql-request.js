// graphql-request, which knows no subscriptions.
import { ClientError, GraphQLClient } from "graphql-request";

import { headers, url } from "../gateway.js";

export function graphqlRequest() {
  const client = new GraphQLClient(url, { headers, errorPolicy: "all" });
  const ask = async (text, variables) => {
    const refused = (problem) => {
      if (problem instanceof ClientError) return problem.response;
      throw problem;
    };
    const { data, errors } = await client.rawRequest(text, variables).catch(refused);
    return { data, errors };
  };
  return { query: ask, mutate: ask, close: () => {} };
}
