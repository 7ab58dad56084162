/** `/t/{ticket_id}`: what was bought, what each promotion changed, how it was paid, and a coupon to pass on. */

import "./ticket.css";
import { render } from "preact";
import { useState } from "preact/hooks";
import { createApi, ProblemError } from "../lib/api.ts";
import type { Texts } from "../lib/i18n.ts";
import { GiveBack, type GivenBack } from "./give_back.tsx";
import { Split } from "./split.tsx";
import { Lines, type Line } from "../parts/lines.tsx";
import { useLoaded } from "../parts/loaded.ts";
import { ShareDialog, shareNatively } from "../parts/share_dialog.tsx";
import { Shell } from "../parts/shell.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { amount, byCode, locale, minute, pick, t } from "../parts/words.ts";

interface Ticket {
  ticket_id: string;
  number: number;
  store: string;
  payee: string;
  issued_at: string;
  currency?: string;
  lines: Line[];
  vat: { rate_bp: number; net_minor: number; tax_minor: number; gross_minor: number }[];
  total_minor: number;
  tenders: { account: string; tender?: string; name?: Texts; amount_minor: number }[];
  cashback?: { total_minor: number; parts: { name: Texts; amount_minor: number }[] } | null;
  chain: { position: number; hash: string };
  /** Where a till took it without the network: its number there. */
  offline?: { number: string; taken_at: string; draw?: Draw };
  /** Where a code on a counter was paid by: only the merchant gives it back. */
  counter?: { name: string };
  demo_prices: boolean;
  coupon_share_url: string | null;
  /** What came back since. */
  refunds?: GivenBack[];
  refunded_minor?: number;
}

/** What let it pass without a look: a signature by the till's key, for anybody to draw again. */
interface Draw {
  roll: number;
  chance_bp: number;
  words: string;
  proof: string;
  key: string;
}

const api = createApi();
const ticketId = decodeURIComponent(location.pathname.split("/")[2] ?? "");

function TicketPage() {
  const { value: ticket, error, again } = useLoaded(() => api.ask<Ticket>(`/v1/tickets/${encodeURIComponent(ticketId)}`));
  const title = ticket === null ? t("ticket.title") : t("ticket.number", { number: String(ticket.number) });
  return (
    <Shell title={title}>
      {ticket !== null && <Receipt ticket={ticket} title={title} onChanged={again} />}
      {ticket === null && error === null && <p role="status">{t("state.loading")}</p>}
      {error !== null && (missing(error) ? <Missing /> : <Trouble error={error} onRetry={again} />)}
    </Shell>
  );
}

function missing(error: unknown): boolean {
  return error instanceof ProblemError && (error.problem.status === 404 || error.problem.status === 422);
}

function Missing() {
  return (
    <div class="card stack narrow">
      <h1>{t("ticket.missing")}</h1>
      <p>{t("ticket.missing_text")}</p>
      <a class="button primary" href="/">
        {t("nav.home")}
      </a>
    </div>
  );
}

function Drawn({ draw }: { draw: Draw }) {
  return (
    <details class="drawn soft">
      <summary>{t("ticket.drawn", { roll: String(draw.roll), chance: String(draw.chance_bp) })}</summary>
      <p>
        <code>{draw.words}</code>
      </p>
      <p>
        <code>{draw.proof}</code>
      </p>
      <p>
        <code>{draw.key}</code>
      </p>
    </details>
  );
}

