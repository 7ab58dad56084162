/** The three languages, each in its own words, always visible. */

import { LOCALES, type Locale } from "./i18n.ts";

const NAMES: Record<Locale, string> = { fr: "Français", en: "English", zh: "中文" };

export function LanguageSwitch({ locale, onChoose, label }: { locale: Locale; onChoose: (locale: Locale) => void; label: string }) {
  return (
    <div class="languages" role="group" aria-label={label}>
      {LOCALES.map((one) => (
        <button key={one} type="button" lang={one} aria-pressed={one === locale} onClick={() => onChoose(one)}>
          {NAMES[one]}
        </button>
      ))}
    </div>
  );
}
