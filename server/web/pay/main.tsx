/** `/p/{token}`: who is paid, how much, from which purse, the PIN; then a proof that the merchant sees as well. */

import "../me/me.css";
import "./pay.css";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { createApi, ProblemError } from "../lib/api.ts";
import { shopper } from "../me/account.ts";
import { SignIn } from "../me/sign_in.tsx";
import { useLoaded } from "../parts/loaded.ts";
import { Shell } from "../parts/shell.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { amount, clock, pick } from "../parts/words.ts";
import { Order } from "./order.tsx";
import { t } from "./pay_words.ts";
import { begun, end, shown, type Counter, type Paid } from "./payment.ts";

const api = createApi();
const token = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const address = `/v1/counters/${encodeURIComponent(token)}`;

const CLOSED = {
  counter_code_wrong: ["pay.wrong", "pay.wrong_text"],
  counter_code_withdrawn: ["pay.withdrawn", "pay.withdrawn_text"],
  merchant_suspended: ["pay.suspended", "pay.suspended_text"],
} as const;

const closedBy = (error: unknown): keyof typeof CLOSED | null => {
  if (!(error instanceof ProblemError)) return null;
  if (error.problem.status === 422) return "counter_code_wrong"; // no address of ours looks like this
  return error.code in CLOSED ? (error.code as keyof typeof CLOSED) : null;
};

function PayPage() {
  const { value: counter, error, again } = useLoaded(() => api.ask<Counter>(address));
  const [refused, setRefused] = useState<unknown>(null);
  const why = refused ?? error;
  const closed = closedBy(why);
  return (
    <Shell title={t("pay.title")}>
      <div class="stack pay-page">
        {closed !== null && <ClosedSince code={closed} store={String((why as ProblemError).problem.store ?? "")} />}
        {closed === null && error !== null && <Trouble error={error} onRetry={again} />}
        {counter === null && error === null && <p role="status">{t("state.loading")}</p>}
        {closed === null && counter !== null && (
          <>
            <Face counter={counter} />
            {shopper.pass.value === null ? <SignIn /> : <Paying counter={counter} onRefused={setRefused} />}
          </>
        )}
      </div>
    </Shell>
  );
}

interface ClosedProps {
  code: keyof typeof CLOSED;
  store: string;
}

/** What was sent by this code is asked for first, whatever became of the code since: "nothing is taken" may be wrong. */
function ClosedSince(why: ClosedProps) {
  const [over, setOver] = useState(begun(token) === null);
  if (over) return <Closed {...why} />;
  if (shopper.pass.value !== null) return <Outcome onOver={() => setOver(true)} />;
  return (
    <>
      <Closed {...why} />
      <p class="notice warn">{t("pay.begun")}</p>
      <SignIn />
    </>
  );
}

function Outcome({ onOver }: { onOver: () => void }) {
  const { value: paid, error, again } = useLoaded(() => shopper.api.ask<Paid>(`/v1/counter-payments/${begun(token)}`));
  const isNone = error instanceof ProblemError && error.code === "payment_not_found";
  useEffect(() => {
    if (isNone) onOver();
    if (paid !== null) shown(token, paid.payment_id);
  }, [isNone, paid]);
  if (error !== null && !isNone) return <Trouble error={error} onRetry={again} />;
  if (paid === null) return <p role="status">{t("state.loading")}</p>;
  const leave = (): void => {
    end(token);
    onOver();
  };
  return <Proof paid={paid} onAgain={leave} />;
}

function Closed({ code, store }: ClosedProps) {
  const [title, text] = CLOSED[code];
  return (
    <section class="card stack narrow" role="alert">
      <h1>{t(title)}</h1>
      <p class="lead">{t(text, { store })}</p>
      <a class="button primary" href="/me">
        {t("claim.account")}
      </a>
    </section>
  );
}

/** The shop's own picture, or its first letter: what tells its code from one that somebody pasted over it. */
function Face({ counter }: { counter: Counter }) {
  return (
    <section class="face stack tight" aria-labelledby="store">
      {counter.picture_url === null ? (
        <p class="monogram" aria-hidden="true">
          {[...counter.store][0]}
        </p>
      ) : (
        <img src={counter.picture_url} alt={t("pay.picture", { store: counter.store })} width="960" height="600" />
      )}
      <h1 id="store">{counter.store}</h1>
      <p class="lead">{counter.counter}</p>
      <p class="soft">{t("pay.at", { payee: counter.payee })}</p>
      <p class="small">{t("pay.check")}</p>
    </section>
  );
}

/** A payment that was sent is asked for first, so that whoever loads the page or scans again never pays a second time. */
function Paying({ counter, onRefused }: { counter: Counter; onRefused: (error: unknown) => void }) {
  const [paid, show] = useState<Paid | null>(null);
  const setPaid = (made: Paid): void => {
    shown(token, made.payment_id);
    show(made);
  };
  const [asking, setAsking] = useState(begun(token) !== null);
  const [error, setError] = useState<unknown>(null);
  const ask = async (): Promise<void> => {
    setError(null);
    try {
      setPaid(await shopper.api.ask<Paid>(`/v1/counter-payments/${begun(token)}`));
      setAsking(false);
    } catch (problem) {
      if (!(problem instanceof ProblemError) || problem.code !== "payment_not_found") {
        setError(problem);
        return;
      }
      // It was not paid, or not yet: whatever is paid next in this tab bears the same id, so that it is paid once.
      setAsking(false);
    }
  };
  useEffect(() => {
    if (asking) void ask();
  }, []);
  if (error !== null) return <Trouble error={error} onRetry={() => void ask()} />;
  if (asking) return <p role="status">{t("state.loading")}</p>;
  if (paid === null) {
    const refuse = (problem: unknown): boolean => {
      if (closedBy(problem) === null) return false;
      onRefused(problem);
      return true;
    };
    return <Order token={token} address={address} counter={counter} onPaid={setPaid} onRefused={refuse} />;
  }
  const afresh = (): void => {
    end(token);
    show(null);
  };
  return <Proof paid={paid} onAgain={afresh} />;
}

function Proof({ paid, onAgain }: { paid: Paid; onAgain: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const say = (minor: number): string => amount(minor, paid.currency);
  const earned = paid.cashback?.total_minor ?? 0;
  return (
    <section class="card stack proof" aria-labelledby="paid">
      <h2 id="paid" ref={heading} tabIndex={-1}>
        {t("pay.done", { amount: say(paid.amount_minor) })}
      </h2>
      <p class="lead">{t("pay.done_to", { payee: paid.payee, counter: paid.counter ?? "" })}</p>
      <p class="emoji">{paid.emoji.join(" ")}</p>
      <p>
        <time dateTime={paid.ticket.issued_at}>{clock(paid.ticket.issued_at)}</time>
      </p>
      <p>{t("pay.proof")}</p>
      <p>
        <strong>{t("pay.balance", { amount: say(paid.balance_after_minor) })}</strong>
      </p>
      <p class="saved">
        {earned === 0 || paid.cashback === null
          ? t("pay.nothing_earned")
          : `${t("pay.earned", { amount: say(earned) })} = ${paid.cashback.parts.map((part) => `${say(part.amount_minor)} ${pick(part.name)}`).join(" + ")}`}
      </p>
      <div class="row">
        <a class="button" href={paid.ticket.url}>
          {t("pay.ticket")}
        </a>
        <button type="button" onClick={onAgain}>
          {t("pay.again")}
        </button>
      </div>
    </section>
  );
}

render(<PayPage />, document.getElementById("page")!);
