/** Have the store price what was gathered, after each change and again until it answers. */

import { effect, signal } from "@preact/signals";
import { newId, ProblemError } from "../lib/api.ts";
import { chirp, type Chirp } from "../lib/chirp.ts";
import { shopper } from "../me/account.ts";
import { adopted, isSingle } from "./adopt.ts";
import { hear, hearShelf } from "./heard.ts";
import { onShelf } from "./shelf.ts";
import { change, onTheWire, stampOf, trip, type Gathered, type Quote, type QuoteLine, type Shelved } from "./trip.ts";

/** What the last scan came to. */
export type Told =
  | { state: "asking"; line_id: string; code: string }
  | { state: "priced"; line: QuoteLine; times: number }
  | { state: "waiting"; code: string; seen: Shelved | null }
  | { state: "stopped"; name: string }
  | { state: "refused"; code: string; error: unknown };

export const told = signal<Told | null>(null);
/** Whether the store did not answer the last time: `navigator.onLine` says yes in many a dead corner. */
export const away = signal(false);
/** Why the basket as a whole has no price: too large, say. */
export const refused = signal<unknown>(null);

const PATIENCE_MS = 6000;
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 30_000;
const IN_STORE = /^0?2\d{11,12}$/; // labels of the shop's own scales and stickers: each is one piece
const MOST_COUPONS = 10;

let asking: Promise<void> | null = null;
let dirty = false;
let pause = FIRST_PAUSE_MS;
let wake: ReturnType<typeof setTimeout> | undefined;

const whose = (): string => shopper.pass.value?.masked ?? "";
export const isPriced = (): boolean => trip.value.quoted === stampOf(trip.value, whose());

/** Lay what was scanned, typed or chosen into the basket. */
export function lay(what: { code: string; symbology?: string } | { seen: Shelved }): void {
  const line: Gathered = { line_id: newId(), quantity: 1, ...("seen" in what ? { sku: what.seen.sku, seen: what.seen } : what) };
  const code = "seen" in what ? what.seen.name : what.code;
  change((now) => ({
    ...now,
    lines: withLine(now.lines, line),
    heard: "seen" in what ? hearShelf(now.heard, [what.seen], Date.now()) : now.heard, // its price stood in the list
  }));
  told.value = { state: "asking", line_id: line.line_id, code };
  if (away.value) void showShelf(); // a network that hangs is not waited for twice
  void reprice();
}

/** What the store has not merged yet is merged here where nobody could mean anything else. */
function withLine(lines: Gathered[], line: Gathered): Gathered[] {
  const same = lines.find((one) => one.seen !== undefined && one.code !== undefined && one.code === line.code && !IN_STORE.test(one.code));
  return same === undefined ? [...lines, line] : lines.map((one) => (one === same ? { ...one, quantity: one.quantity + 1 } : one));
}

/** Set how many of a line; 0 takes it out. */
export function setQuantity(lineId: string, quantity: number): void {
  change((now) => ({
    ...now,
    lines: now.lines.flatMap((line) => (line.line_id !== lineId ? line : quantity < 1 ? [] : { ...line, quantity })),
  }));
  told.value = null;
  void reprice();
}

export function reprice(): Promise<void> {
  dirty = true;
  clearTimeout(wake);
  asking ??= askWhileDirty().finally(() => (asking = null));
  return asking;
}

async function askWhileDirty(): Promise<void> {
  while (dirty) {
    dirty = false;
    const { lines, coupons, basket_id } = trip.value;
    const who = whose();
    const stamp = stampOf(trip.value, who);
    refused.value = null;
    if (lines.length === 0) {
      change((now) => ({ ...now, quote: null, quoted: "" }));
      continue;
    }
    try {
      const body = { basket_id, lines: onTheWire({ lines }), coupons };
      const quote = await shopper.api.ask<Quote>("/v1/checkouts:quote", { body, signal: AbortSignal.timeout(PATIENCE_MS) });
      take(quote, lines, stamp);
    } catch (error) {
      if (isAway(error)) await wait(error);
      else if (who === whose()) refuse(error);
      else dirty = true; // the session was over, and is closed: as a guest the same basket has its price
    }
  }
}

