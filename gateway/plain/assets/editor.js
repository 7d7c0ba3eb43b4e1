const KEY = "trialgraph.key";
const [editor, key, query, variables, answer, examples] = [
  "editor",
  "key",
  "query",
  "variables",
  "answer",
  "examples",
].map((id) => document.getElementById(id));

// A key in the address is for this tab alone: kept until it is closed, and taken out of sight, out
// of the history and out of what is copied from the address bar. A form's "+" is a space, a key's
// is a plus.
function takeKey() {
  const fragment = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"));
  const given = fragment.get("key")?.trim();
  if (given) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  key.value = sessionStorage.getItem(KEY) ?? "";
}

function choose(example) {
  query.value = example.textContent;
  variables.value = example.dataset.variables;
}

function authorization() {
  const given = key.value.trim();
  if (given) sessionStorage.setItem(KEY, given);
  else sessionStorage.removeItem(KEY);
  return given ? { Authorization: `Api-Key ${given}` } : {};
}

async function ask() {
  const written = variables.value.trim();
  const response = await fetch(new URL("graphql", document.baseURI), {
    method: "POST",
    headers: { "Content-Type": "application/json", ...authorization() },
    body: JSON.stringify({ query: query.value, variables: written ? JSON.parse(written) : {} }),
  });
  return JSON.stringify(await response.json(), null, 2);
}

async function run(event) {
  event.preventDefault();
  answer.textContent = "…";
  try {
    answer.textContent = await ask();
  } catch (error) {
    const what = error instanceof SyntaxError ? "No JSON" : "The gateway did not answer";
    answer.textContent = `${what}: ${error.message}`;
  }
}

for (const example of examples.children) {
  example.tabIndex = 0;
  example.title = "Put it into the editor";
  const chosen = () => {
    choose(example);
    query.focus();
    query.setSelectionRange(0, 0);
    query.scrollTop = 0;
  };
  example.addEventListener("click", chosen);
  example.addEventListener("keydown", (event) => event.key === "Enter" && chosen());
}
addEventListener("hashchange", takeKey);
editor.addEventListener("submit", run);
takeKey();
choose(examples.children[0]);
editor.hidden = false;
