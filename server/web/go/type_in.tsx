/** The way without a camera: the digits under the bars, or a name. */

import { useState } from "preact/hooks";
import { ProblemError } from "../lib/api.ts";
import { Field } from "../lib/field.tsx";
import { shopper } from "../me/account.ts";
import { amount } from "../parts/words.ts";
import { lay } from "./prices.ts";
import { searchShelf } from "./shelf.ts";
import { store } from "./store.ts";
import type { Shelved } from "./trip.ts";
import { sentence, t } from "./words.ts";

type Found = Pick<Shelved, "sku" | "name" | "pack" | "unit_price_minor" | "min_age" | "is_weighed">;

const MOST_FOUND = 10;

export function TypeIn() {
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found[] | null>(null);
  const [said, setSaid] = useState("");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const wanted = text.trim();
    setSaid("");
    setFound(null);
    if (wanted === "") return setSaid(t("problem.required"));
    if (/^\d+$/.test(wanted)) {
      setText("");
      return lay({ code: wanted });
    }
    try {
      setFound(await search(wanted));
    } catch (error) {
      setSaid(sentence(error));
    }
  };
  const choose = (one: Found): void => {
    if (one.is_weighed) return setSaid(t("go.weigh_first", { name: one.name }));
    lay({ seen: { ...one, stopped: null } });
    setFound(null);
    setText("");
  };
  return (
    <form class="type-in stack tight" noValidate onSubmit={(event) => void submit(event)}>
      <Field label={t("go.type")} hint={t("go.type_hint")} name="what" autoComplete="off" enterkeyhint="search" value={text} onValue={setText} />
      <button type="submit">{t("go.type_act")}</button>
      <div role="status" class="stack tight">
        {said !== "" && <p class="notice warn">{said}</p>}
        {found?.length === 0 && <p class="notice">{t("go.found_none")}</p>}
        {found !== null && found.length > 0 && (
          <ul class="plain found" aria-label={t("go.found")}>
            {found.map((one) => (
              <li key={one.sku}>
                <button type="button" onClick={() => choose(one)}>
                  <span>
                    {one.name} {one.pack && <span class="soft small">{one.pack}</span>}
                  </span>
                  <span class="money">
                    {amount(one.unit_price_minor, store.value?.currency)}
                    {one.is_weighed && "/kg"}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </form>
  );
}

async function search(wanted: string): Promise<Found[]> {
  try {
    const address = `/v1/products?limit=${MOST_FOUND}&query=${encodeURIComponent(wanted)}`;
    return (await shopper.api.ask<{ items: Found[] }>(address, { tries: 1 })).items;
  } catch (error) {
    if (error instanceof ProblemError && error.problem.status === 0) return searchShelf(wanted);
    throw error;
  }
}
