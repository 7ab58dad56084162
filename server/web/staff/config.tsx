/** What the store sets for itself: each field with its unit and why, what would change, and another admin who agrees. */

import { useRef, useState } from "preact/hooks";
import { newId, ProblemError } from "../lib/api.ts";
import { Field } from "../lib/field.tsx";
import { crew } from "../parts/crew.tsx";
import { byCode, t } from "../parts/crew_words.ts";
import { useLoaded } from "../parts/loaded.ts";
import { Trouble } from "../parts/trouble.tsx";
import { amount, labelled } from "../parts/words.ts";
import { changesOf, entriesOf, FIELDS, pathOf, typed, wanted, wordOf, type Change, type ConfigField, type Entries, type Held } from "./config_fields.ts";

export const labelOf = (field: ConfigField): string => byCode("config", wordOf(field), undefined, "config.title");

/** Return a value in words: with its currency or unit. */
export function said(field: ConfigField, value: unknown): string {
  if (value === null || value === undefined) return t("config.none");
  if (field.kind === "money" || field.kind === "money_or_none") return amount(Number(value));
  const text = typed(field, value);
  return field.kind === "percent" ? `${text} %` : text === "" ? "–" : text;
}

export function Changes({ changes }: { changes: Change[] }) {
  return (
    <ul class="small">
      {changes.map(({ field, before, after }) => (
        <li key={pathOf(field)}>
          {labelled(labelOf(field))}
          {said(field, before)} → <strong>{said(field, after)}</strong>
        </li>
      ))}
    </ul>
  );
}

export function Config({ onAsked }: { onAsked: () => void }) {
  const { value: held, error, again } = useLoaded(() => crew.api.ask<Held>("/v1/config"));
  return (
    <section class="card stack" aria-labelledby="config">
      <h3 id="config">{t("config.title")}</h3>
      <p class="soft">{t("config.text")}</p>
      {error !== null && <Trouble error={error} onRetry={again} />}
      {held !== null && <Form key={JSON.stringify(held)} held={held} onAsked={onAsked} />}
    </section>
  );
}

function Form({ held, onAsked }: { held: Held; onAsked: () => void }) {
  const [entries, setEntries] = useState<Entries>(() => entriesOf(held));
  const [reason, setReason] = useState("");
  const [looking, setLooking] = useState(false);
  const [unread, setUnread] = useState<string[]>([]);
  const [refusal, setRefusal] = useState<unknown>(null);
  const [asked, setAsked] = useState(false);
  const attempt = useRef<{ id: string; body: string } | null>(null);
  const found = changesOf(held, entries);
  const look = (event: Event): void => {
    event.preventDefault();
    setUnread(found.unread);
    setAsked(false);
    setLooking(found.unread.length === 0 && found.changes.length > 0);
  };
  const ask = async (): Promise<void> => {
    const all = { ...wanted(held, found.changes), reason: reason.trim() };
    const body = JSON.stringify(all);
    if (attempt.current?.body !== body) attempt.current = { id: newId(), body };
    setRefusal(null);
    try {
      const { id } = attempt.current;
      await crew.api.ask("/v1/config", { method: "PUT", key: id, body: { request_id: id, ...all } });
      setEntries(entriesOf(held));
      setReason("");
      setAsked(true);
      onAsked();
    } catch (problem) {
      setRefusal(problem);
    }
    setLooking(false);
  };
  return (
    <form class="stack" noValidate onSubmit={look}>
      {refusal !== null && <Trouble error={refusal} />}
      {FIELDS.map((field) => (
        <Field
          key={pathOf(field)}
          label={`${labelOf(field)} (${t(`config.unit.${field.kind}`)})`}
          hint={byCode("config", `${wordOf(field)}_why`, undefined, "config.title")}
          name={pathOf(field)}
          value={entries[pathOf(field)] ?? ""}
          inputMode={field.kind === "purses" || field.kind === "layouts" ? "text" : "decimal"}
          onValue={(text) => {
            setEntries({ ...entries, [pathOf(field)]: text });
            setLooking(false);
          }}
          error={unread.includes(pathOf(field)) ? t("config.unread") : refused(refusal, field, entries[pathOf(field)] ?? "")}
        />
      ))}
      {!looking && (
        <button type="submit" class="primary" disabled={found.changes.length === 0 && found.unread.length === 0}>
          {t("config.look")}
        </button>
      )}
      {looking && (
        <div class="notice stack" role="status">
          <h4>{t("config.changes")}</h4>
          <Changes changes={found.changes} />
          <Field label={t("config.reason")} hint={t("config.reason_hint")} name="reason" maxLength={100} value={reason} onValue={setReason} />
          <button type="button" class="primary" disabled={reason.trim() === ""} onClick={() => void ask()}>
            {t("config.ask")}
          </button>
        </div>
      )}
      {asked && (
        <p class="notice good" role="status">
          {t("config.asked")}
        </p>
      )}
    </form>
  );
}

/** Why a field was refused: its bounds, or what its kind is made of; of a list, the entry that is wrong. */
function refused(refusal: unknown, field: ConfigField, text: string): string | undefined {
  if (!(refusal instanceof ProblemError)) return undefined;
  const path = pathOf(field);
  const found = refusal.problem.errors?.find((one) => one.field === path || one.field.startsWith(`${path}.`));
  if (found === undefined) return undefined;
  if (found.most !== undefined) return t("config.at_most", { most: typed(field, found.most) });
  if (found.least !== undefined) return t("config.at_least", { least: typed(field, found.least) });
  const entry = text.split(",")[Number(found.field.slice(path.length + 1))] ?? text;
  return byCode("config", `${wordOf(field)}_refused`, { entry: entry.trim() }, "config.refused");
}
