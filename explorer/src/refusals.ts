/** Why the gateway last refused the key, for whoever draws it. */

type Listener = () => void;

const listeners = new Set<Listener>();
let last: string | null = null;

export const refusal = (): string | null => last;

export function subscribe(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** `fetch` that keeps the message of a 401, and forgets it when the key is taken again. */
export const watched: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  last = response.status === 401 ? await reason(response.clone()) : null;
  for (const listener of listeners) listener();
  return response;
};

async function reason(response: Response): Promise<string> {
  try {
    return String((await response.json()).errors[0].message);
  } catch {
    return "The key was refused.";
  }
}
