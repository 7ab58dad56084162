/** Whether customers can pay at the store's counters, and who may stop it: with a reason, which stays in the log. */

import { useState } from "preact/hooks";
import { Field } from "../lib/field.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { crew, storeId } from "../parts/crew.tsx";
import { t } from "../parts/crew_words.ts";
import { useLoaded } from "../parts/loaded.ts";
import { Trouble } from "../parts/trouble.tsx";
import { minute } from "../parts/words.ts";

interface Suspension {
  suspended_at: string | null;
  reason: string | null;
}

const LEAST_WORDS = 3;

export function Counters({ guard }: { guard: (work: () => Promise<void>) => Promise<void> }) {
  const path = `/v1/merchants/${encodeURIComponent(storeId())}`;
  const { value, error, again } = useLoaded(() => crew.api.ask<Suspension>(`${path}/suspension`));
  const [stopping, setStopping] = useState(false);
  const [reason, setReason] = useState("");
  const [bad, setBad] = useState(false);
  const isFit = reason.trim().length >= LEAST_WORDS;
  const stop = (): void => {
    setBad(!isFit);
    if (!isFit) return;
    setStopping(false);
    void guard(async () => {
      await crew.api.ask(`${path}:suspend`, { body: { reason: reason.trim() } });
      again();
    });
  };
  const resume = (): Promise<void> =>
    guard(async () => {
      await crew.api.ask(`${path}:resume`, { method: "POST" });
      again();
    });
  const since = value?.suspended_at ?? null;
  return (
    <section class="card stack" aria-labelledby="counters">
      <h3 id="counters">{t("manage.counters")}</h3>
      {error !== null && <Trouble error={error} onRetry={again} />}
      {value !== null && (
        <div class="row ends">
          <p class={since === null ? "" : "notice warn"}>
            {since === null ? t("manage.counters_open") : t("manage.counters_shut", { since: minute(since), reason: value.reason ?? "" })}
          </p>
          {since === null ? (
            <button type="button" class="danger" onClick={() => setStopping(true)}>
              {t("manage.counters_stop")}
            </button>
          ) : (
            <button type="button" class="primary" onClick={() => void resume()}>
              {t("manage.counters_resume")}
            </button>
          )}
        </div>
      )}
      <Confirm open={stopping} title={t("manage.counters_stop_title")} text={t("manage.counters_stop_text")} act={t("manage.counters_stop")} danger onAct={stop} onClose={() => setStopping(false)}>
        <Field label={t("manage.counters_why")} name="why" maxLength={200} value={reason} onValue={setReason} error={bad && !isFit ? t("problem.required") : undefined} />
      </Confirm>
    </section>
  );
}
