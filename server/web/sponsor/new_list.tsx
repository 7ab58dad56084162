/** A list of people with amounts: looked at first, every fault with its line and the way out, kept when it has none. */

import { useEffect, useRef, useState } from "preact/hooks";
import { newId } from "../lib/api.ts";
import { Field } from "../lib/field.tsx";
import { dayOf } from "../lib/zone.ts";
import { crew } from "../parts/crew.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { find, t } from "../parts/crew_words.ts";
import { amount } from "../parts/words.ts";
import type { Batch, Looked } from "./batch.ts";

const MOST_BYTES = 1_000_000;
const WEEKS_MS = 28 * 86_400_000;
const LOCALES = ["fr", "en", "zh"] as const;

export function NewList({ onKept, onClose }: { onKept: (batch: Batch) => void; onClose: () => void }) {
  const [id] = useState(newId);
  const [names, setNames] = useState({ fr: "", en: "", zh: "" });
  const [message, setMessage] = useState("");
  const [categories, setCategories] = useState("");
  const [ends, setEnds] = useState(() => dayOf(new Date(Date.now() + WEEKS_MS)));
  const [file, setFile] = useState<{ name: string; csv: string } | null>(null);
  const [looked, setLooked] = useState<Looked | null>(null);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [tooLarge, setTooLarge] = useState(false);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("h2")?.focus(), []);
  const body = (csv: string, fileName: string, dry: boolean) => ({
    batch_id: dry ? newId() : id,
    file_name: fileName,
    csv,
    name: names,
    message,
    categories: categories.split(",").map((part) => part.trim()).filter((part) => part !== ""),
    expires_at: ends,
    dry_run: dry,
  });
  const ask = async (act: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await act();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const look = async (chosen: File | undefined): Promise<void> => {
    setLooked(null);
    setFile(null);
    setTooLarge(chosen !== undefined && chosen.size > MOST_BYTES);
    if (chosen === undefined || chosen.size > MOST_BYTES) return;
    const csv = await chosen.text();
    setFile({ name: chosen.name, csv });
    await ask(async () => setLooked(await crew.api.ask<Looked>("/v1/credit-batches", { key: newId(), body: body(csv, chosen.name, true) })));
  };
  const keep = async (): Promise<void> => {
    setTried(true);
    if (file === null || looked === null || looked.faults > 0 || LOCALES.some((locale) => names[locale].trim() === "")) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    await ask(async () => onKept(await crew.api.ask<Batch>("/v1/credit-batches", { key: id, body: body(file.csv, file.name, false) })));
  };
  const noFile = tried && file === null;
  return (
    <form
      ref={form}
      class="card stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void keep();
      }}
    >
      <h2 tabIndex={-1}>{t("sponsor.new")}</h2>
      {error !== null && <Trouble error={error} />}
      <fieldset class="stack">
        <legend>{t("sponsor.name")}</legend>
        {LOCALES.map((locale) => (
          <Field
            key={locale}
            label={t(`marketing.form.label_${locale}`)}
            name={`name_${locale}`}
            lang={locale}
            maxLength={80}
            value={names[locale]}
            onValue={(value) => setNames({ ...names, [locale]: value })}
            error={tried && names[locale].trim() === "" ? t("problem.required") : undefined}
          />
        ))}
      </fieldset>
      <Field label={t("sponsor.message")} name="message" maxLength={500} value={message} onValue={setMessage} />
      <Field label={t("marketing.form.categories")} name="categories" hint={t("marketing.form.by_comma")} value={categories} onValue={setCategories} />
      <Field label={t("sponsor.ends")} name="ends" type="date" value={ends} onValue={setEnds} />
      <div class="field">
        <label for="list">{t("sponsor.file")}</label>
        <input
          id="list"
          type="file"
          accept=".csv,text/csv,text/plain"
          aria-describedby="list-hint"
          aria-invalid={noFile || tooLarge ? "true" : undefined}
          onChange={(event) => void look(event.currentTarget.files?.[0])}
        />
        <p class="hint" id="list-hint">
          {t("sponsor.file_hint")}
        </p>
        {(noFile || tooLarge) && <p class="error">{t(tooLarge ? "sponsor.too_large" : "problem.required")}</p>}
      </div>
      {looked !== null && <Seen looked={looked} />}
      <div class="row">
        <button type="button" class="quiet" onClick={onClose}>
          {t("act.cancel")}
        </button>
        <button type="submit" class="primary" disabled={busy || (looked !== null && looked.faults > 0)}>
          {t("sponsor.keep")}
        </button>
      </div>
    </form>
  );
}

function Seen({ looked }: { looked: Looked }) {
  return (
    <div class="stack tight" role="status">
      <p class={looked.faults > 0 ? "notice bad" : "notice"}>
        {looked.faults > 0
          ? t("sponsor.faults", { count: looked.faults })
          : t("sponsor.faultless", { people: looked.people, amount: amount(looked.total_minor) })}
      </p>
      {looked.errors.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label={t("sponsor.fault_table")}>
          <table>
            <caption>{t("sponsor.fault_table")}</caption>
            <thead>
              <tr>
                <th scope="col">{t("sponsor.line")}</th>
                <th scope="col">{t("sponsor.column")}</th>
                <th scope="col">{t("sponsor.wrong")}</th>
              </tr>
            </thead>
            <tbody>
              {looked.errors.map((fault, place) => (
                <tr key={place}>
                  <th scope="row">{fault.line}</th>
                  <td>{fault.field}</td>
                  <td>{find("sponsor", `fault_${fault.code}`, { first: fault.first_line ?? 0 }) ?? `${fault.message} – ${fault.fix}`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
