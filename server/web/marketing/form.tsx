/** A new campaign: every field says what is wrong beside it, and the coupon shows as people will see it. */

import { useEffect, useRef, useState } from "preact/hooks";
import { newId, ProblemError } from "../lib/api.ts";
import { Field, type FieldProps } from "../lib/field.tsx";
import { CouponCard } from "../parts/coupon_card.tsx";
import { crew } from "../parts/crew.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { amount, locale, t, type Key } from "../parts/words.ts";
import type { Campaign } from "./campaign.ts";
import { blank, check, minorOf, type Bad, type Draft, type FieldName } from "./draft.ts";

type TextName = Exclude<FieldName, "kind" | "share_mode" | "issue_on_ticket">;

export function CampaignForm({ onSaved, onClose }: { onSaved: (campaign: Campaign) => void; onClose: () => void }) {
  const [draft, setDraft] = useState<Draft>(() => blank(new Date()));
  const [bad, setBad] = useState<Bad>({});
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // One form is one campaign: pressing again after a lost answer sends the same id, and the same body or a refusal.
  const attempt = useRef<{ id: string; body: string } | null>(null);
  useEffect(() => form.current?.querySelector("h2")?.focus(), []);

  const set = (change: Partial<Draft>): void => {
    const next = { ...draft, ...change };
    setDraft(next);
    // A field that was wrong is judged again while it is being corrected; others wait for the button.
    if (Object.keys(bad).length > 0) {
      const checked = check(next, new Date());
      setBad(checked.ok ? {} : checked.bad);
    }
  };
  const save = async (launch: boolean): Promise<void> => {
    const checked = check(draft, new Date());
    setError(null);
    if (!checked.ok) {
      setBad(checked.bad);
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    setBad({});
    const body = JSON.stringify({ ...checked.campaign, launch });
    if (attempt.current?.body !== body) attempt.current = { id: newId(), body };
    const { id } = attempt.current;
    setBusy(true);
    try {
      onSaved(await crew.api.ask<Campaign>("/v1/campaigns", { key: id, body: { campaign_id: id, ...checked.campaign, launch } }));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const text = (name: TextName, label: Key, more: Partial<FieldProps> = {}) => {
    const said = bad[name];
    const fromServer = error instanceof ProblemError ? error.about(name) : undefined;
    return (
      <Field
        {...more}
        label={t(label)}
        name={name}
        value={draft[name]}
        onValue={(value) => set({ [name]: value })}
        error={said ? t(said.key, said.facts) : fromServer}
      />
    );
  };
  const wrong = Object.keys(bad).length;
  return (
    <form
      ref={form}
      class="new-campaign"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save(false);
      }}
    >
      <div class="stack fields">
        <h2 tabIndex={-1}>{t("marketing.new")}</h2>
        <p role="alert" class={wrong > 0 ? "notice bad" : "visually-hidden"}>
          {wrong > 0 ? t("marketing.bad.summary", { count: wrong }) : ""}
        </p>
        {error !== null && <Trouble error={error} />}
        {text("name", "marketing.form.name", { maxLength: 80 })}
        <fieldset class="stack">
          <legend>{t("marketing.form.label")}</legend>
          {text("label_fr", "marketing.form.label_fr", { maxLength: 80, lang: "fr" })}
          {text("label_en", "marketing.form.label_en", { maxLength: 80, lang: "en" })}
          {text("label_zh", "marketing.form.label_zh", { maxLength: 80, lang: "zh" })}
        </fieldset>
        <fieldset class="stack">
          <legend>{t("marketing.form.effect")}</legend>
          <div class="two">
            {(["amount", "percent"] as const).map((kind) => (
              <button key={kind} type="button" aria-pressed={draft.kind === kind} onClick={() => set({ kind, value: kind === "amount" ? "2.00" : "10" })}>
                {t(`marketing.form.effect_${kind}`)}
              </button>
            ))}
          </div>
          <div class="pair">
            {text("value", `marketing.form.value_${draft.kind}`, { inputMode: "decimal" })}
            {text("min_basket", "marketing.form.min_basket", { inputMode: "decimal" })}
          </div>
        </fieldset>
        <fieldset class="stack">
          <legend>{t("marketing.form.limits")}</legend>
          <div class="pair">
            {text("budget", "marketing.form.budget", { inputMode: "decimal" })}
            {text("coupons", "marketing.form.coupons", { inputMode: "numeric" })}
            {text("per_person", "marketing.form.per_person", { inputMode: "numeric" })}
            {text("generations", "marketing.form.generations", { inputMode: "numeric", hint: t("marketing.form.generations_hint") })}
          </div>
        </fieldset>
        <fieldset class="stack">
          <legend>{t("marketing.form.when")}</legend>
          <div class="pair">
            {text("starts", "marketing.form.starts", { type: "datetime-local" })}
            {text("ends", "marketing.form.ends", { type: "datetime-local" })}
          </div>
        </fieldset>
        <fieldset class="stack">
          <legend>{t("marketing.form.sharing")}</legend>
          {(["gift", "copy"] as const).map((mode) => (
            <label key={mode} class="choice">
              <input type="radio" name="share_mode" checked={draft.share_mode === mode} onChange={() => set({ share_mode: mode })} />
              <span>
                <strong>{t(`marketing.form.${mode}`)}</strong>
                <br />
                {t(`marketing.form.${mode}_text`)}
              </span>
            </label>
          ))}
          <label class="choice">
            <input type="checkbox" checked={draft.issue_on_ticket} onChange={(event) => set({ issue_on_ticket: event.currentTarget.checked })} />
            <span>{t("marketing.form.on_ticket")}</span>
          </label>
        </fieldset>
      </div>
      <aside class="stack preview" aria-label={t("marketing.form.preview")}>
        <h3>{t("marketing.form.preview")}</h3>
        <Preview draft={draft} />
        <div class="row">
          <button type="button" class="quiet" onClick={onClose}>
            {t("act.cancel")}
          </button>
          <button type="submit" disabled={busy}>
            {t("marketing.form.save_draft")}
          </button>
          <button type="button" class="primary" disabled={busy} onClick={() => void save(true)}>
            {t("marketing.form.save_launch")}
          </button>
        </div>
      </aside>
    </form>
  );
}

function Preview({ draft }: { draft: Draft }) {
  const label = draft[`label_${locale.value}`].trim() || t("coupon.your_label");
  const minBasket = minorOf(draft.min_basket);
  const value = minorOf(draft.value);
  const budget = minorOf(draft.budget);
  const conditions = minBasket !== null && minBasket > 0 ? t("coupon.from_basket", { amount: amount(minBasket) }) : t("coupon.any_basket");
  const coupons = /^\d{1,6}$/.test(draft.coupons.trim()) ? Number(draft.coupons) : 0;
  return (
    <>
      <CouponCard label={label} conditions={conditions} endsAt={Number.isNaN(Date.parse(draft.ends)) ? undefined : draft.ends}>
        <p>{t(draft.share_mode === "gift" ? "claim.gift" : "claim.copy")}</p>
      </CouponCard>
      {budget !== null && draft.kind === "percent" && <p class="soft">{t("marketing.form.worst_percent", { budget: amount(budget) })}</p>}
      {budget !== null && draft.kind === "amount" && value !== null && value > 0 && (
        <p class="soft">
          {t("marketing.form.worst", { count: Math.min(coupons, Math.floor(budget / value)), value: amount(value) })}
        </p>
      )}
    </>
  );
}