function take(quote: Quote, asked: Gathered[], stamp: string): void {
  const before = trip.value.quote;
  away.value = false;
  pause = FIRST_PAUSE_MS;
  change((now) => {
    const heard = hear(now.heard, quote, Date.now());
    if (stampOf(now, whose()) !== stamp) return { ...now, quote, heard };
    const next = { ...now, quote, heard, lines: adopted(asked, quote) };
    return { ...next, quoted: stampOf(next, whose()) };
  });
  dirty ||= !isPriced();
  const last = told.value;
  if (last?.state !== "asking" && last?.state !== "waiting") return;
  const known = new Map(before?.lines.map((line) => [line.line_id, line.quantity]));
  const line =
    quote.lines.find((one) => last.state === "asking" && one.line_id === last.line_id) ??
    quote.lines.find((one) => one.quantity !== known.get(one.line_id));
  if (line === undefined) return;
  told.value = { state: "priced", line, times: isSingle(line) ? 1 : line.quantity };
  feel(line.min_age === null ? "added" : "waiting");
}

function isAway(error: unknown): boolean {
  return !(error instanceof ProblemError) || error.problem.status === 0 || error.problem.status >= 500 || error.problem.status === 429;
}

/** Show what the phone knows, and ask again later; a sign of a network, or of somebody looking, asks at once. */
async function wait(error: unknown): Promise<void> {
  away.value = true;
  const seconds = error instanceof ProblemError ? error.retryAfterSeconds : null;
  wake = setTimeout(() => void reprice(), seconds === null ? pause : seconds * 1000);
  pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
  await showShelf();
}

/** Show of each new line what the phone's own copy of the shelf knows. */
async function showShelf(): Promise<void> {
  const unseen = trip.value.lines.filter((line) => line.code !== undefined && line.seen === undefined);
  const found = new Map<string, Shelved>();
  for (const line of unseen) {
    const seen = await onShelf(line.code!);
    if (seen !== null) found.set(line.line_id, seen);
  }
  const stopped = [...found].filter(([, seen]) => seen.stopped !== null);
  change((now) => ({
    ...now,
    heard: hearShelf(now.heard, found.values(), Date.now()),
    lines: now.lines.flatMap((line) => {
      const seen = found.get(line.line_id);
      return seen === undefined ? line : seen.stopped === null ? { ...line, seen } : [];
    }),
  }));
  const last = told.value;
  if (last?.state !== "asking") return;
  const [, bad] = stopped.find(([id]) => id === last.line_id) ?? [];
  told.value = bad === undefined ? { state: "waiting", code: last.code, seen: found.get(last.line_id) ?? null } : { state: "stopped", name: bad.name };
  feel(bad === undefined ? "added" : "refused");
}

/** Leave out what the store does not take, say why, and have the rest priced. */
function refuse(error: unknown): void {
  away.value = false;
  const facts = (error as ProblemError).problem;
  const { line_id, coupon } = facts as { line_id?: string; coupon?: string };
  const gone = trip.value.lines.find((line) => line.line_id === line_id);
  if (gone !== undefined) {
    change((now) => ({ ...now, lines: now.lines.filter((line) => line.line_id !== line_id) }));
    told.value = { state: "refused", code: gone.seen?.name ?? gone.code ?? "", error };
    feel("refused");
  } else if (coupon !== undefined && trip.value.coupons.includes(coupon)) {
    change((now) => ({ ...now, coupons: now.coupons.filter((code) => code !== coupon) }));
  } else if (trip.value.coupons.length > MOST_COUPONS) {
    change((now) => ({ ...now, coupons: now.coupons.slice(0, MOST_COUPONS) }));
  } else {
    refused.value = error;
    if (told.value?.state === "asking") told.value = { state: "refused", code: told.value.code, error };
    feel("refused");
    return;
  }
  dirty = true;
}

/** Sound and a short tremble: an aisle is loud, and eyes are on the shelf. */
function feel(kind: Chirp): void {
  chirp(kind);
  navigator.vibrate?.(kind === "added" ? 60 : [80, 60, 80]);
}

addEventListener("online", () => void reprice());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && away.value) void reprice();
});

// Whose basket it is changes what it costs.
let pricedFor = whose();
effect(() => {
  const now = whose();
  if (now === pricedFor) return;
  pricedFor = now;
  if (now === "") change((one) => ({ ...one, coupons: [] }));
  void reprice();
});
