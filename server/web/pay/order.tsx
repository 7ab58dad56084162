/** The amount, how much cashback pays of it, and the PIN; refused before the PIN wherever it can be known before. */

import { useEffect, useRef, useState } from "preact/hooks";
import { newId, ProblemError } from "../lib/api.ts";
import { Field } from "../lib/field.tsx";
import { minorOf } from "../lib/money.ts";
import { shopper } from "../me/account.ts";
import { useAttempt } from "../parts/attempt.ts";
import { Confirm } from "../parts/confirm.tsx";
import { isPin } from "../parts/phone.ts";
import { PinField } from "../parts/pin_field.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { amount } from "../parts/words.ts";
import { find, t } from "./pay_words.ts";
import { begin, begun, end, type Counter, type Paid, type Quote } from "./payment.ts";

interface OrderProps {
  token: string;
  address: string;
  counter: Counter;
  onPaid: (paid: Paid) => void;
  /** Return true for what closes the counter, and is told in place of all. */
  onRefused: (error: unknown) => boolean;
}

/** A price that was told for a basket, and what was chosen with it: the same choice again is the same payment. */
interface Told {
  quote: Quote;
  basketId: string;
  paymentId: string;
}

export function Order({ token, address, counter, onPaid, onRefused }: OrderProps) {
  const [typed, setTyped] = useState("");
  const [bad, setBad] = useState(false);
  const [cap, setCap] = useState<Quote["cashback"]>(null);
  const [told, setTold] = useState<Told | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const quoted = async (minor: number): Promise<Told> => {
    const basketId = newId();
    const quote = await shopper.api.ask<Quote>(`${address}:quote`, { body: { basket_id: basketId, amount_minor: minor } });
    return { quote, basketId, paymentId: begun(token) ?? newId() };
  };
  const fail = (problem: unknown): void => {
    if (!onRefused(problem)) setError(problem);
  };
  useEffect(() => {
    // The least that can be paid tells how near the cap of the year is, before anything is typed.
    quoted(counter.amount_minor ?? 1).then(({ quote }) => setCap(quote.cashback), fail);
  }, []);
  const go = async (event: Event): Promise<void> => {
    event.preventDefault();
    const minor = counter.amount_minor ?? minorOf(typed);
    const isFit = minor !== null && minor > 0 && minor <= counter.most_minor;
    setBad(!isFit);
    setError(null);
    if (!isFit || busy) return;
    setBusy(true);
    try {
      setTold(await quoted(minor));
    } catch (problem) {
      fail(problem);
    } finally {
      setBusy(false);
    }
  };
  if (told !== null) {
    return <Agree key={told.basketId} token={token} address={address} counter={counter} told={told} onPaid={onPaid} onRefused={onRefused} onChange={() => setTold(null)} />;
  }
  return (
    <form class="card stack" noValidate onSubmit={(event) => void go(event)}>
      {cap !== null && cap.is_near_cap && (
        <p class="notice warn">
          {cap.left_this_year_minor === 0 ? t("pay.cap_reached") : t("pay.near_cap", { amount: amount(cap.left_this_year_minor, counter.currency) })}
        </p>
      )}
      {error !== null && <Refused error={error} />}
      {counter.amount_minor === null ? (
        <Field
          label={t("pay.amount", { currency: counter.currency })}
          hint={t("pay.amount_hint")}
          name="amount"
          inputMode="decimal"
          autoComplete="off"
          value={typed}
          onValue={setTyped}
          error={bad ? t("pay.amount_bad", { least: amount(1, counter.currency), most: amount(counter.most_minor, counter.currency) }) : undefined}
        />
      ) : (
        <p>
          {t("pay.asked")}
          <br />
          <strong class="money figure">{amount(counter.amount_minor, counter.currency)}</strong>
        </p>
      )}
      <button type="submit" class="accent big" disabled={busy}>
        {t("pay.go_on")}
      </button>
    </form>
  );
}

interface AgreeProps extends OrderProps {
  told: Told;
  onChange: () => void;
}

