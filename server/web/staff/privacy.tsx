/** For the privacy officer: what people agreed to, what is not erased everywhere yet, and one person's file when they ask. */

import { useState } from "preact/hooks";
import { ProblemError } from "../lib/api.ts";
import { Field } from "../lib/field.tsx";
import { crew } from "../parts/crew.tsx";
import { byCode, t } from "../parts/crew_words.ts";
import { useLoaded } from "../parts/loaded.ts";
import { placeOf } from "../parts/place.ts";
import { Trouble } from "../parts/trouble.tsx";
import { minute } from "../parts/words.ts";

interface Counted {
  purpose: string;
  version: string;
  given: number;
  withdrawn: number;
  in_force: number;
}

interface Erasure {
  erasure_id: string;
  customer_id: string;
  erased_at: string;
  references: number;
  kiosks: Kiosk[];
}

interface Kiosk {
  kiosk_id: string;
  name: string;
  acknowledged_at: string | null;
  shut_out_at: string | null;
}

interface File {
  customer_id: string;
  consents: { receipt_id: string; purpose: string; version: string; given_at: string; withdrawn_at: string | null }[];
  diary: { at: string; act: string; where: string }[];
}

const purpose = (code: string): string => byCode("me", `consent.${code}`, undefined, "me.consents");

export function Privacy() {
  return (
    <section class="stack">
      <p>{t("privacy.text")}</p>
      <Consents />
      <Erasures />
      <OnePerson />
    </section>
  );
}

function Consents() {
  const { value, error, again } = useLoaded(() => crew.api.ask<{ items: Counted[] }>("/v1/privacy/consents"));
  return (
    <section class="card stack" aria-labelledby="consents">
      <h2 id="consents">{t("privacy.consents")}</h2>
      {error !== null && <Trouble error={error} onRetry={again} />}
      {value?.items.length === 0 && <p class="soft">{t("privacy.consents_none")}</p>}
      <ul class="plain stack">
        {value?.items.map((one) => (
          <li key={one.purpose + one.version}>
            <strong>{purpose(one.purpose)}</strong> <span class="small soft">{one.version}</span>
            <br />
            {t("privacy.counted", { in_force: one.in_force, given: one.given, withdrawn: one.withdrawn })}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Erasures() {
  const { value, error, again } = useLoaded(() => crew.api.ask<{ items: Erasure[]; more: boolean }>("/v1/privacy/erasures"));
  return (
    <section class="card stack" aria-labelledby="erasures">
      <h2 id="erasures">{t("privacy.erasures")}</h2>
      {error !== null && <Trouble error={error} onRetry={again} />}
      {value?.items.length === 0 && <p class="soft">{t("privacy.erasures_none")}</p>}
      <ul class="plain stack">
        {value?.items.map((one) => (
          <li key={one.erasure_id}>
            <strong>{minute(one.erased_at)}</strong> <code class="small">{one.customer_id}</code>
            <Waiting kiosks={one.kiosks.filter((kiosk) => kiosk.acknowledged_at === null)} />
          </li>
        ))}
      </ul>
      {value?.more === true && <p class="soft">{t("privacy.more", { count: value.items.length })}</p>}
      <div class="row">
        <button type="button" onClick={again}>
          {t("privacy.again")}
        </button>
      </div>
    </section>
  );
}

/** A kiosk that is switched off keeps its copy until it hears of the erasure: somebody has to go and see. One that was shut out never will hear. */
function Waiting({ kiosks }: { kiosks: Kiosk[] }) {
  if (kiosks.length === 0) return <p class="soft">{t("privacy.erased")}</p>;
  const named = (some: Kiosk[]): string => some.map((kiosk) => kiosk.name).join(", ");
  const silent = kiosks.filter((kiosk) => kiosk.shut_out_at === null);
  const shutOut = kiosks.filter((kiosk) => kiosk.shut_out_at !== null);
  return (
    <>
      {silent.length > 0 && <p class="notice warn">{t("privacy.not_erased", { kiosks: named(silent) })}</p>}
      {shutOut.length > 0 && <p class="soft">{t("privacy.shut_out", { kiosks: named(shutOut) })}</p>}
    </>
  );
}

function OnePerson() {
  const [wanted, setWanted] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const look = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    setFile(null);
    try {
      setFile(await crew.api.ask<File>(`/v1/privacy/customers/${encodeURIComponent(wanted.trim())}`));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const nobody = error instanceof ProblemError && error.code === "shopper_unknown";
  return (
    <section class="card stack" aria-labelledby="person">
      <h2 id="person">{t("privacy.person")}</h2>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void look();
        }}
      >
        <Field label={t("privacy.number")} hint={t("privacy.number_hint")} error={nobody ? t("privacy.nobody") : undefined} autoComplete="off" maxLength={64} value={wanted} onValue={setWanted} />
        <div class="row">
          <button type="submit" class="primary" disabled={busy || wanted.trim() === ""}>
            {t("privacy.look")}
          </button>
        </div>
      </form>
      {error !== null && !nobody && <Trouble error={error} />}
      <p role="status" class={file === null ? "visually-hidden" : "soft"}>
        {file !== null && t("privacy.arrived", { consents: file.consents.length, lines: file.diary.length })}
      </p>
      {file !== null && <Shown file={file} />}
    </section>
  );
}

function Shown({ file }: { file: File }) {
  return (
    <article class="stack" aria-label={file.customer_id}>
      <h3>{t("privacy.their_consents")}</h3>
      {file.consents.length === 0 && <p class="soft">{t("privacy.their_consents_none")}</p>}
      <ul class="plain stack">
        {file.consents.map((one) => (
          <li key={one.receipt_id}>
            <strong>{purpose(one.purpose)}</strong> <span class="small soft">{one.version}</span>
            <br />
            {t("privacy.given", { time: minute(one.given_at) })}
            {one.withdrawn_at !== null && ` ${t("privacy.withdrawn", { time: minute(one.withdrawn_at) })}`}
          </li>
        ))}
      </ul>
      <h3>{t("privacy.their_diary")}</h3>
      {file.diary.length === 0 && <p class="soft">{t("privacy.their_diary_none")}</p>}
      <ol class="plain stack">
        {file.diary.map((line, index) => (
          <li key={index}>
            {byCode("privacy", `act.${line.act}`, { act: line.act }, "privacy.act_other")}
            <br />
            <span class="small soft">
              <time dateTime={line.at}>{minute(line.at)}</time> · {placeOf(line.where)}
            </span>
          </li>
        ))}
      </ol>
    </article>
  );
}
