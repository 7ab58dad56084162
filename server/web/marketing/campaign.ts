/** A campaign as the server tells it. */

import type { Texts } from "../lib/i18n.ts";

export type ShareMode = "gift" | "copy" | "pool";
export type CampaignState = "draft" | "test" | "live" | "paused" | "ended";
export type Verb = "launch" | "pause" | "end";

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
  limits: { coupons: number; per_person: number; generations: number };
  starts_at: string;
  ends_at: string;
  share_mode: ShareMode;
  issue_on_ticket: boolean;
  launch: boolean;
}

export interface Campaign extends Omit<NewCampaign, "launch"> {
  state: CampaignState;
  funnel: Record<Step, number>;
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
