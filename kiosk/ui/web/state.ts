/** All that the page knows: the newest screen, the newest look, whether the kiosk process answers, and comfort settings. */

import { batch, computed, signal } from "@preact/signals";
import { createApi, ProblemError } from "../../../server/web/lib/api.ts";
import { listen, type Listening } from "../../../server/web/lib/events.ts";
import type { FlashEvent, LookEvent, Notice, Screen } from "./screen.ts";

export const screen = signal<Screen | null>(null);
export const look = signal<LookEvent | null>(null);
/** False while the kiosk process cannot be heard; the page then covers itself rather than show what may be old. */
export const linked = signal(true);
/** A refusal of an act that brought no new screen, for example a value out of form. */
export const refusal = signal<Notice | null>(null);

/** What is going on now; a refusal of the page's own act comes before what the process last said. */
export const notice = computed<Notice | null>(() => refusal.value ?? screen.value?.notice ?? null);

/** The process is on this machine and this page is its only one: the moment it is back, the basket is, too. */
const RETRY_MS = 200;

const api = createApi();
let refusals = 0;

export function start(onFlash: (told: FlashEvent) => void): Listening {
  return listen("/events", {
    longestPauseMs: RETRY_MS,
    onEvent({ event, data }) {
      if (event === "screen") receive(JSON.parse(data) as Screen);
      else if (event === "look") look.value = JSON.parse(data) as LookEvent;
      else if (event === "flash") onFlash(JSON.parse(data) as FlashEvent);
    },
    onLink(open) {
      linked.value = open;
    },
  });
}

/** Take a new screen; a look that belongs to another panel is forgotten with it. */
export function receive(next: Screen): void {
  batch(() => {
    if (next.panel.name !== screen.value?.panel.name) look.value = null;
    refusal.value = null;
    screen.value = next;
  });
}

/** Tell whether the process would take this act now. */
export function can(act: string): boolean {
  return screen.value?.possible.includes(act) ?? false;
}

/** Send one act. What it leads to arrives as a screen; a refusal becomes a notice. */
export async function act(name: string, fields: Record<string, unknown> = {}): Promise<void> {
  try {
    await api.ask("/acts", { method: "POST", body: { act: name, ...fields }, tries: 1 });
    refusal.value = null;
  } catch (error) {
    const problem = error instanceof ProblemError ? error.problem : null;
    // An act that came too late (the screen had moved on) needs no words: the newer screen is already there.
    if (problem?.code === "act_not_possible") return;
    refusals += 1;
    const facts = Object.fromEntries(
      Object.entries(problem ?? {}).filter(([, value]) => typeof value === "string" || typeof value === "number"),
    ) as Notice["facts"];
    refusal.value = { id: -refusals, kind: "error", code: problem?.code ?? "unexpected", facts };
  }
}
