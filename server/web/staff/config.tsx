/** What the store sets for itself: each field with its unit and why, what would change, and another admin who agrees. */

import { useEffect, useRef, useState } from "preact/hooks";
import { ProblemError } from "../lib/api.ts";
import { Field } from "../lib/field.tsx";
import { useAttempt } from "../parts/attempt.ts";
import { crew } from "../parts/crew.tsx";
import { byCode, t } from "../parts/crew_words.ts";
import { useLoaded } from "../parts/loaded.ts";
import { Trouble } from "../parts/trouble.tsx";
import { amount, labelled } from "../parts/words.ts";
import { between, carried, changesOf, entriesOf, FIELDS, GROUPS, pathOf, read, typed, valueOf, wanted, wordOf, type Change, type ConfigField, type Entries, type Told } from "./config_fields.ts";

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

export function Config({ turn, onAsked }: { turn: number; onAsked: () => void }) {
  const { value: told, error, again } = useLoaded(() => crew.api.ask<Told>("/v1/config"));
  const seen = useRef(turn);
  useEffect(() => {
    if (seen.current !== turn) again(); // a second person has agreed to something
    seen.current = turn;
  }, [turn]);
  return (
    <section class="card stack" aria-labelledby="config">
      <h3 id="config">{t("config.title")}</h3>
      <p class="soft">{t("config.text")}</p>
      {error !== null && <Trouble error={error} onRetry={again} />}
      {told !== null && <Form told={told} onAsked={onAsked} />}
    </section>
  );
}

function Form({ told, onAsked }: { told: Told; onAsked: () => void }) {
  const [held, setHeld] = useState(told);
  const [entries, setEntries] = useState<Entries>(() => entriesOf(told));
  const [meanwhile, setMeanwhile] = useState<Change[]>([]);
  const [wish, setWish] = useState("");
  const [reason, setReason] = useState("");
  const [looking, setLooking] = useState(false);
  const [unread, setUnread] = useState<string[]>([]);
  const [refusal, setRefusal] = useState<unknown>(null);
  const [asked, setAsked] = useState(false);
  const attempt = useAttempt();
  const found = changesOf(held, entries);
  const open = found.changes.length + found.unread.length;
  /** Go on from what holds now, and return whether somebody else had changed it. */
  const take = (now: Told): boolean => {
    const others = between(held, now);
    setHeld(now);
    if (others.length === 0) return false;
    setEntries(carried(entries, held, now));
    setMeanwhile(open === 0 ? [] : others); // who has typed nothing compares nothing
    return open !== 0;
  };
  useEffect(() => {
    take(told);
  }, [told]);
  const type = (field: ConfigField, text: string): void => {
    setEntries({ ...entries, [pathOf(field)]: text });
    setLooking(false);
    setAsked(false);
  };
  const look = (event: Event): void => {
    event.preventDefault();
    setUnread(found.unread);
    setAsked(false);
    setLooking(found.unread.length === 0 && found.changes.length > 0);
  };
  const ask = async (): Promise<void> => {
    setRefusal(null);
    try {
      // What was read an hour ago would set back what two others have agreed to since.
      if (take(await crew.api.ask<Told>("/v1/config"))) return;
      const all = { ...wanted(held, found.changes), reason: reason.trim() };
      const id = attempt.idOf(all);
      await crew.api.ask("/v1/config", { method: "PUT", key: id, body: { request_id: id, ...all } });
      attempt.end();
      setEntries(entriesOf(held));
      setMeanwhile([]);
      setReason("");
      setAsked(true);
      onAsked();
    } catch (problem) {
      setRefusal(problem);
    }
    setLooking(false);
  };
  const errorOf = (field: ConfigField): string | undefined =>
    unread.includes(pathOf(field)) && found.unread.includes(pathOf(field)) ? t("config.unread") : refused(refusal, field, entries[pathOf(field)] ?? "");
  const shown = FIELDS.filter((field) => errorOf(field) !== undefined || runOf(field).some((one) => speaksOf(one, wish)));
  return (
    <form class="stack" noValidate onSubmit={look}>
      {refusal !== null && <Trouble error={refusal} />}
      {meanwhile.length > 0 && (
        <div class="notice warn" role="status">
          <p>{t("config.meanwhile")}</p>
          <Changes changes={meanwhile} />
        </div>
      )}
      <Field label={t("config.search")} type="search" name="search" autoComplete="off" value={wish} onValue={setWish} />
      {shown.length === 0 && <p role="status">{t("config.search_none")}</p>}
      {GROUPS.map((group) => {
        const fields = shown.filter((field) => field.group === group);
        return (
          fields.length > 0 && (
            <fieldset key={group} class="stack">
              <legend>{t(`config.group.${group}`)}</legend>
              {fields.map((field) => (
                <Setting key={pathOf(field)} field={field} usual={valueOf(held.defaults, field)} text={entries[pathOf(field)] ?? ""} error={errorOf(field)} onText={(text) => type(field, text)} />
              ))}
            </fieldset>
          )
        );
      })}
      {open > 0 && !looking && <p role="status">{t("config.open", { count: open })}</p>}
      {!looking && (
        <button type="submit" class="primary" disabled={open === 0}>
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

/** One setting; where it is not as in a store that set nothing, with the way back. */
function Setting({ field, usual, text, error, onText }: { field: ConfigField; usual: unknown; text: string; error: string | undefined; onText: (text: string) => void }) {
  const differs = JSON.stringify(read(field, text)) !== JSON.stringify(usual ?? null);
  return (
    <div class="stack">
      <Field
        label={`${labelOf(field)} (${t(`config.unit.${field.kind}`)})`}
        hint={whyOf(field)}
        name={pathOf(field)}
        value={text}
        inputMode={field.kind === "purses" || field.kind === "layouts" ? "text" : "decimal"}
        onValue={onText}
        error={error}
      />
      {differs && (
        <p class="row small">
          <span>{t("config.usual", { value: said(field, usual) })}</span>
          <button type="button" aria-label={labelled(t("config.back")) + labelOf(field)} onClick={() => onText(typed(field, usual))}>
            {t("config.back")}
          </button>
        </p>
      )}
    </div>
  );
}

const whyOf = (field: ConfigField): string => byCode("config", `${wordOf(field)}_why`, undefined, "config.title");
const MORE = "…";

/** Return a setting with those that its words go on from, or that go on from them: "…" alone says nothing. */
function runOf(field: ConfigField): ConfigField[] {
  let first = FIELDS.indexOf(field);
  while (first > 0 && labelOf(FIELDS[first]!).startsWith(MORE)) first -= 1;
  let end = first + 1;
  while (end < FIELDS.length && labelOf(FIELDS[end]!).startsWith(MORE)) end += 1;
  return FIELDS.slice(first, end);
}

/** Whether each word of a wish is among a setting's, whatever its accents and capitals. */
function speaksOf(field: ConfigField, wish: string): boolean {
  const words = `${labelOf(field)} ${whyOf(field)} ${t(`config.group.${field.group}`)}`;
  return plain(wish).split(/\s+/).every((word) => plain(words).includes(word));
}

const plain = (text: string): string => text.normalize("NFD").replace(/\p{Mark}/gu, "").toLowerCase();

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
