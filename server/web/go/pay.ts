/** Pay for the basket: an approval of what is shown, then the payment, under ids that were saved before they were sent. */

import { signal } from "@preact/signals";
import { newId, ProblemError } from "../lib/api.ts";
import type { Texts } from "../lib/i18n.ts";
import { shopper } from "../me/account.ts";
import { reprice } from "./prices.ts";
import { change, fresh, onTheWire, trip, type Attempt } from "./trip.ts";

interface Payment {
  amount_minor: number;
  ticket: { url: string };
  exit_code: { code: string; expires_at: string };
  coupon: { label: Texts; share_url: string | null } | null;
}

/** Why the last try came to nothing; nothing has moved then. */
export const trouble = signal<unknown>(null);
/** Whether the outcome of a payment is asked for, and the store does not answer. */
export const silent = signal(false);
/** Whether whoever signed in last is not who began the payment: its outcome is for the other alone. */
export const foreign = signal(false);

const AGAIN_MS = 3000;
/** A shortfall that the approval told of, worded as the refusal of the payment would be. */
const SHORT = "insufficient_funds";

/** Tabs of one phone take turns: what one is having approved the other would ask for too early, and give up. */
const inTurn = <T>(work: () => Promise<T>): Promise<T> => (navigator.locks === undefined ? work() : (navigator.locks.request("sesame.pay", work) as Promise<T>));

let approving = false;
let settling: Promise<void> | null = null;

/** Approve what is shown by PIN, and pay it. The PIN is kept nowhere. */
export async function pay(pin: string): Promise<void> {
  const { quote, basket_id, coupons, lines } = trip.value;
  if (quote === null || approving) return;
  const attempt: Attempt = {
    payment_id: newId(),
    authentication_id: newId(),
    basket_id,
    lines: onTheWire({ lines }),
    coupons,
    digest: quote.digest,
    amount_minor: quote.total_minor,
    payee: quote.payee,
  };
  trouble.value = null;
  approving = true;
  if (await inTurn(() => isApproved(attempt, pin)).finally(() => (approving = false))) await settle();
}

async function isApproved(attempt: Attempt, pin: string): Promise<boolean> {
  const { payment_id: _later, ...shown } = attempt;
  if (trip.value.payment !== null) return false; // another tab was first
  change((now) => ({ ...now, payment: attempt }));
  try {
    const body = { ...shown, method: "pin", pin };
    const approval = await shopper.api.ask<{ sufficient: boolean; shortfall_minor: number }>("/v1/authentications", { key: attempt.authentication_id, body });
    if (!approval.sufficient) throw short(approval.shortfall_minor);
    return true;
  } catch (error) {
    // Whether or not the approval was made: without the payment it ends by itself within a minute.
    giveUp(error);
    return false;
  }
}

/** Ask for the payment that was begun, until there is an outcome; asked again it is the same one. */
export async function settle(): Promise<void> {
  if (approving) return; // `pay` goes on with it
  settling ??= inTurn(ask).finally(() => (settling = null));
  await settling;
}

async function ask(): Promise<void> {
  for (let attempt = trip.value.payment; attempt !== null; attempt = trip.value.payment) {
    try {
      const payment = await shopper.api.ask<Payment>("/v1/checkouts", { key: attempt.payment_id, body: attempt, tries: 1 });
      silent.value = foreign.value = false;
      const paid = {
        amount_minor: payment.amount_minor,
        ticket_url: payment.ticket.url,
        exit_code: payment.exit_code.code,
        exit_until: payment.exit_code.expires_at,
        coupon: payment.coupon,
      };
      change(() => ({ ...fresh(), paid }));
      return;
    } catch (error) {
      if (error instanceof ProblemError && error.code === "unauthorized") return; // who signs in again has the outcome
      if (error instanceof ProblemError && error.code === "payment_exists") {
        foreign.value = true;
        shopper.close();
        return;
      }
      if (!isUndecided(error)) {
        giveUp(error);
        return;
      }
      silent.value = true;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

function isUndecided(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return false;
  const { status, code } = error.problem;
  return status === 0 || status >= 500 || status === 429 || code === "idempotency_in_flight";
}

/** The basket is its shopper's again; what it costs is looked at anew. */
function giveUp(error: unknown): void {
  silent.value = false;
  trouble.value = error;
  change((now) => ({ ...now, payment: null }));
  void reprice();
}

function short(shortfall_minor: number): ProblemError {
  return new ProblemError({ type: "", title: "", status: 402, code: SHORT, shortfall_minor });
}
