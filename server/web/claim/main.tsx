/** `/c/{token}`: the offer first, then a phone number and nothing else, then the coupon. */

import "./claim.css";
import { render, type ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { createApi, newId, ProblemError } from "../lib/api.ts";
import { Field } from "../lib/field.tsx";
import type { Texts } from "../lib/i18n.ts";
import { Qr } from "../lib/qr.tsx";
import { CouponCard } from "../parts/coupon_card.tsx";
import { useLoaded } from "../parts/loaded.ts";
import { phoneNumber } from "../parts/phone.ts";
import { Shell } from "../parts/shell.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { pick, t, until, type Key } from "../parts/words.ts";

type OfferState = "open" | "claimed" | "expired" | "ended" | "used_up";

interface Offer {
  label: Texts;
  /** From which basket, how often, until when: the server makes the sentence from the numbers. */
  conditions: Texts;
  store: string;
  ends_at: string;
  mode: "gift" | "copy";
  state: OfferState;
}

interface Claimed {
  coupon: { code: string; text: string; label: Texts; expires_at: string };
  masked_phone: string;
}

const api = createApi();
const token = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const address = `/v1/shares/${encodeURIComponent(token)}`;

/** The act by which this phone took the coupon: sent again with the same number, it gets the same answer. */
const KEPT = `sesame.claim.${token}`;
const keptAct = (): string | null => {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // a phone that keeps nothing shows the coupon once
  }
};
const keepAct = (id: string): void => {
  try {
    localStorage.setItem(KEPT, id);
  } catch {
    return;
  }
};

/** What a refused claim tells of the offer; any other code is a trouble with its own sentence. */
const REFUSALS: Record<string, OfferState> = {
  coupon_already_claimed: "claimed",
  idempotency_conflict: "claimed",
  coupon_expired: "expired",
  coupon_revoked: "ended",
  coupon_budget_spent: "used_up",
  coupon_limit_reached: "used_up",
  share_cap: "used_up",
};

const CLOSED: Record<Exclude<OfferState, "open">, { title: Key; text: Key }> = {
  claimed: { title: "claim.claimed", text: "claim.claimed_text" },
  expired: { title: "claim.expired", text: "claim.expired_text" },
  ended: { title: "claim.ended", text: "claim.ended_text" },
  used_up: { title: "claim.used_up", text: "claim.used_up_text" },
};

function ClaimPage() {
  const { value: offer, error, again } = useLoaded(() => api.ask<Offer>(address));
  const [refused, setRefused] = useState<OfferState | null>(null);
  const [asking, setAsking] = useState(false);
  const [claimed, setClaimed] = useState<Claimed | null>(null);
  const counted = useRef(false);
  useEffect(() => {
    if (offer === null || counted.current) return;
    counted.current = true;
    // Only a count; an offer is as good without it.
    api.ask(`${address}:opened`, { method: "POST" }).catch(() => undefined);
  }, [offer]);

  if (error !== null) {
    const unknown = error instanceof ProblemError && (error.problem.status === 404 || error.problem.status === 422);
    return <Shell title={t("claim.title")}>{unknown ? <Unknown /> : <Trouble error={error} onRetry={again} />}</Shell>;
  }
  if (offer === null) return <Shell title={t("claim.title")}>{<p role="status">{t("state.loading")}</p>}</Shell>;

  const state = refused ?? offer.state;
  const refuse = (code: string): boolean => {
    const told = REFUSALS[code];
    if (told === undefined) return false;
    setRefused(told);
    setAsking(false);
    return true;
  };
  const kept = state === "open" ? null : keptAct();
  const form = <PhoneForm act={kept} onClaimed={setClaimed} onRefused={refuse} />;
  return (
    <Shell title={t("claim.title")}>
      <div class="stack">
        {claimed !== null ? (
          <Kept claimed={claimed} offer={offer} />
        ) : state === "open" ? (
          <>
            <p class="lead">{t("claim.from")}</p>
            <CouponCard label={pick(offer.label)} conditions={pick(offer.conditions)} place={offer.store} level={1}>
              <p>{t(offer.mode === "gift" ? "claim.gift" : "claim.copy")}</p>
              {asking ? (
                form
              ) : (
                <button type="button" class="accent big" onClick={() => setAsking(true)}>
                  {t("claim.take")}
                </button>
              )}
            </CouponCard>
          </>
        ) : (
          <Closed title={t(CLOSED[state].title)} text={t(CLOSED[state].text, { date: until(offer.ends_at) })}>
            {kept !== null &&
              (asking ? (
                form
              ) : (
                <button type="button" onClick={() => setAsking(true)}>
                  {t("claim.claimed_again")}
                </button>
              ))}
          </Closed>
        )}
      </div>
    </Shell>
  );
}

