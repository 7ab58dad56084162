/** A pass for the day: pays at a till whose network is away, with the PIN that is typed here. */

import { useState } from "preact/hooks";
import { Qr } from "../lib/qr.tsx";
import { PinField } from "../parts/pin_field.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { amount, minute, t } from "../parts/words.ts";
import { shopper } from "./account.ts";

interface Pass {
  code: string;
  floor_minor: number;
  expires_at: string;
}

export function OfflinePass({ currency }: { currency: string }) {
  const [pin, setPin] = useState("");
  const [pass, setPass] = useState<Pass | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const make = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      setPass(await shopper.api.ask<Pass>("/v1/wallets/me/offline-passes", { method: "POST", body: { pin } }));
    } catch (problem) {
      setError(problem);
    } finally {
      setPin("");
      setBusy(false);
    }
  };
  return (
    <section class="card stack pay" aria-labelledby="offline-pass">
      <h2 id="offline-pass">{t("me.pass")}</h2>
      <p>{t("me.pass_text")}</p>
      {error !== null && <Trouble error={error} />}
      {pass === null ? (
        <form class="stack" onSubmit={(event) => void make(event)}>
          <PinField label={t("me.pass_pin")} value={pin} onValue={setPin} />
          <button type="submit" disabled={busy || pin.length < 4}>
            {t("me.pass_act")}
          </button>
        </form>
      ) : (
        <div class="stack code" role="status">
          <Qr text={pass.code} label={t("me.pass")} />
          <p>{t("me.pass_floor", { amount: amount(pass.floor_minor, currency), time: minute(pass.expires_at) })}</p>
          <button type="button" onClick={() => setPass(null)}>
            {t("me.pay_hide")}
          </button>
        </div>
      )}
    </section>
  );
}
