/** Pay on the phone: who one is, what is paid to whom, and the PIN. */

import { useEffect, useState } from "preact/hooks";
import { shopper, type Account } from "../me/account.ts";
import { SignIn } from "../me/sign_in.tsx";
import { useLoaded } from "../parts/loaded.ts";
import { isPin } from "../parts/phone.ts";
import { PinField } from "../parts/pin_field.tsx";
import { pick, t as common } from "../parts/words.ts";
import { Dearer, Hindrance, say, Sum } from "./basket.tsx";
import { Left } from "./budget.tsx";
import { foreign, pay, settle, silent, trouble } from "./pay.ts";
import { isPriced, reprice } from "./prices.ts";
import { change, fresh, trip, type Quote } from "./trip.ts";
import { find, sentence, t } from "./words.ts";

export function PayHere() {
  if (shopper.pass.value === null) {
    return (
      <div class="stack">
        <a class="button" href="#finish">
          {t("go.back")}
        </a>
        <p>{t("go.sign_in_why")}</p>
        <SignIn />
      </div>
    );
  }
  return <Approve />;
}

function Approve() {
  const { value: account, error } = useLoaded(() => shopper.api.ask<Account>("/v1/customers/me"));
  const { quote } = trip.value;
  useEffect(() => {
    if (account === null) return;
    const own = account.coupons.filter((each) => each.state === "issued").map((each) => each.code);
    change((now) => ({ ...now, coupons: own }));
    void reprice();
  }, [account]);
  const ready = quote !== null && isPriced();
  const stands = quote?.problems.filter((one) => one.level === "critical") ?? [];
  return (
    <div class="stack">
      <a class="button" href="#finish">
        {t("go.back")}
      </a>
      <h1>{t("go.pay_title")}</h1>
      {error !== null && <p class="notice bad">{sentence(error)}</p>}
      {trouble.value !== null && <Trouble />}
      <Hindrance />
      <Dearer />
      {!ready && <Sum />}
      {ready && (
        <dl class="facts card">
          <div>
            <dt>{t("go.payee")}</dt>
            <dd>{quote.payee}</dd>
          </div>
          <div class="due">
            <dt>{t("go.amount")}</dt>
            <dd class="money">{say(quote.total_minor)}</dd>
          </div>
          {quote.saved_minor > 0 && (
            <div>
              <dt>{t("go.saved_title")}</dt>
              <dd class="money">{say(quote.saved_minor)}</dd>
            </div>
          )}
          <div>
            <dt>{t("go.digest")}</dt>
            <dd class="emoji">{quote.emoji.join(" ")}</dd>
          </div>
          {account !== null && (
            <div>
              <dt>{common("me.balance")}</dt>
              <dd class="money">{say(account.balance_minor)}</dd>
            </div>
          )}
        </dl>
      )}
      {ready && <Left />}
      {ready && <Coupons quote={quote} />}
      {stands.map((one) => (
        <p key={one.code + one.line_id} class="notice warn">
          {find("go_stands", one.code) ?? one.detail}
        </p>
      ))}
      {ready && stands.length === 0 && account !== null && <Pin amount={say(quote.total_minor)} />}
      {stands.length > 0 && (
        <a class="button primary" href="#code">
          {t("go.at_till_act")}
        </a>
      )}
    </div>
  );
}

function Coupons({ quote }: { quote: Quote }) {
  if (quote.coupons.length === 0) return null;
  return (
    <section class="stack tight" aria-labelledby="coupons">
      <h2 id="coupons">{common("basket.coupons")}</h2>
      <ul class="plain stack tight">
        {quote.coupons.map((coupon) => (
          <li key={coupon.code}>
            <strong>{pick(coupon.label)}</strong>
            {coupon.saved_minor > 0 && ` – ${say(coupon.saved_minor)}`}
            {coupon.why !== null && <span class="soft small"> {pick(coupon.why)}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Trouble() {
  const short = (trouble.value as { code?: string }).code === "insufficient_funds";
  return (
    <div class="notice bad" role="alert">
      <p>{sentence(trouble.value)}</p>
      {short && (
        <a class="button" href="/me">
          {t("go.top_up")}
        </a>
      )}
    </div>
  );
}

function Pin({ amount }: { amount: string }) {
  const [pin, setPin] = useState("");
  const [wrong, setWrong] = useState(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    setWrong(!isPin(pin));
    if (isPin(pin)) void pay(pin);
  };
  return (
    <form class="stack" noValidate onSubmit={submit}>
      <PinField label={common("field.pin")} name="pin" value={pin} onValue={setPin} error={wrong ? common("problem.pin_format") : undefined} />
      <button type="submit" class="accent big">
        {t("go.pay_act", { amount })}
      </button>
      <p class="small soft">{t("go.pay_once")}</p>
    </form>
  );
}

/** A payment is under way: nothing else can be done before its outcome is known. */
export function Settling() {
  const { payment } = trip.value;
  const signedIn = shopper.pass.value !== null;
  const begin = (): void => {
    foreign.value = false;
    change(() => ({ ...fresh(), begun: true }));
    location.hash = "";
  };
  useEffect(() => {
    if (signedIn) void settle();
  }, [signedIn]);
  return (
    <div class="stack">
      <h1>{t("go.settling")}</h1>
      <p role="status" class="notice">
        {t(silent.value ? "go.settling_silent" : "go.settling_text", { amount: say(payment?.amount_minor ?? 0) })}
      </p>
      {!signedIn && (
        <>
          <p role={foreign.value ? "alert" : undefined}>{t(foreign.value ? "go.settling_other" : "go.settling_sign_in")}</p>
          <SignIn />
          {foreign.value && (
            <button type="button" onClick={begin}>
              {t("go.new")}
            </button>
          )}
        </>
      )}
    </div>
  );
}
