/** Send money or ask for it: a form that an order in words can fill, plain words, and only then the PIN. */

import { useEffect, useRef, useState } from "preact/hooks";
import { newId } from "../lib/api.ts";
import { Field } from "../lib/field.tsx";
import { isPin, phoneNumber } from "../parts/phone.ts";
import { PinField } from "../parts/pin_field.tsx";
import { amount, byCode, locale, t, type Key } from "../parts/words.ts";
import { shopper } from "./account.ts";
import { MEMO_MOST, minorOf, refusal, shown, type Contact, type Look, type Moved, type Order } from "./between.ts";

type Act = "send" | "request";
type Bad = Partial<Record<"to" | "sum" | "pin" | "code", Key>>;

/** What is to be done, as it was read from the form. */
interface Intent {
  act: Act;
  to: { phone: string } | { contact_id: string };
  amount_minor: number;
  memo: string;
}

export interface SendProps {
  contacts: Contact[];
  currency: string;
  onDone: (said: string) => void;
}

const write = (minor: number): string => (minor / 100).toFixed(2);

export function Send({ contacts, currency, onDone }: SendProps) {
  const [text, setText] = useState("");
  const [asks, setAsks] = useState<Order["asks"]>([]);
  const [act, setAct] = useState<Act>("send");
  const [to, setTo] = useState("");
  const [sum, setSum] = useState("");
  const [memo, setMemo] = useState("");
  const [called, setCalled] = useState("");
  const [bad, setBad] = useState<Bad>({});
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [intent, setIntent] = useState<(Intent & { look: Look }) | null>(null);
  const number = phoneNumber(to);
  const guard = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const read = (event: Event): void => {
    event.preventDefault();
    void guard(async () => {
      const order = await shopper.api.ask<Order>("/v1/orders:parse", { body: { text } });
      setAsks(order.asks);
      if (order.act !== null) setAct(order.act);
      setTo(order.contact?.name ?? order.to);
      setSum(order.amount_minor === null ? "" : write(order.amount_minor));
      setMemo(order.memo);
      setBad(order.contact === null && order.phone === null && order.to !== "" ? { to: "me.peer_unknown" } : {});
    });
  };
  const look = (event: Event): void => {
    event.preventDefault();
    const known = contacts.find((one) => one.name.toLocaleLowerCase() === to.trim().replace(/^@/, "").toLocaleLowerCase());
    const minor = minorOf(sum);
    const wrong: Bad = {};
    if (known === undefined && number === null) wrong.to = /\d/.test(to) || to.trim() === "" ? "problem.phone" : "me.peer_unknown";
    if (minor === null) wrong.sum = "me.peer_sum_bad";
    setBad(wrong);
    if (minor === null || (known === undefined && number === null)) return;
    void guard(async () => {
      if (known === undefined && called.trim() !== "") {
        await shopper.api.ask("/v1/contacts", { key: newId(), body: { contact_id: newId(), name: called.trim(), phone: number } });
      }
      const person = known === undefined ? { phone: number as string } : { contact_id: known.contact_id };
      const found = await shopper.api.ask<Look>("/v1/transfers:look", { body: { ...person, amount_minor: minor } });
      setIntent({ act, to: person, amount_minor: minor, memo: memo.trim(), look: found });
    });
  };
  const named = contacts.find((one) => one.name === to);
  const forget = (one: Contact): void =>
    void guard(async () => {
      await shopper.api.ask(`/v1/contacts/${one.contact_id}`, { method: "DELETE" });
      done(t("me.peer_forgotten", { who: shown(one.name, one.last4) }));
    });
  const done = (said: string): void => {
    setIntent(null);
    for (const clear of [setText, setTo, setSum, setMemo, setCalled]) clear("");
    setAsks([]);
    onDone(said);
  };
  const told = (key: Key | undefined): string | undefined => (key === undefined ? undefined : t(key));
  if (intent !== null) return <Sure intent={intent} currency={currency} onBack={() => setIntent(null)} onDone={done} />;
  return (
    <>
      <form class="stack tight" noValidate onSubmit={read}>
        <Field label={t("me.peer_order")} hint={t("me.peer_order_hint")} name="order" autoComplete="off" value={text} onValue={setText} />
        <button type="submit" disabled={busy || text.trim() === ""}>
          {t("me.peer_read")}
        </button>
        {asks.length > 0 && (
          <div class="notice warn stack tight" role="status">
            {asks.map((one) => (
              <div key={one.kind}>
                <p>{byCode("me", `peer_ask_${one.kind}`, undefined, "me.peer_ask_amount_unclear")}</p>
                {one.choices_minor.length > 0 && (
                  <div class="row">
                    {one.choices_minor.map((minor) => (
                      <button key={minor} type="button" onClick={() => setSum(write(minor))}>
                        {amount(minor, currency)}
                      </button>
                    ))}
                  </div>
                )}
              </div>
            ))}
          </div>
        )}
      </form>
      <form class="stack" noValidate onSubmit={look}>
        <div class="row" role="group" aria-label={t("me.peer_what")}>
          {(["send", "request"] as const).map((one) => (
            <button key={one} type="button" aria-pressed={act === one} onClick={() => setAct(one)}>
              {t(one === "send" ? "me.peer_send" : "me.peer_request")}
            </button>
          ))}
        </div>
        <Field label={t("me.peer_to")} hint={t("me.peer_to_hint")} name="to" autoComplete="off" value={to} onValue={setTo} error={told(bad.to)} />
        {contacts.length > 0 && (
          <div class="row" role="group" aria-label={t("me.peer_contacts")}>
            {contacts.map((one) => (
              <button key={one.contact_id} type="button" aria-pressed={to === one.name} onClick={() => setTo(one.name)}>
                {one.name}
              </button>
            ))}
          </div>
        )}
        {named !== undefined && (
          <button type="button" class="quiet" disabled={busy} onClick={() => forget(named)}>
            {t("me.peer_forget", { who: shown(named.name, named.last4) })}
          </button>
        )}
        {number !== null && <Field label={t("me.peer_called")} name="called" autoComplete="off" maxLength={40} value={called} onValue={setCalled} />}
        <Field label={t("me.peer_sum")} name="sum" inputMode="decimal" autoComplete="off" value={sum} onValue={setSum} error={told(bad.sum)} />
        <Field label={t("me.peer_memo")} name="memo" autoComplete="off" maxLength={MEMO_MOST} value={memo} onValue={setMemo} />
        {error !== null && <Refused error={error} currency={currency} />}
        <button type="submit" class="primary" disabled={busy}>
          {t("me.peer_look")}
        </button>
      </form>
    </>
  );
}

