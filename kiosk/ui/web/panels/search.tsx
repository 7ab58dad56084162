/** Find an item without a bar code by its picture or its name. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Picture } from "../drawings.tsx";
import { Letters } from "../letters.tsx";
import { Actions, Heading } from "../parts.tsx";
import type { Panel, SearchHit } from "../screen.ts";
import { act, can } from "../state.ts";
import { find, price, t } from "../words.ts";

const PAUSE_MS = 250; // after the last key, so that each letter is not a question to the shop
const LEAST_LETTERS = 2;

export function Search({ panel }: { panel: Extract<Panel, { name: "search" }> }) {
  const [query, setQuery] = useState(panel.query);
  const input = useRef<HTMLInputElement>(null);
  const asked = useRef(panel.query);
  // Pictures have the whole panel until somebody wants to type; a real keyboard types at any time.
  const [keys, setKeys] = useState(false);
  const typing = keys || query !== "" || panel.categories.length === 0;
  useLayoutEffect(() => input.current?.focus(), []);
  const open = (category: string): void => {
    setQuery("");
    setKeys(false);
    asked.current = "";
    void act("open_category", { category });
  };
  useEffect(() => {
    const wish = query.trim();
    if (wish === "" && asked.current !== "") open(""); // all erased: back to the pictures
    if (wish === asked.current || [...wish].length < (/\p{Script=Han}/u.test(wish) ? 1 : LEAST_LETTERS)) return;
    const timer = setTimeout(() => {
      asked.current = wish;
      void act("search", { query: wish });
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [query]);
  return (
    <div class={typing ? "panel search typing" : "panel search"}>
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
            onClick={() => setKeys(true)}
            onInput={(event) => setQuery(event.currentTarget.value)}
          />
        </div>
        {typing ? (
          <Letters value={query} onValue={setQuery} />
        ) : (
          <button type="button" onClick={() => setKeys(true)}>
            <span aria-hidden="true">⌨</span> {t("search.keys")}
          </button>
        )}
      </div>
      <section class="results" aria-live="polite">
        {panel.weighing !== null && (
          <p class="weighing" role="status" data-say>
            {t("search.weighing", { name: panel.weighing.name })}
          </p>
        )}
        {panel.query !== "" ? (
          <Found panel={panel} />
        ) : panel.category !== "" ? (
          <OfCategory panel={panel} onAll={() => open("")} />
        ) : (
          <Categories names={panel.categories} onOpen={open} />
        )}
      </section>
      <Actions />
    </div>
  );
}

type SearchPanel = Extract<Panel, { name: "search" }>;

const amount = (hit: SearchHit): string =>
  hit.is_weighed ? t("search.per_kg", { unit_price_minor: hit.unit_price_minor }) : price(hit.unit_price_minor);

function Found({ panel }: { panel: SearchPanel }) {
  return (
    <>
      <p class="soft" data-say>
        {panel.results.length === 0
          ? t("search.nothing", { query: panel.query })
          : t("search.results", { count: panel.results.length })}
      </p>
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
                <span class="soft small">{[hit.brand, hit.pack, hit.unit_text].filter(Boolean).join("\u00a0· ")}</span>
              </span>
              <span class="money due">{amount(hit)}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Categories({ names, onOpen }: { names: string[]; onOpen: (category: string) => void }) {
  if (names.length === 0) return null;
  return (
    <>
      <h2 data-say>{t("search.pictures")}</h2>
      <ul class="plain tiles large">
        {names.map((name) => (
          <li key={name}>
            <button type="button" class="tile" disabled={!can("open_category")} onClick={() => onOpen(name)}>
              <Picture category={name} />
              <b data-say>{find("categories", name) ?? name}</b>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The products of one category, by picture; a finger, Tab and Enter, or a reader's voice choose one. */
function OfCategory({ panel, onAll }: { panel: SearchPanel; onAll: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), [panel.category]);
  return (
    <>
      <div class="tiles-head">
        <h2 ref={heading} tabIndex={-1} data-say>
          {find("categories", panel.category) ?? panel.category}
        </h2>
        <button type="button" onClick={onAll}>
          <span aria-hidden="true">▦</span> {t("search.all")}
        </button>
      </div>
      <ul class="plain tiles">
        {panel.results.map((hit) => (
          <li key={hit.sku}>
            <button
              type="button"
              class="tile"
              aria-label={t("search.add", { name: hit.name, unit_price_minor: hit.unit_price_minor })}
              onClick={() => void act("pick", { sku: hit.sku })}
            >
              <Picture code={hit.code} category={hit.category} />
              <b>{hit.name}</b>
              <span class="money soft small">{amount(hit)}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