interface Asked {
  /** The act to send again; null begins a new one. */
  act: string | null;
  onClaimed: (claimed: Claimed) => void;
  onRefused: (code: string) => boolean;
}

function PhoneForm({ act, onClaimed, onRefused }: Asked) {
  const [phone, setPhone] = useState("");
  const [bad, setBad] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const attempt = useRef<{ id: string; number: string } | null>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const number = phoneNumber(phone);
    setBad(number === null);
    setError(null);
    if (number === null || busy) return;
    // The same number again is the same act, with the same id, however often the button is pressed.
    if (attempt.current?.number !== number) attempt.current = { id: act ?? newId(), number };
    setBusy(true);
    try {
      const { id } = attempt.current;
      const claimed = await api.ask<Claimed>(`${address}/claims`, { key: id, body: { claim_id: id, phone: number } });
      keepAct(id);
      onClaimed(claimed);
    } catch (problem) {
      if (!(problem instanceof ProblemError)) throw problem;
      attempt.current = null;
      if (problem.code === "malformed_request" || problem.code === "malformed_phone") setBad(true);
      else if (!onRefused(problem.code)) setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form ref={form} class="stack" noValidate onSubmit={(event) => void submit(event)}>
      {error !== null && <Trouble error={error} />}
      <Field
        label={t("field.phone")}
        hint={t("field.phone_hint")}
        type="tel"
        name="phone"
        inputMode="tel"
        autoComplete="tel"
        value={phone}
        onValue={setPhone}
        error={bad ? t("problem.phone") : undefined}
      />
      <p class="small">{t("claim.phone_why")}</p>
      <button type="submit" class="accent big" disabled={busy}>
        {t("claim.submit")}
      </button>
    </form>
  );
}

function Kept({ claimed, offer }: { claimed: Claimed; offer: Offer }) {
  const { coupon } = claimed;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <h1 ref={heading} tabIndex={-1} class="no-print">
        {t("claim.done")}
      </h1>
      <p class="lead no-print">{t("claim.done_how")}</p>
      <CouponCard label={pick(coupon.label)} conditions={pick(offer.conditions)} place={offer.store} level={2}>
        <div class="kept">
          <Qr text={coupon.text} label={t("claim.qr_alt", { code: coupon.code })} />
          <p>
            {t("claim.typed")}
            <br />
            <span class="code-text">{coupon.code}</span>
          </p>
          <p class="small soft">{t("claim.kept_for", { phone: claimed.masked_phone })}</p>
        </div>
      </CouponCard>
      <div class="row no-print">
        <button type="button" onClick={() => window.print()}>
          {t("claim.print")}
        </button>
        <a class="button" href="/me">
          {t("claim.account")}
        </a>
      </div>
    </>
  );
}

function Closed({ title, text, children }: { title: string; text: string; children?: ComponentChildren }) {
  return (
    <div class="card stack closed" role="status">
      <h1>{title}</h1>
      <p class="lead">{text}</p>
      {children}
      <WayOut />
    </div>
  );
}

function Unknown() {
  return <Closed title={t("claim.unknown")} text={t("claim.unknown_text")} />;
}

function WayOut() {
  return (
    <nav class="stack" aria-label={t("claim.way_out")}>
      <p>{t("claim.way_out")}</p>
      <div class="row">
        <a class="button primary" href="/me">
          {t("claim.account")}
        </a>
        <a class="button" href="/">
          {t("claim.way_pages")}
        </a>
      </div>
    </nav>
  );
}

render(<ClaimPage />, document.getElementById("page")!);