export function Refused({ error, currency }: { error: unknown; currency: string }) {
  return (
    <p class="notice bad" role="alert">
      {refusal(error, currency)}
    </p>
  );
}

interface SureProps {
  intent: Intent & { look: Look };
  currency: string;
  onBack: () => void;
  onDone: (said: string) => void;
}

/** What is about to happen, in plain words, with the limits; nothing has moved yet. */
function Sure({ intent, currency, onBack, onDone }: SureProps) {
  const [look, setLook] = useState(intent.look);
  const say = (minor: number): string => amount(minor, currency);
  const who = shown(look.who, look.last4);
  const heading = useRef<HTMLHeadingElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const request = useRef(newId());
  useEffect(() => heading.current?.focus(), []);
  const ask = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const { to, amount_minor, memo } = intent;
      const id = request.current;
      await shopper.api.ask("/v1/transfer-requests", { key: id, body: { request_id: id, ...to, amount_minor, memo } });
      onDone(t("me.peer_asked", { amount: say(amount_minor), who }));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const declare = async (): Promise<void> => {
    try {
      await shopper.api.ask("/v1/sending:declare", { body: { is_adult: true } });
      setLook(await shopper.api.ask<Look>("/v1/transfers:look", { body: { ...intent.to, amount_minor: intent.amount_minor } }));
    } catch (problem) {
      setError(problem);
    }
  };
  const sends = intent.act === "send";
  return (
    <div class="stack">
      <h3 ref={heading} tabIndex={-1}>
        {t(sends ? "me.peer_sure_send" : "me.peer_sure_request", { amount: say(intent.amount_minor), who })}
      </h3>
      {intent.memo !== "" && <q class="message">{intent.memo}</q>}
      <p>{t("me.peer_they_see", { name: look.they_see })}</p>
      {sends && (
        <>
          <p>{t("me.peer_waits", { days: look.waits_days })}</p>
          <p class="small soft">
            {t("me.peer_left", {
              person: say(look.person_left_minor),
              day: say(look.day_left_minor),
              month: say(look.month_left_minor),
            })}
          </p>
        </>
      )}
      {sends && look.refusal !== null && (
        <div class="notice bad stack tight" role="alert">
          <p>{refusal(look.refusal, currency)}</p>
          {look.refusal.code === "peer_adult_needed" && (
            <button type="button" onClick={() => void declare()}>
              {t("me.peer_adult")}
            </button>
          )}
        </div>
      )}
      {error !== null && <Refused error={error} currency={currency} />}
      {sends && look.refusal === null && (
        <WithPin
          act={t("me.peer_send_act", { amount: say(intent.amount_minor) })}
          needsCode={look.needs.includes("phone_code")}
          currency={currency}
          onPin={async (transfer_id, proof) => {
            const { to, amount_minor, memo } = intent;
            const body = { transfer_id, ...to, amount_minor, memo, ...proof };
            const sent = await shopper.api.ask<Moved>("/v1/transfers", { key: `${transfer_id} ${newId()}`, body });
            const words = sent.state === "claimed" ? "me.peer_sent" : "me.peer_sent_waits";
            onDone(t(words, { amount: say(amount_minor), who: shown(sent.who || look.who, sent.last4), days: look.waits_days }));
          }}
        />
      )}
      {!sends && (
        <button type="button" class="primary" disabled={busy} onClick={() => void ask()}>
          {t("me.peer_request_act", { amount: say(intent.amount_minor) })}
        </button>
      )}
      <button type="button" class="quiet" onClick={onBack}>
        {t("me.peer_back")}
      </button>
    </div>
  );
}

