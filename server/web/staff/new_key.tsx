/** Managers let one kiosk change the key that all faces are kept under; the change itself is made there. */

import { useState } from "preact/hooks";
import { Field } from "../lib/field.tsx";
import { crew } from "../parts/crew.tsx";
import { t } from "../parts/crew_words.ts";
import { Trouble } from "../parts/trouble.tsx";
import { minute } from "../parts/words.ts";

/** As `server.api.routes.face_keys` asks for it. */
const SHORTEST = 3;
const LONGEST = 200;
const KEEPERS = ["staff_manager", "privacy_officer", "admin"];

export function NewKey({ kioskId }: { kioskId: string }) {
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const allow = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const body = { reason: reason.trim() };
      const allowed = await crew.api.ask<{ allowed_until: string }>(`/v1/kiosks/${encodeURIComponent(kioskId)}:allow-face-key`, { body });
      setUntil(allowed.allowed_until);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  if (!crew.pass.value?.roles.some((role) => KEEPERS.includes(role))) return null;
  return (
    <form
      class="card stack"
      noValidate
      aria-labelledby="new-key"
      onSubmit={(event) => {
        event.preventDefault();
        void allow();
      }}
    >
      <h3 id="new-key">{t("told.new_key")}</h3>
      <p class="soft">{t("told.new_key_text")}</p>
      {error !== null && <Trouble error={error} />}
      {until === null ? (
        <>
          <Field label={t("told.new_key_reason")} maxLength={LONGEST} value={reason} onValue={setReason} />
          <div class="row">
            <button type="submit" disabled={busy || reason.trim().length < SHORTEST}>
              {t("told.new_key_allow")}
            </button>
          </div>
        </>
      ) : (
        <p class="notice good" role="status">
          {t("told.new_key_allowed", { until: minute(until), command: "python -m kiosk new-face-key" })}
        </p>
      )}
    </form>
  );
}
