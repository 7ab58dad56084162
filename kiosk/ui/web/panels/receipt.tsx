/** Paid: the way out, the ticket, and a coupon to pass on. */

import { Qr } from "../../../../server/web/lib/qr.tsx";
import { PageQr } from "../page_qr.tsx";
import { Heading } from "../parts.tsx";
import type { Panel, Screen } from "../screen.ts";
import { act, can } from "../state.ts";
import { lastDay, pick, price, t } from "../words.ts";

export function Receipt({ panel, screen }: { panel: Extract<Panel, { name: "receipt" }>; screen: Screen }) {
  const server = screen.kiosk.server_url;
  const ticket =
    panel.provisional === null
      ? t("receipt.ticket", { number: panel.ticket_number })
      : t("receipt.provisional", { number: panel.provisional });
  return (
    <div class={panel.coupon ? "panel receipt three" : "panel receipt"}>
      <Heading
        title={t("receipt.title", { amount_minor: panel.amount_minor })}
        lead={panel.provisional !== null ? t("receipt.provisional_lead") : panel.subject ? t("receipt.lead", { subject: panel.subject }) : t("receipt.lead_plain")}
      />
      {/* A way out that this till has signed says more than the store's own: it is drawn larger, so that a gate reads it. */}
      <div class={panel.provisional === null ? "tickets" : "tickets texts"}>
        {panel.exit_code !== "" && (
          <section class="card first">
            <h2>{t("receipt.exit")}</h2>
            <Qr text={panel.exit_code} label={t("receipt.exit")} />
            <p>{t("receipt.exit_more")}</p>
          </section>
        )}
        <section class="card">
          <h2>{ticket}</h2>
          <PageQr server={server} path={panel.ticket_url} label={ticket} />
          <p>{panel.provisional === null ? t("receipt.ticket_more") : t("receipt.provisional_more")}</p>
        </section>
        {panel.coupon && (
          <section class="card share">
            <h2>{t("receipt.coupon")}</h2>
            <PageQr server={server} path={panel.coupon.share_url} label={t("receipt.coupon")} />
            <p>
              <b>{pick(panel.coupon.label)}</b>
              <br />
              {t("receipt.coupon_more", { date: lastDay(panel.coupon.expires_at, screen.kiosk.timezone) })}
            </p>
          </section>
        )}
      </div>
      <div class="actions-bar">
        {panel.balance_after_minor !== null && (
          <p class="balance">{t("receipt.balance", { balance_minor: panel.balance_after_minor })}</p>
        )}
        {panel.cashback !== null && panel.cashback.total_minor > 0 && (
          <p class="balance" data-say>
            {t("receipt.cashback", { total_minor: panel.cashback.total_minor })}
            <br />
            <span class="soft small">
              {panel.cashback.parts.map((part) => `${pick(part.name)} ${price(part.amount_minor)}`).join(" + ")}
              {panel.cashback.is_near_cap && ` · ${t("receipt.cashback_near_cap", { left_this_year_minor: panel.cashback.left_this_year_minor })}`}
            </span>
          </p>
        )}
        <span class="spring" />
        {can("not_me") && (
          <button type="button" class="quiet" onClick={() => void act("not_me")}>
            {t("receipt.not_me")}
          </button>
        )}
        {can("print_ticket") && (
          <button type="button" class="big" onClick={() => void act("print_ticket")}>
            {t("receipt.print")}
          </button>
        )}
        {panel.paper !== "" && <p role="status">{t(`receipt.${panel.paper}`)}</p>}
        {can("new_visit") && (
          <button type="button" class="primary big" onClick={() => void act("new_visit")}>
            {t("receipt.done")}
          </button>
        )}
      </div>
    </div>
  );
}
