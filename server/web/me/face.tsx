/** Whether a face is on file, and its withdrawal at once, with a receipt that each kiosk signs off. */

import { useEffect, useRef, useState } from "preact/hooks";
import { newId } from "../lib/api.ts";
import { Confirm } from "../parts/confirm.tsx";
import { isPin } from "../parts/phone.ts";
import { PinField } from "../parts/pin_field.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { byCode, clock, day, labelled, minute, t } from "../parts/words.ts";
import { shopper, type Account, type Consent, type Erasure } from "./account.ts";

const ASK_AGAIN_MS = 2000;
const ASK_AT_MOST = 60; // two minutes; a kiosk that is off answers when it is on again, and the receipt stays open

export function Face({ account, onChanged }: { account: Account; onChanged: () => void }) {
  const [sure, setSure] = useState(false);
  const [pin, setPin] = useState("");
  const [bad, setBad] = useState(false);
  const [erasure, setErasure] = useState<Erasure | null>(null);
  const [error, setError] = useState<unknown>(null);
  const attempt = useRef(newId());
  const close = (): void => {
    setSure(false);
    setPin("");
    setBad(false);
  };
  const withdraw = async (): Promise<void> => {
    setBad(!isPin(pin));
    if (!isPin(pin)) return;
    close();
    setError(null);
    try {
      const erasure_id = attempt.current;
      // The key is of the PIN too: another one is another request, for the same receipt.
      const key = `${erasure_id} ${newId()}`;
      setErasure(await shopper.api.ask<Erasure>("/v1/erasures", { key, body: { erasure_id, pin } }));
      attempt.current = newId();
      onChanged();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <section class="card stack" aria-labelledby="face">
      <h2 id="face">{t("me.face")}</h2>
      {error !== null && <Trouble error={error} />}
      {account.face.enrolled ? (
        <>
          {account.face.since && <p class="lead">{t("me.face_since", { date: day(account.face.since) })}</p>}
          <p>{t("me.face_text")}</p>
          <Rest account={account} onChanged={onChanged} onError={setError} />
          <button type="button" class="danger" onClick={() => setSure(true)}>
            {t("me.face_withdraw")}
          </button>
        </>
      ) : (
        <p>{t("me.face_none")}</p>
      )}
      {erasure !== null && <Receipt first={erasure} />}
      <Confirm
        open={sure}
        title={t("me.face_sure")}
        text={t("me.face_sure_text")}
        act={t("me.face_sure_act")}
        keep={t("me.face_keep")}
        danger
        onAct={() => void withdraw()}
        onClose={close}
      >
        <PinField label={t("field.pin")} name="pin" value={pin} onValue={setPin} error={bad ? t("problem.pin_format") : undefined} />
      </Confirm>
    </section>
  );
}

/** Blocking the face at one press, and letting it pay again by the PIN. */
function Rest({ account, onChanged, onError }: { account: Account; onChanged: () => void; onError: (problem: unknown) => void }) {
  const [pin, setPin] = useState("");
  const ask = async (act: "freeze" | "thaw", body: { pin?: string } = {}): Promise<void> => {
    onError(null);
    setPin("");
    try {
      await shopper.api.ask(`/v1/customers/me/face:${act}`, { body });
      onChanged();
    } catch (problem) {
      onError(problem);
    }
  };
  if (!account.face.frozen_at)
    return (
      <button type="button" onClick={() => void ask("freeze")}>
        {t("me.face_freeze")}
      </button>
    );
  return (
    <form
      class="notice warn stack"
      onSubmit={(event) => {
        event.preventDefault();
        void ask("thaw", { pin });
      }}
    >
      <h3>{t("me.face_frozen", { date: minute(account.face.frozen_at) })}</h3>
      <p>{t("me.face_frozen_text")}</p>
      <PinField label={t("me.face_thaw_pin")} value={pin} onValue={setPin} />
      <button type="submit" class="primary" disabled={pin.length < 4}>
        {t("me.face_thaw")}
      </button>
    </form>
  );
}

export function Receipt({ first }: { first: Erasure }) {
  const [erasure, setErasure] = useState(first);
  const waiting = erasure.kiosks.some((kiosk) => kiosk.acknowledged_at === null);
  useEffect(() => {
    if (!waiting) return;
    let left = ASK_AT_MOST;
    const timer = setInterval(() => {
      if ((left -= 1) <= 0) clearInterval(timer);
      // A missed answer is asked for again two seconds later.
      shopper.api.ask<Erasure>(`/v1/erasures/${first.erasure_id}`).then(setErasure, () => undefined);
    }, ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [waiting]);
  return (
    <div class="notice" role="status">
      <h3>{t("me.receipt")}</h3>
      <p>
        {t("me.receipt_at", { date: minute(erasure.erased_at) })}
        <br />
        {t("me.receipt_references", { count: erasure.references })}
        <br />
        {labelled(t("me.receipt_id"))}
        <code>{erasure.erasure_id}</code>
      </p>
      {erasure.kiosks.length > 0 && (
        <>
          <h4>{t("me.receipt_kiosks")}</h4>
          <ul class="plain">
            {erasure.kiosks.map((kiosk) => (
              <li key={kiosk.kiosk_id}>
                <span aria-hidden="true">{kiosk.acknowledged_at === null ? "…" : "✓"}</span> <strong>{labelled(kiosk.kiosk_id)}</strong>
                {kiosk.acknowledged_at === null ? t("me.receipt_wait") : t("me.receipt_ack", { time: clock(kiosk.acknowledged_at) })}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

export function Consents({ consents }: { consents: Consent[] }) {
  return (
    <section class="card stack" aria-labelledby="consents">
      <h2 id="consents">{t("me.consents")}</h2>
      {consents.length === 0 && <p>{t("me.consents_none")}</p>}
      <ul class="plain stack">
        {consents.map((consent) => (
          <li key={`${consent.purpose}${consent.given_at}`}>
            <strong>{byCode("me", `consent.${consent.purpose}`, undefined, "me.consents")}</strong>
            <br />
            {t("me.consent_given", { date: minute(consent.given_at) })}
            {consent.withdrawn_at && `, ${t("me.consent_ended", { date: minute(consent.withdrawn_at) })}`}
            {" · "}
            <span class="soft">{t("me.consent_version", { version: consent.version })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
