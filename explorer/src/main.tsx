import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "@graphiql/plugin-explorer/style.css";
import "./style.css";

import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { createGraphiQLFetcher, type Fetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";
import { KeyBar } from "./KeyBar";
import { authorization, headers, take } from "./key";
import { watched } from "./refusals";
import { tabs } from "./tabs";

const url = new URL("graphql", document.baseURI);
const socket = new URL(url);
socket.protocol = url.protocol.replace("http", "ws");

const send = createGraphiQLFetcher({
  url: url.href,
  subscriptionUrl: socket.href, // what is in the headers editor opens the socket
  fetch: watched,
});

/** GraphiQL asks for the schema before its headers editor is there. */
const fetcher: Fetcher = (asked, options) =>
  asked.operationName === "IntrospectionQuery" && !options?.headers
    ? send(asked, { ...options, headers: authorization() })
    : send(asked, options);

const plugins = [HISTORY_PLUGIN, explorerPlugin()];

take();
// An address that differs in its fragment only does not load the page again.
addEventListener("hashchange", () => take() && location.reload());

createRoot(document.getElementById("explorer") as HTMLElement).render(
  <>
    <KeyBar />
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      defaultTabs={tabs()}
      defaultHeaders={headers()}
      inputValueDeprecation
      // What is in the headers is a secret: it goes with this browser tab.
      storage={sessionStorage}
      shouldPersistHeaders
      showPersistHeadersSettings={false}
    >
      <GraphiQL.Logo>Trialgraph</GraphiQL.Logo>
    </GraphiQL>
  </>,
);
