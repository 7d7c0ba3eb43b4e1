import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "@graphiql/plugin-explorer/style.css";
import "./style.css";

import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";
import { KeyBar } from "./KeyBar";
import { fetcher } from "./fetcher";
import { headers, take } from "./key";
import { tabs } from "./tabs";

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
