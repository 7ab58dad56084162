/** The sales of one store as the server tells them to its merchant, kept up to date while the page is open. */

import { signal } from "@preact/signals";
import { listen, type Listening } from "../lib/events.ts";
import { crew, storeId } from "../parts/crew.tsx";

export interface Sale {
  ticket_number: number;
  payment_id: string;
  /** As the till showed it, at a counter first name and initial: never a whole name; null where nobody is known. */
  payer: string | null;
  /** Whose code was scanned, with the pictures that the payer's phone shows; null where it was no counter. */
  counter: string | null;
  emoji: string[] | null;
  amount_minor: number;
  refunded_minor: number;
  cashback_minor: number;
  currency: string;
  tenders: { kind: string; amount_minor: number }[];
  taken_at: string;
}

export interface Day {
  day: string;
  sales: number;
  amount_minor: number;
  refunds: number;
  refunded_minor: number;
  cashback_minor: number;
}

export interface Days {
  store: { store_id: string; name: string; payee: string };
  /** By the store's clock. */
  today: string;
  currency: string;
  items: Day[];
}

interface Page {
  items: Sale[];
  next_cursor: number | null;
}

export const days = signal<Days | null>(null);
/** The day that is shown; null is today, whichever day that becomes. */
export const chosen = signal<string | null>(null);
export const sales = signal<Page | null>(null);
export const linked = signal(false);
/** The sale that came last while the page listened, to be said and sounded. */
export const newest = signal<Sale | null>(null);
/** Why the figures may be old; null when they are not. */
export const trouble = signal<unknown>(null);

/** At first so few that what each day brought stands on the same screen; whoever looks back gets more at once. */
const FIRST = 10;
const MORE = 50;

export const base = (): string => `/v1/merchants/${encodeURIComponent(storeId())}`;
const wanted = (): string | undefined => chosen.value ?? days.value?.today;

/** Load what is shown and follow the store's events until closed. */
export function follow(): Listening {
  days.value = null;
  sales.value = null;
  void refresh();
  return listen(`/v1/stores/${encodeURIComponent(storeId())}/events`, {
    token: crew.token,
    onLink(open) {
      linked.value = open;
      // What happened while the line was dead comes by itself; a day that began meanwhile does not.
      if (open) void refresh();
    },
    onRefused: crew.expire,
    onEvent({ event, data }) {
      if (event === "payment.captured") void refresh((JSON.parse(data) as { payment_id: string }).payment_id);
      if (event === "payment.refunded") void refresh();
    },
  });
}

export async function choose(day: string): Promise<void> {
  chosen.value = day === days.value?.today ? null : day;
  sales.value = null;
  await refresh();
}

let turn = 0;
let running: Promise<void> | null = null;
let heard = new Set<string>();

/** Load the days and the newest sales again: once more for all that came while it loads, so a rush asks seldom. */
export function refresh(paymentId?: string): Promise<void> {
  if (paymentId !== undefined) heard.add(paymentId);
  turn += 1;
  running ??= load().finally(() => {
    running = null;
  });
  return running;
}

async function load(): Promise<void> {
  for (let seen = -1; seen !== turn; ) {
    seen = turn;
    const waiting = heard;
    heard = new Set();
    try {
      days.value = await crew.api.ask<Days>(`${base()}/days`);
      const day = wanted();
      const page = await crew.api.ask<Page>(`${base()}/sales?day=${day}&limit=${FIRST}`);
      if (day === wanted()) sales.value = joined(page, sales.value);
      newest.value = page.items.find((sale) => waiting.has(sale.payment_id)) ?? newest.value;
      trouble.value = null;
    } catch (problem) {
      trouble.value = problem;
      return;
    }
  }
}

/** Keep older pages that were asked for, where the newest one still reaches them. */
function joined(fresh: Page, shown: Page | null): Page {
  const last = fresh.items.at(-1)?.ticket_number ?? 0;
  const reaches = shown?.items.some((sale) => sale.ticket_number === last) ?? false;
  if (shown === null || !reaches) return fresh;
  const older = shown.items.filter((sale) => sale.ticket_number < last);
  return { items: [...fresh.items, ...older], next_cursor: older.length > 0 ? shown.next_cursor : fresh.next_cursor };
}

/** Add the sales before those that are shown. */
export async function loadOlder(): Promise<void> {
  const shown = sales.value;
  if (shown === null || shown.next_cursor === null) return;
  const page = await crew.api.ask<Page>(`${base()}/sales?day=${wanted()}&cursor=${shown.next_cursor}&limit=${MORE}`);
  const now = sales.value;
  if (now === null || now.next_cursor !== shown.next_cursor) return; // meanwhile another day was chosen
  const known = new Set(now.items.map((sale) => sale.payment_id));
  sales.value = { items: [...now.items, ...page.items.filter((sale) => !known.has(sale.payment_id))], next_cursor: page.next_cursor };
}

/** Save every sale of some days as a file; the address needs a token, so no plain link leads to it. */
export async function saveSheet(first: string, last: string, language: string): Promise<void> {
  const text = await crew.api.file(`${base()}/sales.csv?first=${first}&last=${last}&language=${language}`);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(text);
  link.download = `ventes-${storeId()}-${first}-${last}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}
