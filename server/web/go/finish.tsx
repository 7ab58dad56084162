/** The three ways to finish: here, at a till, with a colleague. And what is left when all is paid. */

import { useSecondsLeft } from "../lib/countdown.ts";
import { countdown, pick } from "../parts/words.ts";
import { Dearer, Goods, Hindrance, say, Sum } from "./basket.tsx";
import { Code } from "./leave.tsx";
import { away, isPriced } from "./prices.ts";
import { change, fresh, trip, type Paid } from "./trip.ts";
import { find, t } from "./words.ts";

export function Finish() {
  const { quote } = trip.value;
  const stands = isPriced() ? (quote?.problems.filter((one) => one.level === "critical") ?? []) : [];
  const reasons = [...new Set(stands.map((one) => find("go_stands", one.code) ?? one.detail))];
  const here = isPriced() && stands.length === 0;
  return (
    <div class="stack">
      <a class="button" href="#">
        {t("go.scan_on")}
      </a>
      <h1>{t("go.finish_title")}</h1>
      <Sum />
      <Hindrance />
      <Dearer />
      <section class="card stack tight">
        <h2>{t("go.here")}</h2>
        <p>{t("go.here_text")}</p>
        {reasons.map((reason) => (
          <p key={reason} class="notice warn">
            {reason}
          </p>
        ))}
        {away.value && <p class="notice warn">{t("go.here_away")}</p>}
        {here && (
          <a class="button accent big" href="#pay">
            {t("go.here_act", { amount: say(quote?.total_minor ?? 0) })}
          </a>
        )}
      </section>
      <section class="card stack tight">
        <h2>{t("go.at_till")}</h2>
        <p>{t("go.at_till_text")}</p>
        <a class={here ? "button" : "button primary"} href="#code">
          {t("go.at_till_act")}
        </a>
      </section>
      <section class="card stack tight">
        <h2>{t("go.colleague")}</h2>
        <p>{t("go.colleague_text")}</p>
      </section>
      <details>
        <summary>{t("go.goods")}</summary>
        <Goods fixed />
      </details>
    </div>
  );
}

export function Done({ paid }: { paid: Paid }) {
  const left = useSecondsLeft(paid.exit_until);
  const begin = (): void => {
    change(() => ({ ...fresh(), begun: true }));
    location.hash = "";
  };
  return (
    <div class="stack">
      <h1>{t("go.paid", { amount: say(paid.amount_minor) })}</h1>
      <p>{t("go.exit_text")}</p>
      <Code text={paid.exit_code} label={t("go.exit_code")} />
      <p role="timer" class="center">
        {left === 0 ? t("go.exit_over") : t("go.exit_left", { left: countdown(left ?? 0) })}
      </p>
      <div class="row">
        <a class="button primary" href={paid.ticket_url}>
          {t("go.ticket")}
        </a>
        <button type="button" onClick={begin}>
          {t("go.new")}
        </button>
      </div>
      {paid.coupon !== null && (
        <section class="card stack tight give">
          <h2>{t("go.coupon")}</h2>
          <p>
            <strong>{pick(paid.coupon.label)}</strong>
          </p>
          <p>{t("go.coupon_text")}</p>
          {paid.coupon.share_url !== null && (
            <a class="button accent" href={paid.coupon.share_url}>
              {t("go.coupon_act")}
            </a>
          )}
        </section>
      )}
    </div>
  );
}
