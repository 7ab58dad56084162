/** A new campaign: every field says what is wrong beside it, and the coupon shows as people will see it. */

import { useEffect, useRef, useState } from "preact/hooks";
import { newId, ProblemError } from "../lib/api.ts";
import { Field, type FieldProps } from "../lib/field.tsx";
import type { Texts } from "../lib/i18n.ts";
import { minorOf } from "../lib/money.ts";
import { useAttempt } from "../parts/attempt.ts";
import { CouponCard } from "../parts/coupon_card.tsx";
import { crew } from "../parts/crew.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { t, type Key } from "../parts/crew_words.ts";
import { amount, calendarDay, locale, pick } from "../parts/words.ts";
import type { Campaign } from "./campaign.ts";
import { blank, check, filled, SERVER_NAMES, type Bad, type Draft } from "./draft.ts";
import { More, type TextName } from "./more.tsx";

const PREVIEW_MS = 400; // while somebody types, the words of the server wait for a pause

export interface FormProps {
  /** A draft that is written anew; null for a new campaign. */
  before: Campaign | null;
  onSaved: (campaign: Campaign) => void;
  onClose: () => void;
}

export function CampaignForm({ before, onSaved, onClose }: FormProps) {
  const [draft, setDraft] = useState<Draft>(() => (before === null ? blank(new Date()) : filled(before)));
  const [bad, setBad] = useState<Bad>({});
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // One form is one campaign: pressing again after a lost answer sends the same id, and the same body or a refusal.
  const attempt = useAttempt();
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
      requestAnimationFrame(() => {
        const wrong = form.current?.querySelector<HTMLElement>("[aria-invalid=true]");
        wrong?.closest("details")?.setAttribute("open", "");
        wrong?.focus();
      });
      return;
    }
    setBad({});
    const id = attempt.idOf({ ...checked.campaign, launch });
    setBusy(true);
    try {
      if (before === null) {
        onSaved(await crew.api.ask<Campaign>("/v1/campaigns", { key: id, body: { campaign_id: id, ...checked.campaign, launch } }));
      } else {
        const path = `/v1/campaigns/${before.campaign_id}`;
        const kept = await crew.api.ask<Campaign>(path, {
          method: "PUT",
          body: { campaign_id: before.campaign_id, ...checked.campaign, launch: false },
        });
        onSaved(launch ? await crew.api.ask<Campaign>(`${path}:launch`, { method: "POST" }) : kept);
      }
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const text = (name: TextName, label: Key, more: Partial<FieldProps> = {}) => {
    const said = bad[name];
    const fromServer = error instanceof ProblemError ? error.about(SERVER_NAMES[name] ?? name) : undefined;
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
        <h2 tabIndex={-1}>{before === null ? t("marketing.new") : t("marketing.form.edit", { name: before.name })}</h2>
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
            {text("starts", "marketing.form.starts", { type: "date" })}
            {text("ends", "marketing.form.ends", { type: "date" })}
          </div>
        </fieldset>
        <fieldset class="stack">
          <legend>{t("marketing.form.sharing")}</legend>
          {(["gift", "copy", "pool"] as const).map((mode) => (
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
          {draft.issue_on_ticket && text("ticket_from", "marketing.form.ticket_from", { inputMode: "decimal", hint: t("marketing.form.ticket_from_hint") })}
          {draft.share_mode !== "gift" && text("width", "marketing.form.width", { inputMode: "numeric", hint: t("marketing.form.no_bound") })}
        </fieldset>
        <More draft={draft} bad={bad} set={set} text={text} />
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

/** What the server says of the campaign in words, a moment after the last key; null until the form is whole. */
function useSays(draft: Draft): Texts | null {
  const [says, setSays] = useState<Texts | null>(null);
  useEffect(() => {
    const checked = check(draft, new Date());
    if (!checked.ok) {
      setSays(null);
      return;
    }
    let over = false;
    const timer = setTimeout(() => {
      const body = { campaign_id: newId(), ...checked.campaign, launch: false };
      crew.api.ask<{ says: Texts | null }>("/v1/campaigns:preview", { body }).then(
        (told) => over || setSays(told.says),
        () => over || setSays(null), // a preview that does not come is no reason to stop somebody who writes
      );
    }, PREVIEW_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [draft]);
  return says;
}

function Preview({ draft }: { draft: Draft }) {
  const label = draft[`label_${locale.value}`].trim() || t("coupon.your_label");
  const minBasket = minorOf(draft.min_basket);
  const value = minorOf(draft.value);
  const budget = minorOf(draft.budget);
  const says = useSays(draft);
  const first = minBasket !== null && minBasket > 0 ? t("coupon.from_basket", { amount: amount(minBasket) }) : t("coupon.any_basket");
  const conditions = says === null ? first : pick(says);
  const coupons = /^\d{1,6}$/.test(draft.coupons.trim()) ? Number(draft.coupons) : 0;
  return (
    <>
      <CouponCard label={label} conditions={conditions} ends={Number.isNaN(Date.parse(draft.ends)) ? undefined : calendarDay(draft.ends)}>
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