interface WithPinProps {
  act: string;
  needsCode: boolean;
  currency: string;
  onPin: (transferId: string, proof: { pin: string; phone_code_id?: string }) => Promise<void>;
}

/** Ask for the PIN, and above what a number and a PIN may pay for a code sent to one's own number. */
export function WithPin({ act, needsCode, currency, onPin }: WithPinProps) {
  const [pin, setPin] = useState("");
  const [own, setOwn] = useState("");
  const [code, setCode] = useState("");
  const [sent, setSent] = useState<{ phone_code_id: string; sandbox_code: string | null; masked_phone: string } | null>(null);
  const [bad, setBad] = useState<Bad>({});
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  // The same act again, after a lost answer or a wrong PIN, is the same sending: it moves money once.
  const transferId = useRef(newId());
  const proven = useRef<string | null>(null);
  const guard = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (problem) {
      setError(problem);
      setPin("");
    } finally {
      setBusy(false);
    }
  };
  const sendCode = (): void => {
    const number = phoneNumber(own);
    setBad(number === null ? { to: "problem.phone" } : {});
    if (number === null) return;
    void guard(async () => {
      const id = newId();
      setSent(await shopper.api.ask("/v1/phone-codes", { key: id, body: { phone_code_id: id, phone: number, locale: locale.value } }));
    });
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const wrong: Bad = {};
    if (!isPin(pin)) wrong.pin = "problem.pin_format";
    if (needsCode && sent === null) wrong.to = "me.peer_code_first";
    if (needsCode && sent !== null && proven.current === null && !/^\d{6}$/.test(code)) wrong.code = "problem.phone_code";
    setBad(wrong);
    if (Object.keys(wrong).length > 0) return;
    void guard(async () => {
      if (sent !== null && proven.current !== sent.phone_code_id) {
        await shopper.api.ask(`/v1/phone-codes/${sent.phone_code_id}:prove`, { body: { code } });
        proven.current = sent.phone_code_id;
      }
      await onPin(transferId.current, sent === null ? { pin } : { pin, phone_code_id: sent.phone_code_id });
    });
  };
  const told = (key: Key | undefined): string | undefined => (key === undefined ? undefined : t(key));
  return (
    <form class="stack tight" noValidate onSubmit={submit}>
      {needsCode && (
        <>
          <p>{t("me.peer_code_why")}</p>
          <Field
            label={t("me.peer_own")}
            name="own"
            type="tel"
            inputMode="tel"
            autoComplete="tel"
            value={own}
            onValue={setOwn}
            error={told(bad.to)}
          />
          <button type="button" disabled={busy} onClick={sendCode}>
            {t("me.peer_code_send")}
          </button>
          {sent !== null && (
            <>
              <p class="notice" role="status">
                {t("me.code_sent", { phone: sent.masked_phone })}
                {sent.sandbox_code !== null && ` ${t("me.code_sandbox", { code: sent.sandbox_code })}`}
              </p>
              <Field
                label={t("field.phone_code")}
                name="code"
                inputMode="numeric"
                autoComplete="one-time-code"
                maxLength={6}
                value={code}
                onValue={setCode}
                error={told(bad.code)}
              />
            </>
          )}
        </>
      )}
      <PinField label={t("me.peer_pin")} value={pin} onValue={setPin} error={told(bad.pin)} />
      {error !== null && <Refused error={error} currency={currency} />}
      <button type="submit" class="primary" disabled={busy}>
        {act}
      </button>
    </form>
  );
}
