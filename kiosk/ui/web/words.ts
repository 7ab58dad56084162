/** The kiosk's words. The kiosk process owns the language: it arrives with each screen and is never kept here. */

import { createWords, TAGS, type Facts } from "../../../server/web/lib/i18n.ts";
import { money, signedMoney } from "../../../server/web/lib/money.ts";
import en from "../messages/en.json";
import fr from "../messages/fr.json";
import zh from "../messages/zh.json";
import { screen } from "./state.ts";

const currency = (): string => screen.value?.kiosk.currency ?? "EUR";

export const words = createWords<typeof en>({ fr, en, zh }, { initial: "fr", currency });
export const { t, byCode, find, pick } = words;
export type { Facts };

export const price = (minor: number): string => money(minor, currency(), words.locale.value);
export const change = (minor: number): string => signedMoney(minor, currency(), words.locale.value);

/** Return an instant as people write it here, for example "22 nov. 2026, 14:05". */
export function dateAndTime(instant: string): string {
  return new Intl.DateTimeFormat(TAGS[words.locale.value], { dateStyle: "medium", timeStyle: "short" }).format(new Date(instant));
}

/** Return the time of day where it is today's, else day and time: how old a price is at a glance. */
export function timeOrDate(instant: string): string {
  const then = new Date(instant);
  if (then.toDateString() !== new Date().toDateString()) return dateAndTime(instant);
  return new Intl.DateTimeFormat(TAGS[words.locale.value], { timeStyle: "short" }).format(then);
}

/** Return the last day before an end, by the clock of the store: what ends at midnight is good for all of the day before. */
export function lastDay(end: string, timeZone: string): string {
  const last = new Date(Date.parse(end) - 1);
  return new Intl.DateTimeFormat(TAGS[words.locale.value], { dateStyle: "long", timeZone }).format(last).replaceAll(" ", "\u00a0"); // a date is read whole
}

export function timeOnly(instant: string): string {
  return new Intl.DateTimeFormat(TAGS[words.locale.value], { timeStyle: "short" }).format(new Date(instant));
}
