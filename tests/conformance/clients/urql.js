// urql: subscriptions as a stream of events in the same HTTP, or over a socket.
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import { subscribe } from "wonka";
import WebSocket from "ws";

import { headers, socket, url } from "../gateway.js";

function urql(exchanges, close, options = {}) {
  const client = new Client({
    url,
    exchanges,
    fetchOptions: { headers },
    preferGetMethod: false,
    ...options,
  });
  const answer = ({ data, error }) => ({ data, errors: error?.graphQLErrors });
  return {
    query: async (text, variables) => answer(await client.query(text, variables).toPromise()),
    mutate: async (text, variables) => answer(await client.mutation(text, variables).toPromise()),
    follow: (text, variables, told) => {
      const changes = client.subscription(text, variables);
      return subscribe((change) => told(answer(change)))(changes).unsubscribe;
    },
    close,
  };
}

export function urqlWithSockets() {
  const sockets = createClient({
    url: socket,
    webSocketImpl: WebSocket,
    connectionParams: headers,
  });
  const forwardSubscription = ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ query, variables }, sink) }),
  });
  return urql(
    [subscriptionExchange({ forwardSubscription }), fetchExchange],
    () => sockets.dispose(),
  );
}

export function urqlWithEvents() {
  return urql([fetchExchange], () => {}, { fetchSubscriptions: true });
}
