/** How GraphiQL asks the gateway: over HTTP, and over a WebSocket where answers go on. */

import { createGraphiQLFetcher, type Fetcher } from "@graphiql/toolkit";
import { type DocumentNode, Kind, parse } from "graphql";
import { authorization } from "./key";
import { watched } from "./refusals";

const url = new URL("graphql", document.baseURI);
const socket = new URL(url);
socket.protocol = url.protocol.replace("http", "ws");

const send = createGraphiQLFetcher({
  url: url.href,
  subscriptionUrl: socket.href, // what is in the headers editor opens the socket
  fetch: watched,
});

export const fetcher: Fetcher = (asked, options) => {
  // GraphiQL asks for the schema before its headers editor is there.
  if (asked.operationName === "IntrospectionQuery" && !options?.headers)
    return send(asked, { ...options, headers: authorization() });

  // After a change of the tab it knows of the other tab's operations for a moment longer.
  const read = parsed(asked.query);
  if (read === undefined) return send(asked, options);
  const names = named(read);
  const operationName = names.length === 1 ? names[0] : asked.operationName;
  return send({ ...asked, operationName }, { ...options, documentAST: read });
};

function parsed(query: string): DocumentNode | undefined {
  try {
    return parse(query);
  } catch {
    return undefined; // the gateway says what is wrong with it, and where
  }
}

const named = (read: DocumentNode) =>
  read.definitions
    .filter((node) => node.kind === Kind.OPERATION_DEFINITION)
    .map((node) => node.name?.value);
