/** Prices that the phone was told before, and what its shopper means to spend: beside what things cost now. */

import { isSingle } from "./adopt.ts";
import type { Quote, QuoteLine, Shelved } from "./trip.ts";

/** The lowest price of a product that this trip was told, in minor units. */
export interface Told {
  minor: number;
  at_ms: number;
}

/** By product, `sku` or `sku member`: signing out is no rise of a price. */
export type Heard = Record<string, Told>;

const ONE_VISIT_MS = 4 * 3_600_000; // a basket that lay on the phone over night heard the prices of another visit
export const NEAR_SHARE = 0.1; // little is left: the last tenth

const keyOf = (sku: string, isMember: boolean): string => (isMember ? `${sku} member` : sku);
const isFresh = (told: Told | undefined, now_ms: number): told is Told => told !== undefined && now_ms - told.at_ms < ONE_VISIT_MS;
/** A label that carries its price says the same all day. */
const hasShelfPrice = (line: QuoteLine): boolean => line.label_price_minor === null;

function lowest(heard: Heard, key: string, minor: number, now_ms: number): Heard {
  const known = heard[key];
  return isFresh(known, now_ms) && known.minor <= minor ? heard : { ...heard, [key]: { minor, at_ms: now_ms } };
}

/** Remember what the store has just said; what was told on another visit is forgotten. */
export function hear(heard: Heard, { lines, is_member }: Pick<Quote, "lines" | "is_member">, now_ms: number): Heard {
  const kept = Object.fromEntries(Object.entries(heard).filter(([, told]) => isFresh(told, now_ms)));
  return lines.filter(hasShelfPrice).reduce((all, line) => lowest(all, keyOf(line.sku, is_member), line.unit_price_minor, now_ms), kept);
}

/** Remember what the phone's own copy of the shelf has shown. */
export function hearShelf(heard: Heard, seen: Iterable<Shelved>, now_ms: number): Heard {
  return [...seen].filter((one) => one.is_label !== true && one.stopped === null).reduce((all, one) => lowest(all, keyOf(one.sku, false), one.unit_price_minor, now_ms), heard);
}

/** Return the lower price that was told for a line on this visit; null where it costs no more than that. */
export function lowerBefore(line: QuoteLine, isMember: boolean, heard: Heard, now_ms: number): number | null {
  if (!hasShelfPrice(line)) return null;
  const told = [heard[keyOf(line.sku, false)], isMember ? heard[keyOf(line.sku, true)] : undefined].filter((one) => isFresh(one, now_ms));
  const least = Math.min(...told.map((one) => one.minor));
  return least < line.unit_price_minor ? least : null;
}

/** How a sum stands to a budget, and what is between them. */
export interface Spending {
  state: "within" | "near" | "over";
  /** Left, or for `over` how much too much; minor units. */
  minor: number;
}

export function spending(budget_minor: number, spent_minor: number): Spending {
  const left = budget_minor - spent_minor;
  return { state: left < 0 ? "over" : left <= budget_minor * NEAR_SHARE ? "near" : "within", minor: Math.abs(left) };
}

/** What the lines come to as far as the phone knows, and of how many it knows no price. */
export interface Estimate {
  minor: number;
  unknown: number;
}

/** Without what offers make of it. */
export function estimated(lines: readonly { line_id: string; quantity: number; seen?: Shelved }[], quote: Pick<Quote, "lines"> | null): Estimate {
  const priced = new Map(quote?.lines.map((line) => [line.line_id, line]));
  const minors = lines.map((line) => {
    const said = priced.get(line.line_id);
    return said === undefined ? line.seen && line.seen.unit_price_minor * line.quantity : estimateOf(said, line.quantity);
  });
  return { minor: minors.reduce<number>((sum, minor) => sum + (minor ?? 0), 0), unknown: minors.filter((minor) => minor === undefined).length };
}

export const estimateOf = (said: QuoteLine, quantity: number): number => (isSingle(said) ? said.gross_minor : said.unit_price_minor * quantity);
