/**
 * Fill facts into a sentence.
 *
 * `{name}` is replaced; a fact named `..._minor` becomes money. `{count:article|articles}` chooses by the plural rules
 * of the language (first form for "one", last for the rest). `[... {name} ...]` is left out where its fact is missing or empty.
 */

import { money } from "./money.ts";

export type Facts = Record<string, string | number>;

const SLOT = /\{(\w+)(?::([^}]*))?\}/g;
const OPTIONAL = /\[([^\]]*)\]/g;

export function fill(text: string, facts: Facts, locale: string, currency: string): string {
  const kept = text.replace(OPTIONAL, (_whole, part: string) =>
    [...part.matchAll(SLOT)].every((slot) => (facts[slot[1] ?? ""] ?? "") !== "") ? part : "",
  );
  return kept.replace(SLOT, (_whole, name: string, forms?: string) => {
    const fact = facts[name];
    if (fact === undefined) return "";
    if (forms !== undefined) {
      const choices = forms.split("|");
      const one = new Intl.PluralRules(locale).select(Number(fact)) === "one";
      return (one ? choices[0] : choices.at(-1)) ?? "";
    }
    if (name.endsWith("_minor")) return money(Number(fact), currency, locale);
    return typeof fact === "number" ? new Intl.NumberFormat(locale).format(fact) : fact;
  });
}
