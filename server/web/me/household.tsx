/** Who lives together, as a number: offers may count by household, and nobody is told who is in one. */

import { useState } from "preact/hooks";
import { Field } from "../lib/field.tsx";
import { useLoaded } from "../parts/loaded.ts";
import { Trouble } from "../parts/trouble.tsx";
import { t } from "../parts/words.ts";
import { shopper } from "./account.ts";

interface Home {
  people: number;
  code?: string;
}

export function Household() {
  const { value, error, again } = useLoaded(() => shopper.api.ask<Home>("/v1/households/mine"));
  const [code, setCode] = useState<string | null>(null);
  const [typed, setTyped] = useState("");
  const [bad, setBad] = useState(false);
  const [refusal, setRefusal] = useState<unknown>(null);
  const act = async (verb: "invite" | "join" | "leave", body?: object): Promise<void> => {
    setRefusal(null);
    setCode(null);
    try {
      const home = await shopper.api.ask<Home>(`/v1/households/mine:${verb}`, { method: "POST", body });
      setCode(home.code ?? null);
      setTyped("");
      again();
    } catch (problem) {
      setRefusal(problem);
    }
  };
  const join = (event: Event): void => {
    event.preventDefault();
    const digits = typed.replaceAll(" ", "");
    setBad(!/^\d{8}$/.test(digits));
    if (/^\d{8}$/.test(digits)) void act("join", { code: digits });
  };
  return (
    <section class="card stack" aria-labelledby="household">
      <h2 id="household">{t("me.household")}</h2>
      {error !== null && <Trouble error={error} onRetry={again} />}
      {refusal !== null && <Trouble error={refusal} />}
      {value !== null && <p>{value.people > 1 ? t("me.household_of", { count: value.people }) : t("me.household_alone")}</p>}
      {code !== null && (
        <p role="status" class="notice">
          {t("me.household_code")} <strong class="code-text">{`${code.slice(0, 4)} ${code.slice(4)}`}</strong>
        </p>
      )}
      <div class="row">
        <button type="button" onClick={() => void act("invite")}>
          {t("me.household_invite")}
        </button>
        {value !== null && value.people > 1 && (
          <button type="button" class="danger" onClick={() => void act("leave")}>
            {t("me.household_leave")}
          </button>
        )}
      </div>
      {value !== null && value.people <= 1 && (
        <form class="stack tight" noValidate onSubmit={join}>
          <Field
            label={t("me.household_join")}
            name="household_code"
            inputMode="numeric"
            autoComplete="off"
            value={typed}
            onValue={setTyped}
            error={bad ? t("me.household_bad") : undefined}
          />
          <button type="submit">{t("me.household_join_act")}</button>
        </form>
      )}
    </section>
  );
}
