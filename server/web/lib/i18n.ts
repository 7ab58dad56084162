/** Words of a page: one JSON per language, keys typed from `en`, so that a missing one fails the compiler. */

import { signal, type ReadonlySignal } from "@preact/signals";
import { fill, type Facts } from "./fill.ts";

export type Locale = "fr" | "en" | "zh";
export type Texts = Record<Locale, string>;
export type { Facts };

type Section = Record<string, string>;
export type Dictionary = Record<string, Section>;

/** "section.key" of every sentence in a dictionary. */
export type KeyOf<D extends Dictionary> = {
  [S in keyof D & string]: `${S}.${keyof D[S] & string}`;
}[keyof D & string];

export interface Words<D extends Dictionary> {
  locale: ReadonlySignal<Locale>;
  /** Change the language of the page, of `<html lang>` and, with a memory key, of the next visit. */
  choose(locale: Locale): void;
  /** Return the sentence with its facts filled in; see fill.ts for the notation. */
  t(key: KeyOf<D>, facts?: Facts): string;
  /** Return the sentence of a code that comes over the wire, or that of `otherwise` where none is written. */
  byCode(section: keyof D & string, code: string, facts: Facts | undefined, otherwise: KeyOf<D>): string;
  /** Return the sentence of a code, or undefined where none is written. */
  find(section: keyof D & string, code: string, facts?: Facts): string | undefined;
  /** Choose from a text that the server sends in every language. */
  pick(texts: Texts): string;
  /** Return words with more sections, in the same language at any time. */
  with<M extends Dictionary>(more: Record<Locale, M>): Words<D & M>;
}

export const LOCALES: readonly Locale[] = ["fr", "en", "zh"];
/** As dates are written and voices speak: the shop is in Europe, so day comes before month and clocks have 24 hours. */
export const TAGS: Readonly<Record<Locale, string>> = { fr: "fr-FR", en: "en-GB", zh: "zh-CN" };

/**
 * Bind dictionaries of equal shape to a language.
 *
 * `memory` names the localStorage entry that keeps the choice; without it nothing is kept (the kiosk is shared).
 */
export function createWords<D extends Dictionary>(
  dictionaries: Record<Locale, D>,
  options: { initial?: Locale; memory?: string; currency?: () => string } = {},
): Words<D> {
  const locale = signal<Locale>(options.initial ?? firstChoice(options.memory));
  const show = (): void => {
    document.documentElement.lang = locale.value;
  };
  show();
  const choose = (chosen: Locale): void => {
    locale.value = chosen;
    show();
    if (options.memory !== undefined) {
      try {
        localStorage.setItem(options.memory, chosen);
      } catch {
        // Storage may be refused (private window): the choice then lasts as long as the page.
      }
    }
  };
  return bind(dictionaries, locale, choose, options.currency ?? (() => "EUR"));
}

function bind<D extends Dictionary>(
  dictionaries: Record<Locale, D>,
  locale: ReadonlySignal<Locale>,
  choose: (locale: Locale) => void,
  currency: () => string,
): Words<D> {
  const say = (text: string, facts?: Facts): string =>
    fill(text, facts ?? {}, locale.value, currency());
  return {
    locale,
    choose,
    t(key, facts) {
      return say(lookUp(dictionaries[locale.value], key) ?? key, facts);
    },
    byCode(section, code, facts, otherwise) {
      const text = lookUp(dictionaries[locale.value], `${section}.${code}`) ?? lookUp(dictionaries[locale.value], otherwise);
      return say(text ?? code, facts);
    },
    find(section, code, facts) {
      const text = lookUp(dictionaries[locale.value], `${section}.${code}`);
      return text === undefined ? undefined : say(text, facts);
    },
    pick(texts) {
      return texts[locale.value] || texts.en || texts.fr;
    },
    with(more) {
      const both = LOCALES.map((one) => [one, { ...dictionaries[one], ...more[one] }]);
      return bind(Object.fromEntries(both), locale, choose, currency);
    },
  };
}

function lookUp(dictionary: Dictionary, key: string): string | undefined {
  const dot = key.indexOf(".");
  return dictionary[key.slice(0, dot)]?.[key.slice(dot + 1)];
}

function firstChoice(memory: string | undefined): Locale {
  let wished: string[] = [...navigator.languages];
  try {
    const kept = memory === undefined ? null : localStorage.getItem(memory);
    if (kept !== null) wished = [kept, ...wished];
  } catch {
    // As above: no storage, no memory.
  }
  for (const tag of wished) {
    const found = LOCALES.find((locale) => tag.toLowerCase().startsWith(locale));
    if (found !== undefined) return found;
  }
  return "en";
}
