/** What only this page says, beside the words of all pages. */

import { sentence as known } from "../parts/trouble.tsx";
import { ProblemError } from "../lib/api.ts";
import en from "../messages/go/en.json";
import fr from "../messages/go/fr.json";
import zh from "../messages/go/zh.json";
import { words } from "../parts/words.ts";

const goWords = words.with({ fr, en, zh });
export const { t, find } = goWords;
export type Key = Parameters<typeof t>[0];

/** Return what a refusal means to somebody in the aisle, with the way out. */
export function sentence(error: unknown): string {
  if (error instanceof ProblemError) {
    const facts = Object.entries(error.problem).filter((pair): pair is [string, string | number] => ["string", "number"].includes(typeof pair[1]));
    const own = find("go_refused", error.code, Object.fromEntries(facts));
    if (own !== undefined) return own;
  }
  return known(error);
}
