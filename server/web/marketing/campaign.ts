/** A campaign as the server tells it. */

import type { Texts } from "../lib/i18n.ts";

export type ShareMode = "gift" | "copy" | "pool";
export type CampaignState = "draft" | "test" | "live" | "paused" | "ended";
export type Verb = "launch" | "pause" | "end";
export type Stacking = "with_all" | "alone" | "full_price";
export const SEGMENTS = ["regular", "occasional", "lapsed"] as const;
export type Segment = (typeof SEGMENTS)[number];

/** What a coupon asks for beside the goods; hours are on the clock of the store, Monday is 1. */
export interface Conditions {
  opens: string;
  closes: string;
  days: number[];
  stores: string[];
  segments: Segment[];
  members_only: boolean;
  first_purchase_only: boolean;
}

export interface Limits {
  coupons: number;
  per_person: number;
  generations: number;
  per_day: number | null;
  width: number | null;
  per_store: number | null;
  per_household: number | null;
}

export const STEPS = ["issued", "shared", "opened", "claimed", "redeemed", "expired"] as const;
export type Step = (typeof STEPS)[number];

export interface Effect {
  kind: "amount" | "percent";
  /** Minor units, or whole percent. */
  value: number;
}

export interface NewCampaign {
  campaign_id: string;
  name: string;
  label: Texts;
  effect: Effect;
  min_basket_minor: number;
  budget_minor: number;
  limits: Limits;
  starts_at: string;
  ends_at: string;
  share_mode: ShareMode;
  issue_on_ticket: boolean;
  /** What a ticket must at least come to for a coupon on it. */
  ticket_from_minor: number;
  holdout_percent: number;
  skus: string[];
  categories: string[];
  stacking: Stacking;
  on_refund: "restore" | "void";
  conditions: Conditions | null;
  joint: string | null;
  priority: number;
  max_per_basket: number | null;
  launch: boolean;
}

export interface Campaign extends Omit<NewCampaign, "launch"> {
  state: CampaignState;
  funnel: Record<Step, number>;
  /** What it asks for, in words made from its numbers. */
  says: Texts;
  reserved_minor: number;
  spent_minor: number;
}

/** Which verbs a state takes; `launch` on a paused campaign resumes it. */
export const VERBS: Record<CampaignState, readonly Verb[]> = {
  draft: ["launch", "end"],
  test: ["launch", "end"],
  live: ["pause", "end"],
  paused: ["launch", "end"],
  ended: [],
};
