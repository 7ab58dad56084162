/** `/me`: a shopper's own page. */

import "./me.css";
import { render } from "preact";
import { signedMoney } from "../lib/money.ts";
import { useLoaded } from "../parts/loaded.ts";
import { Shell } from "../parts/shell.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { amount, byCode, locale, minute, t } from "../parts/words.ts";
import { shopper, type Account, type Entry } from "./account.ts";
import { Coupons } from "./coupons.tsx";
import { Diary } from "./diary.tsx";
import { Consents, Face, Receipt } from "./face.tsx";
import { Household } from "./household.tsx";
import { gone, Leave } from "./leave.tsx";
import { Balance, Pay } from "./money.tsx";
import { OfflinePass } from "./offline.tsx";
import { People } from "./people.tsx";
import { Purses } from "./purses.tsx";
import { SignIn } from "./sign_in.tsx";

function MePage() {
  if (gone.value !== null)
    return (
      <Shell title={t("me.title")}>
        <div class="card stack narrow">
          <h1>{t("me.leave_gone")}</h1>
          <p>{t("me.leave_gone_text")}</p>
          <h2>{t("me.face")}</h2>
          <Receipt first={gone.value} />
        </div>
      </Shell>
    );
  if (shopper.pass.value === null) return <Shell title={t("me.title")}>{<SignIn />}</Shell>;
  return <Home />;
}

function Home() {
  const { value: account, error, again } = useLoaded(() => shopper.api.ask<Account>("/v1/customers/me"));
  const leave = (): void => {
    // The server forgets the token too; should it not hear, the token ends by itself.
    shopper.api.ask("/v1/shopper/sessions/current", { method: "DELETE" }).catch(() => undefined);
    shopper.close();
  };
  return (
    <Shell
      title={t("me.title")}
      tools={
        <button type="button" onClick={leave}>
          {t("act.sign_out")}
        </button>
      }
    >
      <div class="stack home">
        {error !== null && <Trouble error={error} onRetry={again} />}
        {account === null && error === null && <p role="status">{t("state.loading")}</p>}
        {account !== null && (
          <>
            <div>
              <h1>{t("me.hello", { name: account.name })}</h1>
              <p class="soft">{t("me.phone", { last4: account.phone_last4 })}</p>
            </div>
            <a class="button" href="/go">
              {t("me.go")}
            </a>
            <Balance account={account} onChanged={again} />
            <Pay />
            <People currency={account.currency} onMoved={again} />
            <Purses account={account} />
            <Coupons coupons={account.coupons} onChanged={again} />
            <Entries entries={account.entries} currency={account.currency} />
            <OfflinePass currency={account.currency} />
            <Household />
            <Face account={account} onChanged={again} />
            <Consents consents={account.consents} />
            <Diary customerId={account.customer_id} />
            <Leave currency={account.currency} />
          </>
        )}
      </div>
    </Shell>
  );
}

function Entries({ entries, currency }: { entries: Entry[]; currency: string }) {
  return (
    <section class="card stack" aria-labelledby="entries">
      <h2 id="entries">{t("me.entries")}</h2>
      {entries.length === 0 && <p class="soft">{t("me.entries_none")}</p>}
      <ol class="plain entries">
        {entries.map((entry) => (
          <li key={`${entry.at}${entry.amount_minor}`}>
            <span>
              <strong>{byCode("me", `entry.${entry.kind}`, { who: typeof entry.label === "string" ? entry.label : "" }, "me.entry.payment")}</strong>
              {entry.memo === "" ? <br /> : <q class="small message">{entry.memo}</q>}
              <span class="small soft">
                <time dateTime={entry.at}>{minute(entry.at)}</time>
              </span>
            </span>
            <span class="end">
              <strong class="money">{signedMoney(entry.amount_minor, currency, locale.value)}</strong>
              <br />
              <span class="small soft money">{t("me.entry_balance", { balance: amount(entry.balance_minor, currency) })}</span>
            </span>
            {entry.ticket_url !== null && <a href={entry.ticket_url}>{t("me.entry_ticket")}</a>}
          </li>
        ))}
      </ol>
    </section>
  );
}

render(<MePage />, document.getElementById("page")!);
