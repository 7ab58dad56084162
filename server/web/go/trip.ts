/** What a phone has gathered: kept on the phone after each change, the same in every tab, priced by the store. */

import { signal } from "@preact/signals";
import { newId } from "../lib/api.ts";
import type { Texts } from "../lib/i18n.ts";
import type { Line } from "../parts/lines.tsx";
import type { Heard } from "./heard.ts";

/** A product as the phone's own copy of the shelf knows it. */
export interface Shelved {
  sku: string;
  name: string;
  pack: string;
  unit_price_minor: number;
  min_age: number | null;
  is_weighed: boolean;
  /** Its price is that of one piece, by the label on it. */
  is_label?: boolean;
  /** Why it may not be sold. */
  stopped: string | null;
}

/** One scan, or after the store's answer one line: a code that was read, or a product of the list. */
export interface Gathered {
  line_id: string;
  code?: string;
  sku?: string;
  symbology?: string;
  quantity: number;
  /** Until the store has priced it. */
  seen?: Shelved;
}

export interface QuoteLine extends Line {
  sku: string;
  unit_price_minor: number;
  unit_text: Texts;
  min_age: number | null;
  label_price_minor: number | null;
  lot: string | null;
  due_minor: number;
}

export interface Quote {
  payee: string;
  currency: string;
  lines: QuoteLine[];
  coupons: { code: string; label: Texts; state: string; why: Texts | null; saved_minor: number }[];
  problems: { code: string; level: string; line_id: string | null; detail: string }[];
  saved_minor: number;
  total_minor: number;
  next_step: { label: Texts; short_minor: number | null; short_units: number | null } | null;
  digest: string;
  emoji: string[];
  is_member: boolean;
}

/** A payment that was begun: saved before it is sent, so that whatever is lost, the same one is asked for again. */
export interface Attempt {
  payment_id: string;
  authentication_id: string;
  basket_id: string;
  lines: WireLine[];
  coupons: string[];
  digest: string;
  amount_minor: number;
  payee: string;
}

export interface Paid {
  amount_minor: number;
  ticket_url: string;
  exit_code: string;
  exit_until: string;
  coupon: { label: Texts; share_url: string | null } | null;
}

/** A basket that waits for a till: under a code of the store, or written into codes where there is no network. */
export interface Left {
  code: string | null;
  url: string | null;
  until: string | null;
  texts: string[];
}

export interface Trip {
  basket_id: string;
  /** Whether its shopper has begun, so that the camera may start. */
  begun: boolean;
  lines: Gathered[];
  coupons: string[];
  quote: Quote | null;
  /** Which goods, coupons and shopper the quote is of (`stampOf`). */
  quoted: string;
  payment: Attempt | null;
  paid: Paid | null;
  /** The key under which this basket is left at a till, and for which goods. */
  leaving: { key: string; stamp: string } | null;
  left: Left | null;
  /** What the shopper means to spend; null where they did not say. */
  budget_minor: number | null;
  heard: Heard;
}

export type WireLine = Pick<Gathered, "line_id" | "quantity"> & Partial<Pick<Gathered, "code" | "sku" | "symbology">>;

const PLACE = "sesame.trip";

export const fresh = (): Trip => ({
  basket_id: newId(),
  begun: false,
  lines: [],
  coupons: [],
  quote: null,
  quoted: "",
  payment: null,
  paid: null,
  leaving: null,
  left: null,
  budget_minor: null,
  heard: {},
});

export const trip = signal<Trip>(kept() ?? fresh());

/** Change the basket as it stands now, whichever tab changed it last. */
export function change(step: (now: Trip) => Trip): void {
  const next = step(kept() ?? trip.value);
  trip.value = next;
  try {
    localStorage.setItem(PLACE, JSON.stringify(next));
  } catch {
    // Refused in a private window: the basket then lasts as long as the page.
  }
}

addEventListener("storage", (event) => {
  if (event.key === PLACE) trip.value = kept() ?? fresh();
});

function kept(): Trip | null {
  try {
    const text = localStorage.getItem(PLACE);
    return text === null ? null : { ...fresh(), ...(JSON.parse(text) as Partial<Trip>) }; // written by `change` alone
  } catch {
    return null;
  }
}

/** Return goods and coupons as the store takes them. */
export function onTheWire({ lines }: Pick<Trip, "lines">): WireLine[] {
  return lines.map(({ line_id, code, sku, symbology, quantity }) => ({
    line_id,
    quantity,
    ...(sku === undefined ? { code: code ?? "", ...(symbology === undefined ? {} : { symbology }) } : { sku }),
  }));
}

/** Return what a price is of: another stamp, another price. */
export function stampOf({ lines, coupons }: Pick<Trip, "lines" | "coupons">, who: string): string {
  return JSON.stringify([lines.map((line) => [line.line_id, line.quantity]), coupons, who]);
}
