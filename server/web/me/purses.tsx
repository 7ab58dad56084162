/** The purses beside the balance: cashback with who paid it, and vouchers with what they are good for. */

import { signedMoney } from "../lib/money.ts";
import { amount, byCode, locale, minute, pick, shelves, t, until } from "../parts/words.ts";
import type { Account } from "./account.ts";

export function Purses({ account }: { account: Account }) {
  const say = (minor: number): string => amount(minor, account.currency);
  const { cashback, vouchers, cashback_left_this_year_minor: left } = account;
  if (cashback.balance_minor === 0 && cashback.entries.length === 0 && vouchers.length === 0 && left === null) return null;
  return (
    <section class="card stack" aria-labelledby="purses">
      <h2 id="purses">{t("me.purses")}</h2>
      <p>
        <strong>{t("me.cashback", { amount: say(cashback.balance_minor) })}</strong>
        {left !== null && (
          <>
            <br />
            <span class="small soft">{t("me.cashback_left", { amount: say(left) })}</span>
          </>
        )}
      </p>
      {cashback.entries.length > 0 && (
        <ol class="plain entries">
          {bySale(cashback.entries).map((entry, n) => (
            <li key={n}>
              <span>
                <strong>{byCode("me", `purse.${entry.kind}`, undefined, "me.purse.hold")}</strong>
                <br />
                <span class="small soft">
                  <time dateTime={entry.at}>{minute(entry.at)}</time>
                  {entry.parts.length > 0 && ` · ${entry.parts.map((part) => `${say(part.amount_minor)} ${pick(part.name)}`).join(" + ")}`}
                </span>
              </span>
              <strong class="money end">{signedMoney(entry.amount_minor, account.currency, locale.value)}</strong>
              {entry.ticket_url !== null && <a href={entry.ticket_url}>{t("me.entry_ticket")}</a>}
            </li>
          ))}
        </ol>
      )}
      {vouchers.length > 0 && (
        <ul class="plain entries">
          {vouchers.map((voucher) => (
            <li key={voucher.purse_id}>
              <span>
                <strong>{pick(voucher.name)}</strong>
                {voucher.message !== "" && <q class="small message">{voucher.message}</q>}
                <br />
                <span class="small soft">
                  {voucher.categories.length > 0 ? t("me.voucher_for", { what: shelves(voucher.categories) }) : t("me.voucher_for_all")}
                  {voucher.expires_at !== null && ` · ${t("me.voucher_until", { date: until(voucher.expires_at) })}`}
                </span>
              </span>
              <strong class="money end">{say(voucher.balance_minor)}</strong>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

type PurseEntry = Account["cashback"]["entries"][number];

/** One row a sale: each funder pays its part by itself, but who shops gets one sum back, with its parts beneath. */
function bySale(entries: readonly PurseEntry[]): PurseEntry[] {
  const rows: PurseEntry[] = [];
  for (const entry of entries) {
    const last = rows.at(-1);
    const same = last !== undefined && last.kind === entry.kind && last.at === entry.at && last.ticket_url === entry.ticket_url;
    if (same && entry.ticket_url !== null) rows[rows.length - 1] = { ...last, amount_minor: last.amount_minor + entry.amount_minor };
    else rows.push(entry);
  }
  return rows;
}
