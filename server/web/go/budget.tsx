/** What the shopper means to spend: how much is left of it, a word before it is passed, and nothing that holds them back. */

import { useState } from "preact/hooks";
import { Field } from "../lib/field.tsx";
import { minorOf } from "../lib/money.ts";
import { spent, say } from "./basket.tsx";
import { NEAR_SHARE, spending } from "./heard.ts";
import { change, trip } from "./trip.ts";
import { t } from "./words.ts";

/** How much is left; what is little or too much is read out by screen readers as well. */
export function Left() {
  const { budget_minor } = trip.value;
  if (budget_minor === null) return null;
  const { state, minor } = spending(budget_minor, spent().minor);
  const facts = { minor: say(minor), budget: say(budget_minor) };
  return (
    <span class="left whole" data-state={state}>
      <meter min={0} max={budget_minor} high={budget_minor * (1 - NEAR_SHARE)} optimum={0} value={Math.min(budget_minor, spent().minor)} aria-label={t("go.budget_meter")} />
      <span class="small" role="status">
        {state === "within" ? <span aria-live="off">{t("go.budget_within", facts)}</span> : <strong>{t(state === "near" ? "go.budget_near" : "go.budget_over", facts)}</strong>}
      </span>
    </span>
  );
}

export function SetBudget() {
  const { budget_minor } = trip.value;
  const [text, setText] = useState<string | null>(null);
  const [wrong, setWrong] = useState(false);
  const set = (minor: number | null): void => {
    change((now) => ({ ...now, budget_minor: minor }));
    setText(null);
    setWrong(false);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const minor = minorOf(text ?? "");
    if (minor === null || minor === 0) setWrong(true);
    else set(minor);
  };
  if (text === null) {
    return (
      <button type="button" aria-expanded="false" onClick={() => setText(budget_minor === null ? "" : (budget_minor / 100).toFixed(2))}>
        {budget_minor === null ? t("go.budget_set") : t("go.budget_change", { budget: say(budget_minor) })}
      </button>
    );
  }
  return (
    <form class="type-in stack tight" noValidate onSubmit={submit}>
      <Field label={t("go.budget")} hint={t("go.budget_hint")} name="budget" inputMode="decimal" autocomplete="off" maxLength={10} value={text} onValue={setText} error={wrong ? t("go.budget_wrong") : undefined} />
      <div class="row">
        <button type="submit" class="primary">
          {t("go.budget_act")}
        </button>
        {budget_minor === null ? (
          <button type="button" onClick={() => setText(null)}>
            {t("act.close")}
          </button>
        ) : (
          <button type="button" onClick={() => set(null)}>
            {t("go.budget_none")}
          </button>
        )}
      </div>
    </form>
  );
}
