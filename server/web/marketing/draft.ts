/** The form as people fill it in, and what it means. Pure: the page only shows what `check` says. */

import type { Facts } from "../lib/i18n.ts";
import type { Key, Said } from "../parts/words.ts";
import type { NewCampaign, ShareMode } from "./campaign.ts";

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
  /** As `<input type="datetime-local">` writes it, in the time of the browser. */
  starts: string;
  ends: string;
  share_mode: ShareMode;
  issue_on_ticket: boolean;
}

export type FieldName = keyof Draft;
export type Bad = Partial<Record<FieldName, Said>>;
export type Checked = { ok: true; campaign: Omit<NewCampaign, "campaign_id" | "launch"> } | { ok: false; bad: Bad };

const COUNTS = { coupons: 100_000, per_person: 100, generations: 20 } as const;
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
    starts: local(now),
    ends: local(later),
    share_mode: "gift",
    issue_on_ticket: true,
  };
}

/** Return minor units for "2.50", "2,50" or "2"; null for anything else. */
export function minorOf(text: string): number | null {
  const found = /^(\d{1,7})(?:[.,](\d{1,2}))?$/.exec(text.trim());
  return found === null ? null : Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0"));
}

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
  const amountOf = (field: "min_basket" | "budget", least: number, key: Key): number => {
    const minor = minorOf(draft[field]);
    if (minor === null || minor < least || minor > MOST_MINOR) blame(field, key);
    return minor ?? 0;
  };
  const limits = { coupons: count("coupons"), per_person: count("per_person"), generations: count("generations") };
  const minBasket = amountOf("min_basket", 0, "marketing.bad.amount_zero");
  const budget = amountOf("budget", 1, "marketing.bad.amount");
  const value = draft.kind === "amount" ? (minorOf(draft.value) ?? 0) : /^\d{1,2}$/.test(draft.value.trim()) ? Number(draft.value) : 0;
  if (draft.kind === "amount") {
    if (value < 1) blame("value", "marketing.bad.amount");
    else if (value > minBasket && bad.min_basket === undefined) blame("min_basket", "marketing.bad.over");
    if (value > budget) blame("budget", "marketing.bad.budget");
  } else if (value < 1 || value > MOST_PERCENT) {
    blame("value", "marketing.bad.percent");
  }
  const starts = new Date(draft.starts);
  const ends = new Date(draft.ends);
  if (Number.isNaN(starts.getTime())) blame("starts", "problem.required");
  if (Number.isNaN(ends.getTime())) blame("ends", "problem.required");
  else if (ends <= now) blame("ends", "marketing.bad.past");
  else if (ends <= starts) blame("ends", "marketing.bad.window");
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
      starts_at: wire(starts),
      ends_at: wire(ends),
      share_mode: draft.share_mode,
      issue_on_ticket: draft.issue_on_ticket,
    },
  };
}

/** RFC 3339 in UTC, whole seconds. */
function wire(instant: Date): string {
  return instant.toISOString().replace(/\.\d+Z$/, "Z");
}

function local(instant: Date): string {
  return new Date(instant.getTime() - instant.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
