/** What only colleagues and sponsors read, beside the words of all pages: shoppers on a slow network do not load it. */

import type { Facts } from "../lib/i18n.ts";
import en from "../messages/crew/en.json";
import fr from "../messages/crew/fr.json";
import zh from "../messages/crew/zh.json";
import { words } from "./words.ts";

const crewWords = words.with({ fr, en, zh });
export const { t, byCode, find } = crewWords;
export type Key = Parameters<typeof t>[0];
export type Said = { key: Key; facts?: Facts };