function Receipt({ ticket, title, onChanged }: { ticket: Ticket; title: string; onChanged: () => void }) {
  const [shareUrl, setShareUrl] = useState<string | null>(null);
  const currency = ticket.currency ?? "EUR";
  const say = (minor: number): string => amount(minor, currency);
  // Line dues sum to the total, so what was saved is the rest.
  const saved = ticket.lines.reduce((sum, line) => sum + line.gross_minor, 0) - ticket.total_minor;
  const share = async (path: string): Promise<void> => {
    const url = new URL(path, location.origin).href;
    if (!(await shareNatively(url, t("claim.title")))) setShareUrl(url);
  };
  return (
    <div class="stack">
      <article class="paper stack">
        <header>
          <p class="soft">{ticket.payee}</p>
          <h1>{title}</h1>
          <p>
            <time dateTime={ticket.issued_at}>{minute(ticket.issued_at)}</time>
          </p>
          {ticket.offline && <p class="soft">{t("ticket.offline", { number: ticket.offline.number })}</p>}
          {ticket.offline?.draw && <Drawn draw={ticket.offline.draw} />}
          {ticket.demo_prices && <p class="chip warn">{t("ticket.demo_mark")}</p>}
        </header>
        <section aria-label={t("ticket.articles")}>
          <Lines lines={ticket.lines} currency={currency} />
        </section>
        <dl class="sums">
          <div class="total">
            <dt>{t("ticket.total")}</dt>
            <dd class="money">{say(ticket.total_minor)}</dd>
          </div>
          {ticket.tenders.map((tender, n) => (
            <div key={n}>
              <dt>
                {byCode("ticket", `tender.${tender.tender ?? tender.account}`, undefined, "ticket.tender.other")}
                {tender.name && ` – ${pick(tender.name)}`}
              </dt>
              <dd class="money">{say(tender.amount_minor)}</dd>
            </div>
          ))}
          {ticket.refunded_minor !== undefined && ticket.refunded_minor > 0 && (
            <div>
              <dt>{t("ticket.refunded")}</dt>
              <dd class="money">{say(ticket.refunded_minor)}</dd>
            </div>
          )}
        </dl>
        {ticket.cashback && ticket.cashback.total_minor > 0 && (
          <p class="saved">
            {t("ticket.cashback", { amount: say(ticket.cashback.total_minor) })}
            {" = "}
            {ticket.cashback.parts.map((part) => `${say(part.amount_minor)} ${pick(part.name)}`).join(" + ")}
          </p>
        )}
        {saved > 0 && <p class="saved">{t("ticket.saved", { amount: say(saved) })}</p>}
        <table>
          <caption>{t("ticket.vat")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("ticket.vat_rate")}</th>
              <th scope="col" class="money">
                {t("ticket.vat_net")}
              </th>
              <th scope="col" class="money">
                {t("ticket.vat_tax")}
              </th>
              <th scope="col" class="money">
                {t("ticket.vat_gross")}
              </th>
            </tr>
          </thead>
          <tbody>
            {ticket.vat.map((rate) => (
              <tr key={rate.rate_bp}>
                <th scope="row">
                  {new Intl.NumberFormat(locale.value, { style: "percent", maximumFractionDigits: 2 }).format(rate.rate_bp / 10_000)}
                </th>
                <td class="money">{say(rate.net_minor)}</td>
                <td class="money">{say(rate.tax_minor)}</td>
                <td class="money">{say(rate.gross_minor)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <footer class="small soft stack">
          <p>
            <strong>{t("ticket.chain", { position: String(ticket.chain.position) })}</strong>
            <br />
            <code>{ticket.chain.hash}</code>
            <br />
            {t("ticket.chain_text")}
          </p>
        </footer>
      </article>
      {ticket.coupon_share_url !== null && (
        <section class="card stack give">
          <h2>{t("ticket.share")}</h2>
          <p>{t("ticket.share_text")}</p>
          <button type="button" class="accent" onClick={() => void share(ticket.coupon_share_url!)}>
            {t("ticket.share_act")}
          </button>
        </section>
      )}
      <Split ticketId={ticket.ticket_id} lines={ticket.lines} refunds={ticket.refunds ?? []} currency={currency} />
      {ticket.counter === undefined ? (
        <GiveBack ticketId={ticket.ticket_id} lines={ticket.lines} refunds={ticket.refunds ?? []} currency={currency} onDone={onChanged} />
      ) : (
        <p class="card">{t("ticket.back_counter", { name: ticket.counter.name })}</p>
      )}
      <div class="row no-print">
        <button type="button" onClick={() => window.print()}>
          {t("ticket.print")}
        </button>
      </div>
      <ShareDialog url={shareUrl} onClose={() => setShareUrl(null)} />
    </div>
  );
}

render(<TicketPage />, document.getElementById("page")!);
