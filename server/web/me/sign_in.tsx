/** Sign in with phone number and PIN, or open an account, after proving the number by a code. Neither asks for a face. */

import { useState } from "preact/hooks";
import { newId, ProblemError } from "../lib/api.ts";
import { Field } from "../lib/field.tsx";
import { useAttempt } from "../parts/attempt.ts";
import { isPin, phoneNumber } from "../parts/phone.ts";
import { PinField } from "../parts/pin_field.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { locale, t, type Key } from "../parts/words.ts";
import { shopper, type ShopperPass } from "./account.ts";

type Bad = Partial<Record<"name" | "phone" | "pin" | "again" | "code", Key>>;

/** A code on its way to a number. `sandbox_code` is told where no message goes out. */
interface Sent {
  phone_code_id: string;
  masked_phone: string;
  sandbox_code: string | null;
  number: string;
  proven: boolean;
}

const isCode = (text: string): boolean => /^\d{6}$/.test(text);

export function SignIn() {
  const [opening, setOpening] = useState(false);
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const [bad, setBad] = useState<Bad>({});
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState<Sent | null>(null);
  const [code, setCode] = useState("");
  const attempt = useAttempt();

  /** Have a code sent; the fields stay as they are. */
  const send = async (number: string): Promise<void> => {
    const id = newId();
    const body = { phone_code_id: id, phone: number, locale: locale.value };
    const made = await shopper.api.ask<Omit<Sent, "number" | "proven">>("/v1/phone-codes", { key: id, body });
    setCode("");
    setSent({ ...made, number, proven: false });
  };
  const sendAgain = async (): Promise<void> => {
    setError(null);
    setBusy(true);
    try {
      if (sent !== null) await send(sent.number);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  /** Open the account; a store that wants the number proven has a code sent first, and the person types it. */
  const openAccount = async (number: string): Promise<boolean> => {
    const ours = sent?.number === number ? sent : null;
    if (ours !== null && !ours.proven) {
      await shopper.api.ask(`/v1/phone-codes/${ours.phone_code_id}:prove`, { body: { code } });
      setSent({ ...ours, proven: true });
    }
    const proof = ours === null ? {} : { phone_code_id: ours.phone_code_id };
    const person = { name: name.trim(), phone: number, pin, locale: locale.value, ...proof };
    const id = attempt.idOf(person);
    try {
      await shopper.api.ask("/v1/customers", { key: id, body: { customer_id: id, ...person } });
    } catch (problem) {
      if (!(problem instanceof ProblemError && problem.code === "phone_unproven")) throw problem;
      await send(number);
      return false;
    }
    return true;
  };

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const number = phoneNumber(phone);
    const wrong: Bad = {};
    if (number === null) wrong.phone = "problem.phone";
    if (!isPin(pin)) wrong.pin = "problem.pin_format";
    if (opening && name.trim() === "") wrong.name = "problem.name";
    if (opening && again !== pin) wrong.again = "problem.pin_again";
    if (opening && sent !== null && sent.number === number && !sent.proven && !isCode(code)) wrong.code = "problem.phone_code";
    setBad(wrong);
    setError(null);
    if (Object.keys(wrong).length > 0 || busy) return;
    setBusy(true);
    try {
      if (opening && !(await openAccount(number as string))) return;
      shopper.open(await shopper.api.ask<ShopperPass>("/v1/shopper/sessions", { body: { phone: number, pin } }));
    } catch (problem) {
      setError(problem);
      if (problem instanceof ProblemError && problem.code === "phone_known") setOpening(false);
    } finally {
      setBusy(false);
    }
  };
  const turn = (): void => {
    setOpening(!opening);
    setBad({});
    setError(null);
    setSent(null);
  };
  const told = (key: Key | undefined): string | undefined => (key === undefined ? undefined : t(key));
  return (
    <form class="card narrow stack" noValidate onSubmit={(event) => void submit(event)}>
      <h1>{t(opening ? "me.open" : "me.sign_in")}</h1>
      <p>{t(opening ? "me.open_lead" : "me.sign_in_lead")}</p>
      {shopper.ended.value && error === null && <p class="notice warn">{t("problem.session")}</p>}
      {error !== null && <Trouble error={error} />}
      {opening && <Field label={t("field.name")} name="name" autoComplete="name" value={name} onValue={setName} error={told(bad.name)} />}
      <Field
        label={t("field.phone")}
        hint={t("field.phone_hint")}
        name="phone"
        type="tel"
        inputMode="tel"
        autoComplete="tel"
        value={phone}
        onValue={setPhone}
        error={told(bad.phone)}
      />
      <PinField
        label={t(opening ? "field.pin_new" : "field.pin")}
        hint={opening ? t("field.pin_hint") : undefined}
        name="pin"
        autoComplete={opening ? "new-password" : "current-password"}
        value={pin}
        onValue={setPin}
        error={told(bad.pin)}
      />
      {opening && (
        <PinField
          label={t("field.pin_again")}
          name="again"
          autoComplete="new-password"
          value={again}
          onValue={setAgain}
          error={told(bad.again)}
        />
      )}
      {opening && sent !== null && !sent.proven && (
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
          <button type="button" disabled={busy} onClick={() => void sendAgain()}>
            {t("me.code_again")}
          </button>
        </>
      )}
      <button type="submit" class="primary" disabled={busy}>
        {t(opening ? "me.open_act" : "me.sign_in")}
      </button>
      <button type="button" class="quiet" onClick={turn}>
        {t(opening ? "me.have" : "me.open")}
      </button>
    </form>
  );
}
