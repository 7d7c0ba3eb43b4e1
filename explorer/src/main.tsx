import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "@graphiql/plugin-explorer/style.css";
import "./style.css";

import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";
import { KeyBar } from "./KeyBar";
import { headers, take } from "./key";
import { watched } from "./refusals";
import { tabs } from "./tabs";

const url = new URL("graphql", document.baseURI);
const socket = new URL(url);
socket.protocol = url.protocol.replace("http", "ws");

const fetcher = createGraphiQLFetcher({
  url: url.href,
  subscriptionUrl: socket.href, // the headers editor goes with it, when the socket is opened
  fetch: watched,
});
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
