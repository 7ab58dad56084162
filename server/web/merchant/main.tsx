/** `/merchant`: what is being sold, as it is sold; what each day brought; all of it as a sheet. */

import "./merchant.css";
import { effect } from "@preact/signals";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../lib/dialog.tsx";
import { Field } from "../lib/field.tsx";
import { TAGS } from "../lib/i18n.ts";
import { crew, CrewSignIn, NoRole } from "../parts/crew.tsx";
import { byCode, t } from "../parts/crew_words.ts";
import { Figure } from "../parts/figure.tsx";
import { LiveChip } from "../parts/live_chip.tsx";
import { FirstFactor, Security } from "../parts/security.tsx";
import { Shell } from "../parts/shell.tsx";
import { announce, rememberSound, sounding, toggleSound } from "../parts/sound.ts";
import { GiveBack, type Answer, type Detail } from "../parts/give_back.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { amount, clock, locale } from "../parts/words.ts";
import { CounterCodes, type Code } from "./codes.tsx";
import { Poster } from "./poster.tsx";
import { base, chosen, choose, days, follow, linked, loadOlder, newest, refresh, sales, saveSheet, trouble, type Day, type Sale } from "./sales.ts";

const ROLES = ["merchant_owner", "merchant_cashier"];

rememberSound();
effect(() => {
  const sale = newest.value;
  if (sale === null) return;
  const sum = amount(sale.amount_minor, sale.currency);
  // Only a counter knows names; an outline with stars is not for speaking.
  announce(sale.counter === null || sale.payer === null ? sum : `${sum}, ${sale.payer}`, TAGS[locale.peek()]);
});

function MerchantPage() {
  const pass = crew.pass.value;
  if (pass === null) return <Shell title={t("merchant.title")}>{<CrewSignIn title={t("merchant.sign_in")} />}</Shell>;
  if (pass.must_enrol) return <Shell title={t("security.title")}>{<FirstFactor />}</Shell>;
  if (!pass.roles.some((role) => ROLES.includes(role))) return <Shell title={t("merchant.title")}>{<NoRole text={t("merchant.no_role")} />}</Shell>;
  return <Counter />;
}

function Counter() {
  const [safety, setSafety] = useState(false);
  const [printing, setPrinting] = useState<{ code: Code; picture: string | null } | null>(null);
  useEffect(() => {
    const listening = follow();
    return () => listening.close();
  }, []);
  const told = days.value;
  const shown = chosen.value ?? told?.today ?? null;
  const day = told?.items.find((one) => one.day === shown) ?? null;
  const fresh = newest.value;
  return (
    <Shell
      title={t("merchant.title")}
      tools={
        <>
          <LiveChip linked={linked.value} />
          <button type="button" aria-pressed={sounding.value} onClick={toggleSound}>
            <span aria-hidden="true">{sounding.value ? "🔔" : "🔕"}</span> {t("staff.sound")}
          </button>
          <button type="button" onClick={() => setSafety(true)}>
            {t("security.title")}
          </button>
          <button type="button" onClick={crew.close}>
            {t("act.sign_out")}
          </button>
        </>
      }
    >
      <Dialog open={safety} title={t("security.title")} onClose={() => setSafety(false)} actions={<button type="button" class="primary" onClick={() => setSafety(false)}>{t("act.close")}</button>}>
        <Security />
      </Dialog>
      {printing !== null && told !== null && <Poster store={told.store.name} payee={told.store.payee} {...printing} onClose={() => setPrinting(null)} />}
      <div class="stack" hidden={printing !== null}>
        <h1>{told === null ? t("merchant.title") : told.store.name}</h1>
        <div role="status" class={fresh === null ? "visually-hidden" : "notice fresh"}>
          {fresh !== null && <p>{t("merchant.said", { amount: amount(fresh.amount_minor, fresh.currency), payer: payerOf(fresh) })}</p>}
          {fresh !== null && fresh.emoji !== null && (
            <p>
              <span class="emoji">{fresh.emoji.join(" ")}</span> {fresh.counter}, <time dateTime={fresh.taken_at}>{clock(fresh.taken_at)}</time>
            </p>
          )}
        </div>
        {trouble.value !== null && <Trouble error={trouble.value} onRetry={() => void refresh()} />}
        {trouble.value !== null && told !== null && <p class="soft">{t("merchant.old")}</p>}
        {told === null && trouble.value === null && <p role="status">{t("state.loading")}</p>}
        {told !== null && shown !== null && (
          <>
            <section class="card stack" aria-labelledby="figures">
              <h2 id="figures">{nameOf(shown, told.today)}</h2>
              {day !== null && <Figures day={day} currency={told.currency} />}
            </section>
            <Sales />
            <section class="card stack days" aria-labelledby="days">
              <h2 id="days">{t("merchant.days")}</h2>
              <Days items={told.items} today={told.today} shown={shown} currency={told.currency} />
            </section>
            <CounterCodes currency={told.currency} onPrint={(code, picture) => setPrinting({ code, picture })} />
            <Sheet today={told.today} />
          </>
        )}
      </div>
    </Shell>
  );
}

