/** What the server tells of money between people, and how its refusals read. */

import { ProblemError, type Problem } from "../lib/api.ts";
import { sentence } from "../parts/trouble.tsx";
import { amount, byCode, t } from "../parts/words.ts";

export interface Contact {
  contact_id: string;
  name: string;
  last4: string;
}

export interface Moved {
  transfer_id: string;
  way: "sent" | "got";
  who: string;
  last4: string | null;
  amount_minor: number;
  memo: string;
  memo_hidden: boolean;
  state: "waiting" | "claimed" | "cancelled" | "returned";
  at: string;
  until: string | null;
}

export interface Asked {
  request_id: string;
  way: "asked" | "asked_of_me";
  who: string;
  last4: string | null;
  amount_minor: number;
  memo: string;
  memo_hidden: boolean;
  state: "open" | "reminded" | "accepted" | "declined" | "withdrawn";
  is_open: boolean;
  at: string;
  until: string;
  can_remind_at: string | null;
}

export interface Between {
  transfers: Moved[];
  requests: Asked[];
  contacts: Contact[];
  sending: { adult_at: string | null; blocked_at: string | null };
}

export interface Order {
  act: "send" | "request" | null;
  amount_minor: number | null;
  to: string;
  phone: string | null;
  contact: Contact | null;
  memo: string;
  asks: { kind: string; choices_minor: number[] }[];
}

export interface Look {
  balance_minor: number;
  person_left_minor: number;
  day_left_minor: number;
  month_left_minor: number;
  needs: ("pin" | "phone_code")[];
  refusal: Problem | null;
  who: string;
  last4: string;
  they_see: string;
  waits_days: number;
}

export const MEMO_MOST = 140;

/** Return how a person is shown: their name, with the last digits where these are all that is known. */
export function shown(who: string, last4: string | null): string {
  if (last4 === null) return who;
  return who === "" ? `*** ${last4}` : `${who} (*** ${last4})`;
}

/** Return what a refusal means, with its sums as people write them. */
export function refusal(problem: unknown, currency: string): string {
  const found = problem instanceof ProblemError ? problem.problem : (problem as Problem);
  if (found.code === "insufficient_funds") return t("me.peer_poor");
  if (found.code === "step_up_required") return t("me.peer_step_up");
  if (found.code !== "peer_limit") return sentence(problem instanceof ProblemError ? problem : new ProblemError(found));
  const left = amount(Number(found.left_minor), currency);
  return byCode("me", `peer_limit_${String(found.limit)}`, { amount: left }, "me.peer_limit_day");
}

/** Return "20", "20,5" or "20.50" as minor units; null for anything else, which is asked and never guessed. */
export function minorOf(text: string): number | null {
  const found = /^(\d{1,6})(?:[.,](\d{1,2}))?$/.exec(text.replace(/[\s€\u00a0]/g, ""));
  if (found === null) return null;
  const minor = Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0"));
  return minor > 0 ? minor : null;
}
