import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fill } from "../../server/web/lib/fill.ts";
import { money, signedMoney } from "../../server/web/lib/money.ts";

const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, " ");

test("facts take their places when a sentence has slots", () => {
  assert.equal(fill("Added: {name}, {count} pieces", { name: "Lait", count: 1200 }, "en", "EUR"), "Added: Lait, 1,200 pieces");
});

test("minor units become money of the language", () => {
  assert.equal(plain(fill("Total {total_minor}", { total_minor: 123456 }, "fr", "EUR")), "Total 1 234,56 €");
  assert.equal(fill("合计 {total_minor}", { total_minor: 500 }, "zh", "CNY"), "合计 ¥5.00");
  assert.equal(plain(money(500, "JPY", "fr")), "500 ¥");
});

test("the form follows the count and the language", () => {
  const text = "{n} {n:article|articles}";
  const said = (n: number, locale: string): string => fill(text, { n }, locale, "EUR");
  assert.deepEqual([said(0, "fr"), said(1, "fr"), said(2, "fr")], ["0 article", "1 article", "2 articles"]);
  assert.deepEqual([said(0, "en"), said(1, "en")], ["0 articles", "1 article"]);
});

test("an optional part is left out when its fact is missing or empty", () => {
  const text = "Unknown[ (code {code})]. Go on.";
  assert.equal(fill(text, { code: "123" }, "en", "EUR"), "Unknown (code 123). Go on.");
  assert.equal(fill(text, {}, "en", "EUR"), "Unknown. Go on.");
  assert.equal(fill(text, { code: "" }, "en", "EUR"), "Unknown. Go on.");
});

test("a change of price shows its sign", () => {
  assert.deepEqual([-80, 0, 200].map((minor) => plain(signedMoney(minor, "EUR", "fr"))), ["−0,80 €", "0,00 €", "+2,00 €"]);
});

test("the three languages have the same sentences with the same slots", () => {
  const read = (locale: string): Record<string, Record<string, string>> =>
    JSON.parse(readFileSync(`kiosk/ui/messages/${locale}.json`, "utf8"));
  const slots = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)/g)].map((slot) => slot[1] ?? ""))].sort();
  const english = read("en");
  for (const locale of ["fr", "zh"]) {
    const other = read(locale);
    assert.deepEqual(Object.keys(other).sort(), Object.keys(english).sort());
    for (const [section, sentences] of Object.entries(english)) {
      assert.deepEqual(Object.keys(other[section] ?? {}).sort(), Object.keys(sentences).sort(), section);
      for (const [key, text] of Object.entries(sentences)) {
        assert.deepEqual(slots(other[section]?.[key] ?? ""), slots(text), `${locale} ${section}.${key}`);
      }
    }
  }
});