function Figures({ day, currency }: { day: Day; currency: string }) {
  const say = (minor: number): string => amount(minor, currency);
  return (
    <dl class="figures">
      <Figure label={t("merchant.amount")} value={say(day.amount_minor)} />
      <Figure label={t("merchant.sales")} value={String(day.sales)} />
      <Figure label={t("merchant.refunded")} value={say(day.refunded_minor)} />
      <Figure label={t("merchant.net")} value={say(day.amount_minor - day.refunded_minor)} />
      <Figure label={t("merchant.cashback")} value={say(day.cashback_minor)} />
    </dl>
  );
}

function Sales() {
  const [error, setError] = useState<unknown>(null);
  const [giving, setGiving] = useState<Sale | null>(null);
  const page = sales.value;
  const older = async (): Promise<void> => {
    setError(null);
    try {
      await loadOlder();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <section class="card stack" aria-labelledby="sales">
      <h2 id="sales">{t("merchant.list")}</h2>
      {page === null && trouble.value === null && <p role="status">{t("state.loading")}</p>}
      {page !== null && page.items.length === 0 && <p class="lead">{t("merchant.none")}</p>}
      <ol class="plain sales">
        {page?.items.map((sale) => (
          <li key={sale.payment_id} class={sale.payment_id === newest.value?.payment_id ? "fresh" : ""}>
            <span>
              <strong>{payerOf(sale)}</strong>
              <br />
              <span class="small soft">
                <time dateTime={sale.taken_at}>{clock(sale.taken_at)}</time>
                {` · ${t("merchant.ticket", { number: sale.ticket_number })}`}
                {sale.counter !== null && ` · ${sale.counter} `}
                {sale.emoji !== null && <span class="emoji">{sale.emoji.join(" ")}</span>}
                {sale.tenders.length > 0 && ` · ${sale.tenders.map((each) => byCode("merchant", `tender.${each.kind}`, undefined, "merchant.tender.till")).join(" + ")}`}
              </span>
            </span>
            <span class="money">{amount(sale.amount_minor, sale.currency)}</span>
            <span class="chips">
              {sale.refunded_minor > 0 && <span class="chip warn">{backOf(sale)}</span>}
              {sale.cashback_minor > 0 && <span class="chip good">{t("merchant.given", { amount: amount(sale.cashback_minor, sale.currency) })}</span>}
            </span>
            {sale.refunded_minor < sale.amount_minor && (
              <button type="button" aria-label={t("merchant.back_title", { number: sale.ticket_number })} onClick={() => setGiving(sale)}>
                {t("merchant.back")}
              </button>
            )}
          </li>
        ))}
      </ol>
      {giving !== null && (
        <GiveBack
          key={giving.payment_id}
          number={giving.ticket_number}
          load={() => crew.api.ask<Detail>(`${base()}/sales/${giving.payment_id}`)}
          send={async (id, lines, reason) => {
            const body = { refund_id: id, payment_id: giving.payment_id, lines, reason };
            const answer = await crew.api.ask<Answer>(`${base()}/refunds`, { key: id, body });
            void refresh();
            return answer;
          }}
          asked={(sum) => t("merchant.back_asked", { amount: sum })}
          onClose={() => setGiving(null)}
        />
      )}
      {error !== null && <Trouble error={error} onRetry={() => void older()} />}
      {page !== null && page.next_cursor !== null && (
        <button type="button" onClick={() => void older()}>
          {t("merchant.older")}
        </button>
      )}
    </section>
  );
}

function Days({ items, today, shown, currency }: { items: Day[]; today: string; shown: string; currency: string }) {
  const columns = [
    { label: t("merchant.sales"), of: (one: Day) => one.sales, say: String },
    { label: t("merchant.amount"), of: (one: Day) => one.amount_minor, say: (minor: number) => amount(minor, currency) },
    { label: t("merchant.refunded"), of: (one: Day) => one.refunded_minor, say: (minor: number) => amount(minor, currency) },
    { label: t("merchant.cashback"), of: (one: Day) => one.cashback_minor, say: (minor: number) => amount(minor, currency) },
  ];
  return (
    <table aria-label={t("merchant.table")}>
      <thead>
        <tr>
          <th scope="col">{t("merchant.day")}</th>
          {columns.map(({ label }) => (
            <th key={label} scope="col" class="money">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((one) => (
          <tr key={one.day}>
            <th scope="row">
              <button type="button" aria-pressed={one.day === shown} aria-label={t("merchant.show", { day: nameOf(one.day, today) })} onClick={() => void choose(one.day)}>
                {nameOf(one.day, today)}
              </button>
            </th>
            {columns.map(({ label, of, say }) => (
              <td key={label} class={of(one) === 0 ? "money nil" : "money"} data-label={label}>
                {say(of(one))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Sheet({ today }: { today: string }) {
  const [first, setFirst] = useState(`${today.slice(0, 8)}01`);
  const [last, setLast] = useState(today);
  const [error, setError] = useState<unknown>(null);
  const [saved, setSaved] = useState(false);
  const save = async (): Promise<void> => {
    setError(null);
    setSaved(false);
    try {
      await saveSheet(first, last, locale.value);
      setSaved(true);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <form
      class="card stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <h2>{t("merchant.sheet")}</h2>
      <p class="soft">{t("merchant.sheet_text")}</p>
      <div class="sheet">
        <Field label={t("merchant.first")} name="first" type="date" value={first} onValue={setFirst} error={first === "" ? t("problem.required") : undefined} />
        <Field label={t("merchant.last")} name="last" type="date" value={last} onValue={setLast} error={last === "" ? t("problem.required") : undefined} />
        <button type="submit" class="primary" disabled={first === "" || last === ""}>
          {t("merchant.save")}
        </button>
      </div>
      {error !== null && <Trouble error={error} />}
      <p role="status" class={saved ? "notice" : "visually-hidden"}>
        {saved && t("merchant.saved")}
      </p>
    </form>
  );
}

/** Who paid, as the till showed it. */
const payerOf = (sale: Sale): string => sale.payer ?? t("merchant.guest");
const backOf = (sale: Sale): string =>
  sale.refunded_minor === sale.amount_minor ? t("merchant.back_all") : t("merchant.back_part", { amount: amount(sale.refunded_minor, sale.currency) });

/** A day of the store's calendar in words; it is no instant, so no clock may shift it. */
function nameOf(day: string, today: string): string {
  if (day === today) return t("merchant.today");
  return new Intl.DateTimeFormat(TAGS[locale.value], { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}

render(<MerchantPage />, document.getElementById("page")!);
