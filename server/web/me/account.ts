/** What the server tells a shopper of themselves, and the session that may ask it. */

import type { Texts } from "../lib/i18n.ts";
import { createSession, type Pass } from "../parts/session.ts";

export interface ShopperPass extends Pass {
  masked: string;
}

export interface HeldCoupon {
  code: string;
  label: Texts;
  state: "issued" | "shared" | "reserved" | "redeemed" | "revoked" | "expired";
  expires_at: string;
  share_mode: "gift" | "copy";
  share_url: string | null;
}

export interface Entry {
  at: string;
  kind: string;
  label: string | Texts;
  amount_minor: number;
  balance_minor: number;
  ticket_url: string | null;
  memo: string;
}

export interface Consent {
  purpose: string;
  version: string;
  given_at: string;
  withdrawn_at?: string | null;
}

export interface Account {
  customer_id: string;
  name: string;
  masked: string;
  phone_last4: string;
  balance_minor: number;
  currency: string;
  face: { enrolled: boolean; since?: string | null; frozen_at?: string | null };
  consents: Consent[];
  coupons: HeldCoupon[];
  entries: Entry[];
  cashback: {
    balance_minor: number;
    entries: { at: string; kind: string; amount_minor: number; parts: { name: Texts; amount_minor: number }[]; ticket_url: string | null }[];
  };
  cashback_left_this_year_minor: number | null;
  /** Cards are played: no real money moves. */
  sandbox_cards: boolean;
  vouchers: { purse_id: string; name: Texts; message: string; balance_minor: number; categories: string[]; expires_at: string | null }[];
}

export interface Erasure {
  erasure_id: string;
  erased_at: string;
  references: number;
  kiosks: { kiosk_id: string; acknowledged_at: string | null }[];
}

export const shopper = createSession<ShopperPass>("sesame.shopper");
