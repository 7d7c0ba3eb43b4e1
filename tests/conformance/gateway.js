// The gateway that is tried, and what is asked of it.
import { readFileSync } from "node:fs";

export const url = process.env.TRIALGRAPH_URL;
export const socket = url.replace("http", "ws");
export const headers = { Authorization: `Api-Key ${process.env.TRIALGRAPH_KEY}` };

const read = (name) =>
  readFileSync(new URL(`documents/${name}.graphql`, import.meta.url), "utf8");

export const EXPERIMENTS = read("Experiments");
export const EXPERIMENT = read("Experiment");
export const ADD_NOTE = read("AddNote");
export const START = read("Start");
export const CHANGES = read("Changes");

/** The answer without any client between: what every client must come to as well. */
export async function plainly(query, variables) {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

/** An experiment in a phase. */
export async function experimentThatIs(phase) {
  const where = { phase: { eq: phase }, archived: { eq: false } };
  const { data } = await plainly(EXPERIMENTS, { first: 1, where });
  return data.experiments.nodes[0];
}
