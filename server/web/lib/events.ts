/** Listen to a server's events by fetch (EventSource can carry no token), resume after the last id, back off kindly. */

import { cut, type SseEvent } from "./sse.ts";

export interface Listening {
  close(): void;
}

export interface ListenOptions {
  token?: () => string | null;
  onEvent: (event: SseEvent) => void;
  /** True once the stream is open, false as soon as it is lost. */
  onLink?: (open: boolean) => void;
  /** A status that trying again cannot cure (401, 403, 404); listening has ended. */
  onRefused?: (status: number) => void;
  /** Id to resume after on the first connection. */
  after?: string;
  /** The longest wait between two tries, and the first where it is shorter; 10 s by default, as many pages may try. */
  longestPauseMs?: number;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const SILENCE_MS = 45_000; // servers ping every 15 s; three missed pings are a dead line
const HOPELESS = new Set([400, 401, 403, 404]);

export function listen(url: string, options: ListenOptions): Listening {
  let closed = false;
  let lastId: string | null = options.after ?? null;
  const longestMs = options.longestPauseMs ?? LONGEST_PAUSE_MS;
  const firstMs = Math.min(FIRST_PAUSE_MS, longestMs);
  let pauseMs = firstMs;
  let current: AbortController | null = null;

  const connect = async (): Promise<void> => {
    current = new AbortController();
    const headers = new Headers({ Accept: "text/event-stream" });
    const token = options.token?.();
    if (token) headers.set("Authorization", `Bearer ${token}`);
    if (lastId !== null) headers.set("Last-Event-ID", lastId);
    const response = await fetch(url, { headers, signal: current.signal, cache: "no-store" });
    if (HOPELESS.has(response.status)) {
      closed = true;
      options.onRefused?.(response.status);
      return;
    }
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
    options.onLink?.(true);
    pauseMs = firstMs;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const watchdog = setTimeout(() => current?.abort(), SILENCE_MS);
      const piece = await reader.read().finally(() => clearTimeout(watchdog));
      if (piece.done) return;
      const parts = cut(rest + piece.value);
      rest = parts.rest;
      for (const event of parts.events) {
        if (event.id !== null) lastId = event.id;
        options.onEvent(event);
      }
    }
  };

  const run = async (): Promise<void> => {
    while (!closed) {
      try {
        await connect();
      } catch {
        // Any loss is answered the same way: say so, wait, connect again after the last id.
      }
      if (closed) break;
      options.onLink?.(false);
      // Up to a quarter more, so that many pages do not come back in one instant.
      await new Promise((resolve) => setTimeout(resolve, pauseMs * (1 + Math.random() / 4)));
      pauseMs = Math.min(pauseMs * 2, longestMs);
    }
  };

  void run();
  return {
    close() {
      closed = true;
      current?.abort();
    },
  };
}
