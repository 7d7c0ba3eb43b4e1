// Apollo Client: queries and mutations over HTTP, subscriptions over a socket.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

import { headers, socket, url } from "../gateway.js";

export function apollo() {
  const sockets = createClient({
    url: socket,
    webSocketImpl: WebSocket,
    connectionParams: headers,
  });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(sockets),
      new HttpLink({ uri: url, headers }),
    ),
    defaultOptions: {
      query: { errorPolicy: "all", fetchPolicy: "no-cache" },
      mutate: { errorPolicy: "all", fetchPolicy: "no-cache" },
    },
  });
  const answer = ({ data, error }) => ({ data, errors: error?.errors });
  return {
    query: async (text, variables) => answer(await client.query({ query: gql(text), variables })),
    mutate: async (text, variables) =>
      answer(await client.mutate({ mutation: gql(text), variables })),
    follow: (text, variables, told) => {
      const changes = client.subscribe({ query: gql(text), variables });
      const subscription = changes.subscribe((change) => told(answer(change)));
      return () => subscription.unsubscribe();
    },
    close: async () => {
      client.stop();
      await sockets.dispose();
    },
  };
}