function Agree({ token, address, counter, told, onPaid, onRefused, onChange }: AgreeProps) {
  const { quote, basketId, paymentId } = told;
  const [use, setUse] = useState(quote.cashback_min_minor);
  const [pin, setPin] = useState("");
  const [bad, setBad] = useState(false);
  const [isSure, setIsSure] = useState(!quote.is_unusual);
  const isShort = quote.shortfall_minor > 0;
  const [asking, setAsking] = useState(quote.is_unusual && !isShort);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const attempt = useAttempt();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const say = (minor: number): string => amount(minor, counter.currency);
  const pay = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBad(!isPin(pin));
    setError(null);
    if (!isPin(pin) || busy) return;
    if (!isSure) {
      setAsking(true);
      return;
    }
    const wish = { payment_id: paymentId, basket_id: basketId, digest: quote.digest, payee: quote.payee, amount_minor: quote.amount_minor, cashback_minor: use, is_sure: isSure, pin };
    // A tap that comes twice, or again after a lost answer, is the same request; another PIN is another one.
    const key = attempt.idOf(wish);
    begin(token, paymentId);
    setBusy(true);
    try {
      onPaid(await shopper.api.ask<Paid>(`${address}/payments`, { key, body: wish }));
    } catch (problem) {
      await refused(problem);
    } finally {
      setBusy(false);
    }
  };
  /** What was paid under this id after all, while its answer was on the way, is shown; anything else is told. */
  const refused = async (problem: unknown): Promise<void> => {
    if (!(problem instanceof ProblemError) || problem.code !== "payment_exists") {
      if (!onRefused(problem)) setError(problem);
      return;
    }
    try {
      onPaid(await shopper.api.ask<Paid>(`/v1/counter-payments/${paymentId}`));
    } catch {
      end(token); // somebody else has paid in this tab before: the next try bears an id of its own
      setError(problem);
    }
  };
  return (
    <form class="card stack" noValidate onSubmit={(event) => void pay(event)}>
      <h2 ref={heading} tabIndex={-1} class="money figure">
        {say(quote.amount_minor)}
      </h2>
      {isShort ? (
        <>
          <p class="notice warn" role="alert">
            {t("pay.short", { amount: say(quote.shortfall_minor) })}
          </p>
          <a class="button primary" href="/me">
            {t("pay.top_up")}
          </a>
        </>
      ) : (
        <>
          {quote.vouchers_minor > 0 && <p>{t("pay.voucher", { amount: say(quote.vouchers_minor) })}</p>}
          {quote.cashback_max_minor > 0 && (
            <div class="field">
              <label for="use">{t("pay.use", { amount: say(use) })}</label>
              <input
                id="use"
                type="range"
                min={quote.cashback_min_minor}
                max={quote.cashback_max_minor}
                step="1"
                value={use}
                aria-valuetext={say(use)}
                aria-describedby="use-of"
                onInput={(event) => setUse(Number(event.currentTarget.value))}
              />
              <p class="hint" id="use-of">
                {t("pay.use_of", { least: say(quote.cashback_min_minor), most: say(quote.cashback_max_minor) })}
              </p>
            </div>
          )}
          <p>
            {quote.cashback !== null && use === quote.cashback_min_minor && `${t("pay.earn", { amount: say(quote.cashback.earn_minor) })} `}
            {t("pay.seen", { name: quote.shown_as })}
          </p>
          {error !== null && <Refused error={error} />}
          <PinField label={t("pay.pin")} name="pin" value={pin} onValue={setPin} error={bad ? t("problem.pin_format") : undefined} />
          <button type="submit" class="accent big" disabled={busy}>
            {t("pay.act", { amount: say(quote.amount_minor) })}
          </button>
          <p role="status" class={busy ? "notice" : "visually-hidden"}>
            {busy ? t("pay.busy") : ""}
          </p>
        </>
      )}
      <button type="button" class="quiet" disabled={busy} onClick={onChange}>
        {t("pay.change")}
      </button>
      <Confirm
        open={asking}
        title={t("pay.unusual_title", { amount: say(quote.amount_minor) })}
        text={t("pay.unusual_text")}
        act={t("pay.unusual_yes", { amount: say(quote.amount_minor) })}
        keep={t("pay.change")}
        onAct={() => {
          setIsSure(true);
          setAsking(false);
        }}
        onClose={onChange}
      />
    </form>
  );
}

/** Why nothing was paid; a lost answer is asked for again by the same button. */
function Refused({ error }: { error: unknown }) {
  const code = error instanceof ProblemError ? error.code : "";
  const said = code === "offline" ? t("pay.lost") : find("pay", `refused.${code}`);
  if (said === undefined) return <Trouble error={error} />;
  return (
    <p class="notice bad" role="alert">
      {said}
    </p>
  );
}
