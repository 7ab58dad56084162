/** The form as people fill it in, and what it means. Pure: the page only shows what `check` says. */

import type { Facts } from "../lib/i18n.ts";
import { minorOf } from "../lib/money.ts";
import { dayOf, lastOf } from "../lib/zone.ts";
import type { Key, Said } from "../parts/crew_words.ts";
import type { Campaign, NewCampaign, Segment, ShareMode, Stacking } from "./campaign.ts";

export interface Draft {
  name: string;
  label_fr: string;
  label_en: string;
  label_zh: string;
  kind: "amount" | "percent";
  value: string;
  min_basket: string;
  budget: string;
  coupons: string;
  per_person: string;
  generations: string;
  /** Days of the store's calendar, as `<input type="date">` writes them; both belong to the campaign. */
  starts: string;
  ends: string;
  share_mode: ShareMode;
  issue_on_ticket: boolean;
  ticket_from: string;
  /** Empty is no bound; likewise the limits below. */
  width: string;
  per_day: string;
  per_store: string;
  per_household: string;
  max_per_basket: string;
  holdout: string;
  /** Parted by commas. */
  skus: string;
  categories: string;
  stores: string;
  /** As `<input type="time">` writes it; midnight to midnight is the whole day. */
  opens: string;
  closes: string;
  days: number[];
  segments: Segment[];
  members_only: boolean;
  first_purchase_only: boolean;
  stacking: Stacking;
  joint: string;
  priority: string;
  on_refund: "restore" | "void";
}

/** What the server calls a field of the form in its errors. */
export const SERVER_NAMES: Partial<Record<keyof Draft, string>> = {
  value: "effect.value",
  min_basket: "min_basket_minor",
  budget: "budget_minor",
  ticket_from: "ticket_from_minor",
  coupons: "limits.coupons",
  per_person: "limits.per_person",
  generations: "limits.generations",
  width: "limits.width",
  per_day: "limits.per_day",
  per_store: "limits.per_store",
  per_household: "limits.per_household",
  holdout: "holdout_percent",
  starts: "starts_at",
  ends: "ends_at",
  label_fr: "label.fr",
  label_en: "label.en",
  label_zh: "label.zh",
  closes: "conditions.closes",
  days: "conditions.days",
  segments: "conditions.segments",
};

export type FieldName = keyof Draft;
export type Bad = Partial<Record<FieldName, Said>>;
export type Checked = { ok: true; campaign: Omit<NewCampaign, "campaign_id" | "launch"> } | { ok: false; bad: Bad };

const COUNTS = { coupons: 100_000, per_person: 100, generations: 20 } as const;
const BOUNDS = { width: 100_000, per_day: 100_000, per_store: 1_000_000, per_household: 100, max_per_basket: 10 } as const;
const MOST_HELD_OUT = 50;
const MOST_PRIORITY = 1000;
export const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const MIDNIGHT = "00:00";
const MOST_PERCENT = 90;
const MOST_MINOR = 10 ** 9;

/** Return an empty form that starts now and ends in two weeks. */
export function blank(now: Date): Draft {
  const later = new Date(now.getTime() + 14 * 86_400_000);
  return {
    name: "",
    label_fr: "",
    label_en: "",
    label_zh: "",
    kind: "amount",
    value: "2.00",
    min_basket: "10",
    budget: "200",
    coupons: "100",
    per_person: "1",
    generations: "1",
    starts: dayOf(now),
    ends: dayOf(later),
    share_mode: "gift",
    issue_on_ticket: true,
    ticket_from: "5",
    width: "",
    per_day: "",
    per_store: "",
    per_household: "",
    max_per_basket: "",
    holdout: "5",
    skus: "",
    categories: "",
    stores: "",
    opens: MIDNIGHT,
    closes: MIDNIGHT,
    days: EVERY_DAY,
    segments: [],
    members_only: false,
    first_purchase_only: false,
    stacking: "with_all",
    joint: "",
    priority: "0",
    on_refund: "restore",
  };
}

/** Return the form of a draft that was kept before. */
export function filled(campaign: Campaign): Draft {
  const { limits, conditions } = campaign;
  const money = (minor: number): string => (minor / 100).toFixed(2);
  const bound = (limit: number | null): string => (limit === null ? "" : String(limit));
  return {
    name: campaign.name,
    label_fr: campaign.label.fr,
    label_en: campaign.label.en,
    label_zh: campaign.label.zh,
    kind: campaign.effect.kind,
    value: campaign.effect.kind === "amount" ? money(campaign.effect.value) : String(campaign.effect.value),
    min_basket: money(campaign.min_basket_minor),
    budget: money(campaign.budget_minor),
    coupons: String(limits.coupons),
    per_person: String(limits.per_person),
    generations: String(limits.generations),
    starts: dayOf(new Date(campaign.starts_at)),
    ends: dayOf(lastOf(new Date(campaign.ends_at))),
    share_mode: campaign.share_mode,
    issue_on_ticket: campaign.issue_on_ticket,
    ticket_from: money(campaign.ticket_from_minor),
    width: bound(limits.width),
    per_day: bound(limits.per_day),
    per_store: bound(limits.per_store),
    per_household: bound(limits.per_household),
    max_per_basket: bound(campaign.max_per_basket),
    holdout: String(campaign.holdout_percent),
    skus: campaign.skus.join(", "),
    categories: campaign.categories.join(", "),
    stores: (conditions?.stores ?? []).join(", "),
    opens: conditions?.opens ?? MIDNIGHT,
    closes: conditions?.closes ?? MIDNIGHT,
    days: conditions?.days ?? EVERY_DAY,
    segments: conditions?.segments ?? [],
    members_only: conditions?.members_only ?? false,
    first_purchase_only: conditions?.first_purchase_only ?? false,
    stacking: campaign.stacking,
    joint: campaign.joint ?? "",
    priority: String(campaign.priority),
    on_refund: campaign.on_refund,
  };
}

