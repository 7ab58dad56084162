/** What a payment at a counter needs to be made once: its ids are saved before anything is sent. */

import type { Texts } from "../lib/i18n.ts";

export interface Counter {
  store_id: string;
  store: string;
  payee: string;
  counter: string;
  currency: string;
  /** What the code asks for; null where the payer types it. */
  amount_minor: number | null;
  most_minor: number;
  picture_url: string | null;
}

/** What paying an amount would do. */
export interface Quote {
  digest: string;
  emoji: string[];
  payee: string;
  amount_minor: number;
  /** What the merchant will see of the payer's name. */
  shown_as: string;
  vouchers_minor: number;
  cashback_min_minor: number;
  cashback_max_minor: number;
  shortfall_minor: number;
  is_unusual: boolean;
  cashback: { rate_bp: number; earn_minor: number; left_this_year_minor: number; is_near_cap: boolean } | null;
}

export interface Paid {
  payment_id: string;
  amount_minor: number;
  currency: string;
  payee: string;
  counter: string | null;
  emoji: string[];
  balance_after_minor: number;
  ticket: { url: string; issued_at: string; number: number };
  cashback: { total_minor: number; parts: { name: Texts; amount_minor: number }[] } | null;
}

const MEMORY = "sesame.pay.";

/** Return the id of the payment that was sent for a code from this phone and whose outcome is unknown, or is shown in this tab. */
export function begun(token: string): string | null {
  return sessionStorage.getItem(MEMORY + token) ?? kept(token);
}

/** Remember a payment before it is sent: also whoever closes the page and scans the code again asks for its outcome first. */
export function begin(token: string, paymentId: string): void {
  try {
    localStorage.setItem(MEMORY + token, paymentId);
  } catch {
    sessionStorage.setItem(MEMORY + token, paymentId); // a phone that keeps nothing remembers as long as the tab is open
  }
}

/** Its outcome is known: from now on only this tab, loaded again, shows it. */
export function shown(token: string, paymentId: string): void {
  end(token);
  sessionStorage.setItem(MEMORY + token, paymentId);
}

export function end(token: string): void {
  sessionStorage.removeItem(MEMORY + token);
  try {
    localStorage.removeItem(MEMORY + token);
  } catch {
    return; // nothing was kept
  }
}

function kept(token: string): string | null {
  try {
    return localStorage.getItem(MEMORY + token);
  } catch {
    return null;
  }
}
