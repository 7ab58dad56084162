/** `/b/{token}`: a basket that was put aside, with the code that any till takes up. Whoever has the link has the basket. */

import "../ticket/ticket.css";
import { render } from "preact";
import { createApi, ProblemError } from "../lib/api.ts";
import type { Texts } from "../lib/i18n.ts";
import { signedMoney } from "../lib/money.ts";
import { Qr } from "../lib/qr.tsx";
import { useLoaded } from "../parts/loaded.ts";
import { Shell } from "../parts/shell.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { amount, byCode, locale, pick, t } from "../parts/words.ts";

interface Waiting {
  payee: string;
  currency: string;
  lines: {
    line_id: string;
    name: string;
    brand: string;
    pack: string;
    quantity: number;
    weight_g: number | null;
    gross_minor: number;
    adjustments: { rule_id: string; label: Texts; amount_minor: number }[];
  }[];
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
      <ul class="plain lines">
        {basket.lines.map((line) => (
          <li key={line.line_id}>
            <span class="what">
              <strong>{line.name}</strong>
              <span class="soft small">
                {[
                  line.brand,
                  line.pack,
                  line.weight_g === null
                    ? `× ${line.quantity}`
                    : new Intl.NumberFormat(locale.value, { style: "unit", unit: "kilogram" }).format(line.weight_g / 1000),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
            </span>
            <span class="money">{say(line.gross_minor)}</span>
            {line.adjustments.map((change) => (
              <span key={change.rule_id} class="change">
                <span>{pick(change.label)}</span>
                <span class="money">{signedMoney(change.amount_minor, basket.currency, locale.value)}</span>
              </span>
            ))}
          </li>
        ))}
      </ul>
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

render(<BasketPage />, document.getElementById("page")!);
