/** The page for the counter, A5: whose shop it is, by name and picture, and the code. It speaks every language at once. */

import "../parts/poster.css";
import { useEffect, useRef } from "preact/hooks";
import { LOCALES } from "../lib/i18n.ts";
import { Qr } from "../lib/qr.tsx";
import { t } from "../parts/crew_words.ts";
import { whole, type Code } from "./codes.tsx";
import en from "../messages/crew/en.json";
import fr from "../messages/crew/fr.json";
import zh from "../messages/crew/zh.json";

const WORDS = { fr, en, zh };

export function Poster({ store, payee, code, picture, onClose }: { store: string; payee: string; code: Code; picture: string | null; onClose: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div class="stack">
      <div class="row no-print">
        <button type="button" onClick={onClose}>
          {t("merchant.poster_back")}
        </button>
        <button type="button" class="primary" onClick={() => window.print()}>
          {t("merchant.poster_act")}
        </button>
      </div>
      <article class="poster" aria-label={t("merchant.poster", { name: code.name })}>
        {picture === null ? (
          <p class="monogram" aria-hidden="true">
            {[...store][0]}
          </p>
        ) : (
          <img class="shop-picture" src={picture} alt={t("merchant.picture_alt")} width="960" height="600" />
        )}
        <h1 ref={heading} tabIndex={-1}>
          {store}
        </h1>
        <p class="lead">{code.name}</p>
        <Qr text={whole(code.path)} label={t("merchant.poster_alt", { name: code.name })} />
        {LOCALES.map((one) => (
          <p key={one} lang={one}>
            {WORDS[one].merchant.poster_text}
          </p>
        ))}
        <p class="small">{payee}</p>
      </article>
    </div>
  );
}
