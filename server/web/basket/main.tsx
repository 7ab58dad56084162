/** `/b/{token}`: a basket that was put aside, with the code that any till takes up. Whoever has the link has the basket. */

import "../ticket/ticket.css";
import { render } from "preact";
import { createApi, ProblemError } from "../lib/api.ts";
import type { Texts } from "../lib/i18n.ts";
import { Qr } from "../lib/qr.tsx";
import { Lines as Goods, type Line } from "../parts/lines.tsx";
import { useLoaded } from "../parts/loaded.ts";
import { Shell } from "../parts/shell.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { amount, byCode, pick, t } from "../parts/words.ts";

interface Waiting {
  payee: string;
  currency: string;
  lines: Line[];
  coupons: { label: Texts; state: "applied" | "not_applicable"; why: Texts | null; saved_minor: number }[];
  saved_minor: number;
  total_minor: number;
  /** The same goods as codes for a till whose network is away. */
  texts: string[];
}

const api = createApi();
const token = decodeURIComponent(location.pathname.split("/")[2] ?? "");

function BasketPage() {
  const { value: basket, error, again } = useLoaded(() => api.ask<Waiting>(`/v1/handovers/${encodeURIComponent(token)}`));
  return (
    <Shell title={t("basket.title")}>
      {basket !== null && <Lines basket={basket} />}
      {basket === null && error === null && <p role="status">{t("state.loading")}</p>}
      {error !== null && (ended(error) ? <Ended error={error} /> : <Trouble error={error} onRetry={again} />)}
    </Shell>
  );
}

function ended(error: unknown): error is ProblemError {
  return error instanceof ProblemError && [404, 409, 410, 422].includes(error.problem.status);
}

function Ended({ error }: { error: ProblemError }) {
  return (
    <div class="card stack narrow">
      <h1>{t("basket.ended")}</h1>
      <p>{byCode("basket", error.problem.code, undefined, "basket.handover_unknown")}</p>
      <a class="button primary" href="/">
        {t("nav.home")}
      </a>
    </div>
  );
}

function Lines({ basket }: { basket: Waiting }) {
  const say = (minor: number): string => amount(minor, basket.currency);
  return (
    <article class="paper stack">
      <header>
        <p class="soft">{basket.payee}</p>
        <h1>{t("basket.title")}</h1>
        <p>{t("basket.lead")}</p>
        <Qr text={`SESAME:B:${token}`} label={t("basket.code")} />
      </header>
      <Goods lines={basket.lines} currency={basket.currency} />
      <Coupons coupons={basket.coupons} say={say} />
      <dl class="sums">
        <div class="total">
          <dt>{t("ticket.total")}</dt>
          <dd class="money">{say(basket.total_minor)}</dd>
        </div>
      </dl>
      {basket.saved_minor > 0 && <p class="saved">{t("ticket.saved", { amount: say(basket.saved_minor) })}</p>}
      <p class="small soft">{t("basket.prices")}</p>
      {basket.texts.length > 0 && (
        <details>
          <summary>{t("basket.texts")}</summary>
          <p>{t("basket.texts_more", { count: basket.texts.length })}</p>
          {basket.texts.map((text, place) => {
            const label = t("basket.part", { number: place + 1, of: basket.texts.length });
            return (
              <figure key={text} class="part">
                <figcaption>{label}</figcaption>
                <Qr text={text} label={label} />
              </figure>
            );
          })}
        </details>
      )}
    </article>
  );
}

/** What each coupon takes off, or why not and what to do about it. */
function Coupons({ coupons, say }: { coupons: Waiting["coupons"]; say: (minor: number) => string }) {
  if (coupons.length === 0) return null;
  return (
    <section class="stack tight" aria-label={t("basket.coupons")}>
      <h2>{t("basket.coupons")}</h2>
      <ul class="plain stack tight">
        {coupons.map((coupon, place) => (
          <li key={place}>
            <strong>{pick(coupon.label)}</strong>
            {coupon.saved_minor > 0 && ` – ${t("ticket.saved", { amount: say(coupon.saved_minor) })}`}
            {coupon.why !== null && (
              <>
                <br />
                <span class="soft small">{pick(coupon.why)}</span>
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

render(<BasketPage />, document.getElementById("page")!);
