// graphql-ws and graphql-sse, the reference clients of their protocols: all goes over a stream.
import { createClient as createEvents } from "graphql-sse";
import { createClient as createSockets } from "graphql-ws";
import WebSocket from "ws";

import { headers, socket, url } from "../gateway.js";

function streaming(client) {
  const ask = (query, variables) =>
    new Promise((resolve, reject) => {
      let answer;
      client.subscribe(
        { query, variables },
        {
          next: (value) => (answer = value),
          // What is refused before it runs comes as the errors themselves.
          error: (problem) =>
            Array.isArray(problem) ? resolve({ errors: problem }) : reject(problem),
          complete: () => resolve(answer),
        },
      );
    });
  return {
    query: ask,
    mutate: ask,
    follow: (query, variables, told) =>
      client.subscribe(
        { query, variables },
        { next: told, error: (errors) => told({ errors }), complete: () => {} },
      ),
    close: () => client.dispose(),
  };
}

export const graphqlWs = () =>
  streaming(createSockets({ url: socket, webSocketImpl: WebSocket, connectionParams: headers }));

export const graphqlSse = () => streaming(createEvents({ url, headers, retryAttempts: 0 }));
