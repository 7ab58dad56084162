/** What a kiosk knows its colleagues by: a badge to show for a minute, or a number with a PIN. */

import { useEffect, useState } from "preact/hooks";
import { useSecondsLeft } from "../lib/countdown.ts";
import { crew } from "../parts/crew.tsx";
import { useLoaded } from "../parts/loaded.ts";
import { PinField } from "../parts/pin_field.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { t } from "../parts/crew_words.ts";

interface Shown {
  badge: string;
  qr: string;
  expires_at: string;
}

/** Asks for a badge as long as it is on the screen: the old one ends with the new. */
export function Badge() {
  const { value, error, again } = useLoaded(() => crew.api.ask<Shown>("/v1/staff/badges", { method: "POST" }));
  const seconds = useSecondsLeft(value?.expires_at ?? null);
  useEffect(() => {
    if (seconds === 0) again();
  }, [seconds]);
  return (
    <div class="stack">
      {error !== null && <Trouble error={error} onRetry={again} />}
      {value !== null && (
        <section class="card stack badge">
          <p>{t("badge.text")}</p>
          <img class="qr" src={value.qr} alt={t("badge.qr")} />
          <p class="soft" role="timer">
            {t("badge.left", { seconds: seconds ?? 0 })}
          </p>
        </section>
      )}
      <KioskPin />
    </div>
  );
}

const PIN = /^\d{6}$/;

function KioskPin() {
  const { value, error, again } = useLoaded(() => crew.api.ask<{ number: string | null }>("/v1/staff/kiosk-pin"));
  const [pin, setPin] = useState("");
  const [bad, setBad] = useState(false);
  const [refusal, setRefusal] = useState<unknown>(null);
  const [kept, setKept] = useState(false);
  const keep = async (event: Event): Promise<void> => {
    event.preventDefault();
    setRefusal(null);
    setKept(false);
    setBad(!PIN.test(pin));
    if (!PIN.test(pin)) return;
    try {
      await crew.api.ask("/v1/staff/kiosk-pin", { method: "PUT", body: { pin } });
      setPin("");
      setKept(true);
      again();
    } catch (problem) {
      setRefusal(problem);
    }
  };
  return (
    <section class="card stack" aria-labelledby="kiosk-pin">
      <h3 id="kiosk-pin">{t("badge.pin_title")}</h3>
      <p class="soft">{t("badge.pin_text")}</p>
      {error !== null && <Trouble error={error} onRetry={again} />}
      {refusal !== null && <Trouble error={refusal} />}
      {value?.number != null && (
        <p>
          {t("badge.number")} <b class="lead">{value.number}</b>
        </p>
      )}
      <form class="stack" noValidate onSubmit={(event) => void keep(event)}>
        <PinField label={t("badge.pin")} value={pin} onValue={setPin} error={bad && !PIN.test(pin) ? t("badge.pin_bad") : undefined} />
        <button type="submit" class="primary">
          {t("badge.pin_keep")}
        </button>
      </form>
      {kept && (
        <p class="notice good" role="status">
          {t("badge.pin_kept")}
        </p>
      )}
    </section>
  );
}