const parted = (text: string): string[] => text.split(",").map((part) => part.trim()).filter((part) => part !== "");

/** Return the campaign that a form describes, or what to correct at each field. */
export function check(draft: Draft, now: Date): Checked {
  const bad: Bad = {};
  const blame = (field: FieldName, key: Key, facts?: Facts): void => {
    bad[field] ??= facts === undefined ? { key } : { key, facts };
  };
  for (const field of ["name", "label_fr", "label_en", "label_zh"] as const) {
    if (draft[field].trim() === "") blame(field, "problem.required");
  }
  const count = (field: keyof typeof COUNTS): number => {
    const number = /^\d{1,6}$/.test(draft[field].trim()) ? Number(draft[field]) : 0;
    if (number < 1 || number > COUNTS[field]) blame(field, "marketing.bad.count", { min: 1, max: COUNTS[field] });
    return number;
  };
  const amountOf = (field: "min_basket" | "budget" | "ticket_from", least: number, key: Key): number => {
    const minor = minorOf(draft[field]);
    if (minor === null || minor < least || minor > MOST_MINOR) blame(field, key);
    return minor ?? 0;
  };
  const bound = (field: keyof typeof BOUNDS): number | null => {
    if (draft[field].trim() === "") return null;
    const number = /^\d{1,7}$/.test(draft[field].trim()) ? Number(draft[field]) : 0;
    if (number < 1 || number > BOUNDS[field]) blame(field, "marketing.bad.bound", { min: 1, max: BOUNDS[field] });
    return number;
  };
  const limits = {
    coupons: count("coupons"),
    per_person: count("per_person"),
    generations: count("generations"),
    per_day: bound("per_day"),
    width: bound("width"),
    per_store: bound("per_store"),
    per_household: bound("per_household"),
  };
  const maxPerBasket = bound("max_per_basket");
  if (draft.share_mode === "pool" && limits.width === null) blame("width", "marketing.bad.pool");
  const holdout = /^\d{1,2}$/.test(draft.holdout.trim()) ? Number(draft.holdout) : 0;
  if (holdout < 1 || holdout > MOST_HELD_OUT) blame("holdout", "marketing.bad.count", { min: 1, max: MOST_HELD_OUT });
  const priority = /^-?\d{1,4}$/.test(draft.priority.trim()) ? Number(draft.priority) : MOST_PRIORITY + 1;
  if (Math.abs(priority) > MOST_PRIORITY) blame("priority", "marketing.bad.count", { min: -MOST_PRIORITY, max: MOST_PRIORITY });
  if (draft.days.length === 0) blame("days", "marketing.bad.days");
  if (draft.opens === draft.closes && draft.opens !== MIDNIGHT) blame("closes", "marketing.bad.hours");
  if (draft.first_purchase_only && draft.segments.length > 0) blame("segments", "marketing.bad.segments");
  if (draft.joint.trim() !== "" && draft.stacking === "alone") blame("joint", "marketing.bad.joint");
  const conditions = {
    opens: draft.opens || MIDNIGHT,
    closes: draft.closes || MIDNIGHT,
    days: [...draft.days].sort(),
    stores: parted(draft.stores),
    segments: draft.segments,
    members_only: draft.members_only,
    first_purchase_only: draft.first_purchase_only,
  };
  const minBasket = amountOf("min_basket", 0, "marketing.bad.amount_zero");
  const ticketFrom = draft.issue_on_ticket ? amountOf("ticket_from", 0, "marketing.bad.amount_zero") : 0;
  const budget = amountOf("budget", 1, "marketing.bad.amount");
  const value = draft.kind === "amount" ? (minorOf(draft.value) ?? 0) : /^\d{1,2}$/.test(draft.value.trim()) ? Number(draft.value) : 0;
  if (draft.kind === "amount") {
    if (value < 1) blame("value", "marketing.bad.amount");
    else if (value > minBasket && bad.min_basket === undefined) blame("min_basket", "marketing.bad.over");
    if (value > budget) blame("budget", "marketing.bad.budget");
  } else if (value < 1 || value > MOST_PERCENT) {
    blame("value", "marketing.bad.percent");
  }
  const { starts, ends } = draft;
  if (starts === "") blame("starts", "problem.required");
  if (ends === "") blame("ends", "problem.required");
  else if (ends < dayOf(now)) blame("ends", "marketing.bad.past");
  else if (ends < starts) blame("ends", "marketing.bad.window");
  if (Object.keys(bad).length > 0) return { ok: false, bad };
  return {
    ok: true,
    campaign: {
      name: draft.name.trim(),
      label: { fr: draft.label_fr.trim(), en: draft.label_en.trim(), zh: draft.label_zh.trim() },
      effect: { kind: draft.kind, value },
      min_basket_minor: minBasket,
      budget_minor: budget,
      limits,
      starts_at: starts,
      ends_at: ends,
      share_mode: draft.share_mode,
      issue_on_ticket: draft.issue_on_ticket,
      ticket_from_minor: ticketFrom,
      holdout_percent: holdout,
      skus: parted(draft.skus),
      categories: parted(draft.categories),
      stacking: draft.stacking,
      on_refund: draft.on_refund,
      conditions,
      joint: draft.joint.trim() || null,
      priority,
      max_per_basket: maxPerBasket,
    },
  };
}
