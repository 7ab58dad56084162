/** The board kept up to date: both lists once per connection, then event by event. */

import { signal } from "@preact/signals";
import { listen, type Listening } from "../lib/events.ts";
import { crew, storeId } from "../parts/crew.tsx";
import { reduce, withCall, withTold, type Board, type Call, type Kiosk, type Told } from "./board.ts";

export const board = signal<Board | null>(null);
export const linked = signal(false);
/** The call that came last, so that the page can say and sound it. */
export const newest = signal<Call | null>(null);

/** Load both lists, then follow the events until closed. Throws what the first load throws. */
export async function follow(): Promise<Listening> {
  await reload();
  let first = true;
  return listen(`/v1/stores/${encodeURIComponent(storeId())}/events`, {
    token: crew.token,
    onLink(open) {
      linked.value = open;
      // What happened between the list and the stream, or while the line was dead, is in the list.
      if (open && !first) reload().catch(() => undefined);
      first = false;
    },
    onRefused: crew.expire,
    onEvent({ event, data }) {
      if (board.value === null) return;
      const fact: unknown = JSON.parse(data);
      if (event === "intervention.opened") announce(fact as Call);
      board.value = reduce(board.value, event, fact, new Date().toISOString());
    },
  });
}

/** Put the answer of an own act on the board at once; its event says the same a moment later. */
export function keep(call: Call): void {
  if (board.value !== null) board.value = { ...board.value, calls: withCall(board.value.calls, call) };
}

/** Show what a kiosk was told here; its event says the same a moment later. */
export function tell(told: Told): void {
  if (board.value !== null) board.value = withTold(board.value, told);
}

async function reload(): Promise<void> {
  const [kiosks, open, claimed] = await Promise.all([
    crew.api.ask<{ items: Kiosk[] }>("/v1/kiosks"),
    crew.api.ask<{ items: Call[] }>("/v1/interventions?state=open"),
    crew.api.ask<{ items: Call[] }>("/v1/interventions?state=claimed"),
  ]);
  board.value = { kiosks: kiosks.items, calls: [...open.items, ...claimed.items] };
}

function announce(call: Call): void {
  const known = board.value?.calls.some((one) => one.intervention_id === call.intervention_id) ?? false;
  if (!known && call.state === "open") newest.value = call;
}
