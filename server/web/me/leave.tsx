/** Leaving for good: the money is paid out first, the rest given up knowingly; then everything is erased, with a receipt. */

import { signal } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import { newId } from "../lib/api.ts";
import { Confirm } from "../parts/confirm.tsx";
import { useLoaded } from "../parts/loaded.ts";
import { isPin } from "../parts/phone.ts";
import { PinField } from "../parts/pin_field.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { amount, t } from "../parts/words.ts";
import { shopper, type Erasure } from "./account.ts";

interface Lies {
  balance_minor: number;
  given_up_minor: number;
  owed_minor: number;
  coupons: number;
  is_busy: boolean;
}

interface PayOut {
  amount_minor: number;
  code: string;
}

/** The receipt of an account that is gone: what the page shows in place of it. */
export const gone = signal<Erasure | null>(null);

export function Leave({ currency }: { currency: string }) {
  const [open, setOpen] = useState(false);
  return (
    <section class="card stack" aria-labelledby="leave">
      <h2 id="leave">{t("me.leave")}</h2>
      <p>{t("me.leave_text")}</p>
      {open ? (
        <Steps currency={currency} />
      ) : (
        <button type="button" class="danger" onClick={() => setOpen(true)}>
          {t("me.leave_act")}
        </button>
      )}
    </section>
  );
}

function Steps({ currency }: { currency: string }) {
  const { value: lies, error, again } = useLoaded(() => shopper.api.ask<Lies>("/v1/customers/me/leaving"));
  if (error !== null) return <Trouble error={error} onRetry={again} />;
  if (lies === null) return <p role="status">{t("state.loading")}</p>;
  return (
    <>
      <h3>{t("me.leave_goes")}</h3>
      <p>{t("me.leave_goes_text")}</p>
      <h3>{t("me.leave_stays")}</h3>
      <p>{t("me.leave_stays_text")}</p>
      {lies.owed_minor > 0 && <p class="notice warn">{t("me.leave_owes", { amount: amount(lies.owed_minor, currency) })}</p>}
      {lies.is_busy && <p class="notice warn">{t("me.leave_busy")}</p>}
      {lies.balance_minor > 0 && <Out lies={lies} currency={currency} onAgain={again} />}
      {lies.balance_minor === 0 && lies.owed_minor === 0 && !lies.is_busy && <End lies={lies} currency={currency} onAgain={again} />}
    </>
  );
}

/** The balance is handed out at the desk, to whoever shows the code of this page. */
function Out({ lies, currency, onAgain }: { lies: Lies; currency: string; onAgain: () => void }) {
  const [pin, setPin] = useState("");
  const [made, setMade] = useState<PayOut | null>(null);
  const [error, setError] = useState<unknown>(null);
  const ask = async (event: Event): Promise<void> => {
    event.preventDefault();
    setError(null);
    try {
      const payout_id = newId();
      setMade(await shopper.api.ask<PayOut>("/v1/customers/me/payouts", { key: payout_id, body: { payout_id, pin } }));
    } catch (problem) {
      setError(problem);
    } finally {
      setPin("");
    }
  };
  return (
    <>
      <p class="lead">{t("me.leave_balance", { amount: amount(lies.balance_minor, currency) })}</p>
      {error !== null && <Trouble error={error} />}
      {made === null ? (
        <form class="stack" onSubmit={(event) => void ask(event)}>
          <PinField label={t("field.pin")} name="leave_pin" value={pin} onValue={setPin} />
          <button type="submit" class="primary" disabled={lies.is_busy || !isPin(pin)}>
            {t("me.leave_pay_out")}
          </button>
        </form>
      ) : (
        <div class="notice stack" role="status">
          <p>{t("me.leave_desk", { amount: amount(made.amount_minor, currency) })}</p>
          <p class="code-text">{made.code}</p>
          <button type="button" onClick={onAgain}>
            {t("me.leave_paid_out")}
          </button>
        </div>
      )}
    </>
  );
}

function End({ lies, currency, onAgain }: { lies: Lies; currency: string; onAgain: () => void }) {
  const [sure, setSure] = useState(false);
  const [pin, setPin] = useState("");
  const [bad, setBad] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const closing = useRef(newId());
  const close = (): void => {
    setSure(false);
    setPin("");
    setBad(false);
  };
  const erase = async (): Promise<void> => {
    setBad(!isPin(pin));
    if (!isPin(pin)) return;
    close();
    setError(null);
    const closing_id = closing.current;
    const body = { closing_id, pin, gives_up_minor: lies.given_up_minor };
    try {
      gone.value = await shopper.api.ask<Erasure>("/v1/customers/me/closings", { key: `${closing_id} ${newId()}`, body });
      shopper.close();
    } catch (problem) {
      // The answer may have been lost on its way: then the receipt is there, and the session is not.
      gone.value = await shopper.api.ask<Erasure>(`/v1/erasures/${closing_id}`).catch(() => null);
      if (gone.value !== null) shopper.close();
      else setError(problem);
    }
  };
  const given = lies.given_up_minor > 0 || lies.coupons > 0;
  return (
    <>
      {given && <p class="notice warn">{t("me.leave_gives_up", { amount: amount(lies.given_up_minor, currency), count: lies.coupons })}</p>}
      {error !== null && <Trouble error={error} onRetry={onAgain} />}
      <button type="button" class="danger" onClick={() => setSure(true)}>
        {t("me.leave_end")}
      </button>
      <Confirm
        open={sure}
        title={t("me.leave_sure")}
        text={t("me.leave_sure_text")}
        act={t("me.leave_sure_act")}
        keep={t("me.leave_keep")}
        danger
        onAct={() => void erase()}
        onClose={close}
      >
        <PinField label={t("field.pin")} name="leave_sure_pin" value={pin} onValue={setPin} error={bad ? t("problem.pin_format") : undefined} />
      </Confirm>
    </>
  );
}
