/** What a campaign may ask for beyond the simple: folded away until somebody wants it, open where something is wrong. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { FieldProps } from "../lib/field.tsx";
import { crew } from "../parts/crew.tsx";
import { t, type Key } from "../parts/crew_words.ts";
import { locale } from "../parts/words.ts";
import { SEGMENTS, type Segment } from "./campaign.ts";
import { EVERY_DAY, type Bad, type Draft, type FieldName } from "./draft.ts";

type Flags = "issue_on_ticket" | "members_only" | "first_purchase_only";
type Choices = "kind" | "share_mode" | "stacking" | "on_refund" | "days" | "segments";
export type TextName = Exclude<FieldName, Flags | Choices>;

export interface MoreProps {
  draft: Draft;
  bad: Bad;
  set: (change: Partial<Draft>) => void;
  text: (name: TextName, label: Key, more?: Partial<FieldProps>) => ComponentChildren;
}

export function More({ draft, bad, set, text }: MoreProps) {
  const free = { hint: t("marketing.form.no_bound") };
  return (
    <>
      <Fold title="marketing.more.who" fields={["segments", "categories", "skus", "stores"]} bad={bad}>
        <Tick name="members_only" label="marketing.form.members_only" draft={draft} set={set} />
        <Tick name="first_purchase_only" label="marketing.form.first_purchase_only" draft={draft} set={set} />
        <Segments draft={draft} bad={bad} set={set} />
        {text("categories", "marketing.form.categories", { hint: t("marketing.form.by_comma") })}
        {text("skus", "marketing.form.skus", { hint: t("marketing.form.by_comma") })}
        {text("stores", "marketing.form.stores", { hint: t("marketing.form.by_comma") })}
      </Fold>
      <Fold title="marketing.more.when" fields={["days", "opens", "closes"]} bad={bad}>
        <fieldset class="stack tight" aria-describedby={bad.days ? "days-bad" : undefined}>
          <legend>{t("marketing.form.days")}</legend>
          <div class="days">
            {EVERY_DAY.map((day) => (
              <button
                key={day}
                type="button"
                aria-pressed={draft.days.includes(day)}
                aria-invalid={bad.days ? "true" : undefined}
                onClick={() => set({ days: toggled(draft.days, day) })}
              >
                {dayName(day)}
              </button>
            ))}
          </div>
          <Wrong id="days-bad" said={bad.days} />
        </fieldset>
        <div class="pair">
          {text("opens", "marketing.form.opens", { type: "time" })}
          {text("closes", "marketing.form.closes", { type: "time", hint: t("marketing.form.closes_hint") })}
        </div>
      </Fold>
      <Fold title="marketing.more.together" fields={["joint", "priority", "max_per_basket"]} bad={bad}>
        <Choose name="stacking" choices={["with_all", "alone", "full_price"]} draft={draft} set={set} />
        {text("joint", "marketing.form.joint", { hint: t("marketing.form.joint_hint"), maxLength: 64 })}
        <div class="pair">
          {text("max_per_basket", "marketing.form.max_per_basket", { inputMode: "numeric", ...free })}
          {text("priority", "marketing.form.priority", { inputMode: "numeric", hint: t("marketing.form.priority_hint") })}
        </div>
        <Choose name="on_refund" choices={["restore", "void"]} draft={draft} set={set} />
      </Fold>
      <Fold title="marketing.more.limits" fields={["per_day", "per_store", "per_household", "holdout"]} bad={bad}>
        <div class="pair">
          {text("per_day", "marketing.form.per_day", { inputMode: "numeric", ...free })}
          {text("per_store", "marketing.form.per_store", { inputMode: "numeric", ...free })}
          {text("per_household", "marketing.form.per_household", { inputMode: "numeric", ...free })}
          {text("holdout", "marketing.form.holdout", { inputMode: "numeric", hint: t("marketing.form.holdout_hint") })}
        </div>
      </Fold>
    </>
  );
}

function Fold({ title, fields, bad, children }: { title: Key; fields: FieldName[]; bad: Bad; children: ComponentChildren }) {
  const wrong = fields.some((field) => bad[field] !== undefined);
  return (
    <details class="card" open={wrong || undefined}>
      <summary>{t(title)}</summary>
      <div class="stack">{children}</div>
    </details>
  );
}

function Tick({ name, label, draft, set }: { name: Flags; label: Key; draft: Draft; set: MoreProps["set"] }) {
  return (
    <label class="choice">
      <input type="checkbox" checked={draft[name]} onChange={(event) => set({ [name]: event.currentTarget.checked })} />
      <span>{t(label)}</span>
    </label>
  );
}

function Choose<Name extends "stacking" | "on_refund">({
  name,
  choices,
  draft,
  set,
}: {
  name: Name;
  choices: readonly Draft[Name][];
  draft: Draft;
  set: MoreProps["set"];
}) {
  return (
    <fieldset class="stack tight">
      <legend>{t(`marketing.form.${name}`)}</legend>
      {choices.map((choice) => (
        <label key={choice} class="choice">
          <input type="radio" name={name} checked={draft[name] === choice} onChange={() => set({ [name]: choice })} />
          <span>{t(`marketing.form.${choice}` as Key)}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Groups by how often somebody came of late, with how many they are now; a small group is not told. */
function Segments({ draft, bad, set }: Pick<MoreProps, "draft" | "bad" | "set">) {
  const [sizes, setSizes] = useState<Partial<Record<Segment, number | null>>>({});
  useEffect(() => {
    crew.api.ask<{ items: { segment: Segment; people: number | null }[] }>("/v1/campaigns/segments").then(
      ({ items }) => setSizes(Object.fromEntries(items.map((each) => [each.segment, each.people]))),
      () => undefined, // a size is a help; without it the choice is as good
    );
  }, []);
  return (
    <fieldset class="stack tight" aria-describedby={bad.segments ? "segments-bad" : undefined}>
      <legend>{t("marketing.form.segments")}</legend>
      {SEGMENTS.map((segment) => (
        <label key={segment} class="choice">
          <input
            type="checkbox"
            checked={draft.segments.includes(segment)}
            aria-invalid={bad.segments ? "true" : undefined}
            onChange={() => set({ segments: toggled(draft.segments, segment) })}
          />
          <span>
            {t(`marketing.segment.${segment}`)}
            {segment in sizes && (
              <span class="soft small">
                {" · "}
                {sizes[segment] === null ? t("marketing.segment.few") : t("marketing.segment.people", { count: sizes[segment] ?? 0 })}
              </span>
            )}
          </span>
        </label>
      ))}
      <Wrong id="segments-bad" said={bad.segments} />
    </fieldset>
  );
}

function Wrong({ id, said }: { id: string; said: Bad[FieldName] }) {
  return said === undefined ? null : (
    <p class="error" id={id}>
      {t(said.key, said.facts)}
    </p>
  );
}

const toggled = <Item,>(items: Item[], item: Item): Item[] =>
  items.includes(item) ? items.filter((each) => each !== item) : [...items, item];

/** Monday is 1: the fifth of January 1970 was one. */
const dayName = (day: number): string =>
  new Intl.DateTimeFormat(locale.value, { weekday: "short", timeZone: "UTC" }).format(new Date(Date.UTC(1970, 0, 4 + day)));
