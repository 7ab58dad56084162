/** One way to ask a server: JSON both ways, RFC 9457 problems as errors, the same key on every retry of one act. */

export interface FieldProblem {
  field: string;
  message: string;
  fix?: string;
  /** The bounds of a number that is beyond them. */
  least?: number;
  most?: number;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  hint?: string;
  errors?: FieldProblem[];
  trace_id?: string;
  /** Further facts of the leaf, for example `shortfall_minor`. */
  [fact: string]: unknown;
}

/** What a server answered instead of what was asked; `code` chooses the sentence to show. */
export class ProblemError extends Error {
  readonly problem: Problem;
  readonly retryAfterSeconds: number | null;

  constructor(problem: Problem, retryAfterSeconds: number | null = null) {
    super(problem.detail ?? problem.title);
    this.name = "ProblemError";
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get code(): string {
    return this.problem.code;
  }

  /** Return the message about one field of the form, if the problem names it. */
  about(field: string): string | undefined {
    return this.problem.errors?.find((error) => error.field === field)?.message;
  }
}

export interface Ask {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  /** Sent as `Idempotency-Key`; only an ask with a key, or a GET, is tried again. */
  key?: string;
  ifMatch?: string;
  signal?: AbortSignal;
  /** Tries in all when the network fails or the server answers 502, 503 or 504; 3 without it. */
  tries?: number;
}

export interface Answer<T> {
  body: T;
  status: number;
  headers: Headers;
}

export interface Api {
  ask<T>(path: string, ask?: Ask): Promise<T>;
  /** Like `ask`, with the status and headers (ETag, X-Line-Id, Idempotent-Replay). */
  answer<T>(path: string, ask?: Ask): Promise<Answer<T>>;
  /** GET what is no JSON, to be saved. */
  file(path: string): Promise<Blob>;
}

const PASSING = new Set([502, 503, 504]);
const FIRST_PAUSE_MS = 400; // doubled each time: 3 tries take under 2 s, the patience of a finger on a button

/** Make an asker; `token` is read at each ask, so that logging in or out takes effect at once. */
export function createApi(options: { base?: string; token?: () => string | null } = {}): Api {
  const fetched = async <T>(path: string, ask: Ask, take: (response: Response) => Promise<T>): Promise<T> => {
    const method = ask.method ?? (ask.body === undefined ? "GET" : "POST");
    const headers = new Headers({ Accept: "application/json" });
    const token = options.token?.();
    if (token) headers.set("Authorization", `Bearer ${token}`);
    if (ask.key !== undefined) headers.set("Idempotency-Key", ask.key);
    if (ask.ifMatch !== undefined) headers.set("If-Match", ask.ifMatch);
    const init: RequestInit = { method, headers };
    if (ask.signal) init.signal = ask.signal;
    if (ask.body !== undefined) {
      headers.set("Content-Type", "application/json");
      init.body = JSON.stringify(ask.body);
    }
    const tries = method === "GET" || ask.key !== undefined ? (ask.tries ?? 3) : 1;
    for (let turn = 1; ; turn += 1) {
      try {
        const response = await fetch((options.base ?? "") + path, init);
        if (response.ok) return await take(response);
        if (turn >= tries || !PASSING.has(response.status)) throw await problemOf(response);
      } catch (error) {
        if (error instanceof ProblemError || ask.signal?.aborted) throw error;
        if (turn >= tries) throw new ProblemError(unreachable(String(error)));
      }
      await pause(FIRST_PAUSE_MS * 2 ** (turn - 1));
    }
  };
  const answer = <T>(path: string, ask: Ask = {}): Promise<Answer<T>> =>
    fetched(path, ask, async (response) => ({ body: (await read(response)) as T, status: response.status, headers: response.headers }));
  return {
    answer,
    ask: async <T>(path: string, ask?: Ask) => (await answer<T>(path, ask)).body,
    file: (path) => fetched(path, {}, (response) => response.blob()),
  };
}

/**
 * Return a new client-made id, larger than those of earlier milliseconds (UUID 7): what is written together lies together
 * in the store's indexes. `crypto.randomUUID` makes none, and needs a secure page.
 */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(Date.now()) << 16n) | BigInt(((bytes[6] ?? 0) << 8) | (bytes[7] ?? 0)));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

async function read(response: Response): Promise<unknown> {
  const text = await response.text();
  return text === "" ? null : JSON.parse(text);
}

async function problemOf(response: Response): Promise<ProblemError> {
  const wait = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : null;
  try {
    const body = (await response.json()) as Partial<Problem>;
    if (typeof body.code === "string") {
      return new ProblemError({ type: "about:blank", title: body.code, status: response.status, ...body } as Problem, retryAfter);
    }
  } catch {
    // Not JSON: a proxy's page, say. The status is all there is to tell.
  }
  const title = `HTTP ${response.status}`;
  return new ProblemError({ type: "about:blank", title, status: response.status, code: "unexpected" }, retryAfter);
}

function unreachable(detail: string): Problem {
  return { type: "/errors#offline", title: "The server cannot be reached", status: 0, code: "offline", detail };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
