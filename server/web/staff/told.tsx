/** What staff tell one kiosk from afar: close, open again, a message on its screen. */

import { useState } from "preact/hooks";
import { Field } from "../lib/field.tsx";
import { crew } from "../parts/crew.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { t } from "../parts/crew_words.ts";
import type { Kiosk, Told } from "./board.ts";
import { tell } from "./live.ts";
import { NewKey } from "./new_key.tsx";

const REASONS = ["cleaning", "repair", "closed"] as const;
const LONGEST = 160;

export function ToldKiosk({ kiosk }: { kiosk: Kiosk }) {
  const [message, setMessage] = useState(kiosk.message);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const send = async (body: { paused?: boolean; reason?: string; message?: string }): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      tell(await crew.api.ask<Told>(`/v1/kiosks/${encodeURIComponent(kiosk.kiosk_id)}:tell`, { method: "POST", body }));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <fieldset class="stack" disabled={busy}>
      {error !== null && <Trouble error={error} />}
      {kiosk.paused ? (
        <section class="card stack">
          <p>{t("told.closed")}</p>
          <button type="button" class="primary" onClick={() => void send({ paused: false })}>
            {t("told.open")}
          </button>
        </section>
      ) : (
        <section class="card stack">
          <p>{t("told.close")}</p>
          <div class="row" role="group" aria-label={t("told.close")}>
            {REASONS.map((reason) => (
              <button key={reason} type="button" onClick={() => void send({ paused: true, reason })}>
                {t(`told.reason.${reason}`)}
              </button>
            ))}
          </div>
        </section>
      )}
      <form
        class="card stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send({ message: message.trim() });
        }}
      >
        <Field label={t("told.message")} hint={t("told.message_hint")} maxLength={LONGEST} value={message} onValue={setMessage} />
        <div class="row">
          <button type="submit" class="primary" disabled={message.trim() === kiosk.message}>
            {t(message.trim() === "" ? "told.take_off" : "told.say")}
          </button>
        </div>
      </form>
      <NewKey kioskId={kiosk.kiosk_id} />
    </fieldset>
  );
}
