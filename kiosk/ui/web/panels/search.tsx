/** Find an item without a bar code by its name. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Letters } from "../letters.tsx";
import { Actions, Heading } from "../parts.tsx";
import type { Panel } from "../screen.ts";
import { act } from "../state.ts";
import { price, t } from "../words.ts";

const PAUSE_MS = 250; // after the last key, so that each letter is not a question to the shop
const LEAST_LETTERS = 2;

export function Search({ panel }: { panel: Extract<Panel, { name: "search" }> }) {
  const [query, setQuery] = useState(panel.query);
  const input = useRef<HTMLInputElement>(null);
  const asked = useRef(panel.query);
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    const wish = query.trim();
    if (wish === asked.current || [...wish].length < (/\p{Script=Han}/u.test(wish) ? 1 : LEAST_LETTERS)) return;
    const timer = setTimeout(() => {
      asked.current = wish;
      void act("search", { query: wish });
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [query]);
  return (
    <div class="panel search">
      <Heading title={t("search.title")} lead={t("search.lead")} />
      <div class="search-keys" onPointerDown={(event) => event.target !== input.current && event.preventDefault()}>
        <div class="field active">
          <label for="search-input">{t("search.label")}</label>
          <input
            id="search-input"
            ref={input}
            type="text"
            inputMode="none"
            autocomplete="off"
            spellcheck={false}
            value={query}
            onInput={(event) => setQuery(event.currentTarget.value)}
          />
        </div>
        <Letters value={query} onValue={setQuery} />
      </div>
      <section class="results" aria-live="polite">
        {panel.weighing !== null && (
          <p class="weighing" role="status" data-say>
            {t("search.weighing", { name: panel.weighing.name })}
          </p>
        )}
        {panel.query !== "" && (
          <p class="soft" data-say>
            {panel.results.length === 0
              ? t("search.nothing", { query: panel.query })
              : t("search.results", { count: panel.results.length })}
          </p>
        )}
        <ul class="plain hits" tabIndex={panel.results.length > 0 ? 0 : -1} aria-label={t("search.title")}>
          {panel.results.map((hit) => (
            <li key={hit.sku}>
              <button
                type="button"
                class="hit"
                aria-label={t("search.add", { name: hit.name, unit_price_minor: hit.unit_price_minor })}
                onClick={() => void act("pick", { sku: hit.sku })}
              >
                <span class="what">
                  <b>{hit.name}</b>
                  <span class="soft small">{[hit.brand, hit.pack, hit.unit_text].filter(Boolean).join(" · ")}</span>
                </span>
                <span class="money due">
                  {hit.is_weighed ? t("search.per_kg", { unit_price_minor: hit.unit_price_minor }) : price(hit.unit_price_minor)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </section>
      <Actions />
    </div>
  );
}
