/** The words of the store's pages, and how money, dates and spans of time are written in their language. */

import { computed } from "@preact/signals";
import { createWords, TAGS, type KeyOf } from "../lib/i18n.ts";
import { money } from "../lib/money.ts";
import { isMidnight, lastOf, onStoresClock } from "../lib/zone.ts";
import en from "../messages/en.json";
import fr from "../messages/fr.json";
import zh from "../messages/zh.json";

export const words = createWords<typeof en>({ fr, en, zh }, { memory: "sesame.locale" });
export const { t, byCode, find, pick, locale } = words;
export type Key = KeyOf<typeof en>;

/** Return an amount in the words of the page. */
export function amount(minor: number, currency = "EUR"): string {
  return money(minor, currency, locale.value);
}

const formats = computed(() => ({
  day: new Intl.DateTimeFormat(TAGS[locale.value], { ...onStoresClock, dateStyle: "long" }),
  minute: new Intl.DateTimeFormat(TAGS[locale.value], { ...onStoresClock, dateStyle: "medium", timeStyle: "short" }),
  clock: new Intl.DateTimeFormat(TAGS[locale.value], { ...onStoresClock, timeStyle: "medium" }),
}));

/** "24 December 2026". */
export const day = (instant: string): string => formats.value.day.format(new Date(instant));
/** Return a day of the calendar, such as 2026-12-24, in words; it is no moment, so no clock may shift it. */
export const calendarDay = (written: string): string =>
  new Intl.DateTimeFormat(TAGS[locale.value], { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${written}T00:00:00Z`));
/** "24 Dec 2026, 18:05". */
export const minute = (instant: string): string => formats.value.minute.format(new Date(instant));
/** What ends at midnight is good for all of the day before, and says so; else the minute is told. */
export const until = (end: string): string => {
  const at = new Date(end);
  return isMidnight(at) ? formats.value.day.format(lastOf(at)) : minute(end);
};
/** Both ends of a span in one style: days where both are midnight, else minutes. */
export const ends = (start: string, end: string): { from: string; to: string } =>
  isMidnight(new Date(start)) && isMidnight(new Date(end)) ? { from: day(start), to: until(end) } : { from: minute(start), to: minute(end) };
/** "18:05:09". */
export const clock = (instant: string): string => formats.value.clock.format(new Date(instant));

const UNITS = [
  { unit: "hour", seconds: 3600 },
  { unit: "minute", seconds: 60 },
] as const;

/** Return a span in its largest whole unit: "40 s", "3 min", "2 h". Never negative: clocks differ a little. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const { unit, seconds: size } = UNITS.find((one) => seconds >= one.seconds) ?? { unit: "second" as const, seconds: 1 };
  const format = new Intl.NumberFormat(locale.value, { style: "unit", unit, unitDisplay: "short" });
  return format.format(Math.floor(seconds / size));
}

/** Return shelves of the shop as people read them within a sentence; one without a word of its own stands as it is. */
export function shelves(categories: readonly string[]): string {
  const named = categories.map((name) => find("categories", name)?.toLocaleLowerCase(locale.value) ?? name);
  return new Intl.ListFormat(TAGS[locale.value]).format(named);
}

const COLONS = { fr: "\u00a0: ", en: ": ", zh: "：" };
/** Return a label with the colon of its language, ready for its value. */
export const labelled = (label: string): string => label + COLONS[locale.value];

/** Return minutes and seconds as a clock counts them down: "1:59". */
export function countdown(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
