// Asking the service: with a key where it wants one, and reading answers that come piece by piece.
const KEY = "dragoman.key";

/** What the service said in place of an answer: a problem document (RFC 9457). */
export class ProblemError extends Error {
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** The key of this tab: it is forgotten when the tab is closed. */
export const key = {
  get: () => sessionStorage.getItem(KEY),
  set: (value) => sessionStorage.setItem(KEY, value),
  forget: () => sessionStorage.removeItem(KEY),
  /** Asks the reader for one, as `main.js` has it; false if there is none. */
  ask: async () => false,
};
let asking = null;

/**
 * Fetches, and asks for a key as often as one is wanted.
 * @throws {ProblemError} there is no answer, and why
 * @throws {DOMException} `options.signal` was aborted
 */
export async function call(path, options = {}) {
  for (;;) {
    const sent = key.get();
    const response = await reach(path, { ...options, headers: { ...options.headers, ...authorization(sent) } });
    if (response.ok) return response;
    const { status, statusText: detail } = response;
    const problem = await response.json().catch(() => ({ detail, status }));
    if (status !== 401) throw new ProblemError(problem);
    if (sent !== key.get()) continue; // another request has got one meanwhile
    asking ??= key.ask(sent !== null).finally(() => (asking = null));
    if (!(await asking)) throw new ProblemError(problem);
  }
}

async function reach(path, options) {
  try {
    return await fetch(path, { ...options, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ProblemError({ code: "unreached", detail: "" });
  }
}

/** Header values are bytes; a key may have any characters. */
function authorization(value) {
  if (value === null) return {};
  return { Authorization: `Bearer ${String.fromCharCode(...new TextEncoder().encode(value))}` };
}

export const get = async (path, options) => (await call(path, options)).json();

export function post(path, body, options = {}) {
  const headers = { "Content-Type": "application/json", ...options.headers };
  return call(path, { ...options, method: "POST", headers, body: JSON.stringify(body) });
}

/**
 * The events of an article while it is read. The last one is an `extraction` or a `problem`, unless it was cut off.
 * @throws {ProblemError} nothing was begun, and why
 */
export async function* reading(body, signal) {
  const response = await post("/v1/extractions", body, { signal, headers: { Accept: "text/event-stream" } });
  yield* events(chunksOf(response.body));
}

async function* chunksOf(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** Server-sent events out of pieces of text, cut anywhere. @param {AsyncIterable<string>} chunks */
export async function* events(chunks) {
  let rest = "";
  for await (const chunk of chunks) {
    const blocks = (rest + chunk).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split("\n").filter((line) => line.startsWith("data:"));
      if (lines.length) yield JSON.parse(lines.map((line) => line.slice(5)).join("\n"));
    }
  }
}
