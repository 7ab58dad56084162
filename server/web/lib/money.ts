/** Amounts are whole minor units everywhere; they become text here and nowhere else. */

const formats = new Map<string, Intl.NumberFormat>();

/** Return `minor` as people of `locale` write it, for example 1234 EUR in fr: "12,34 €". */
export function money(minor: number, currency: string, locale: string): string {
  const key = `${locale} ${currency}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
    formats.set(key, format);
  }
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(minor / 10 ** digits);
}

/** Return a change of price with its sign: "−0,80 €", "+2,00 €". Zero has none. */
export function signedMoney(minor: number, currency: string, locale: string): string {
  const sign = minor < 0 ? "−" : minor > 0 ? "+" : "";
  return sign + money(Math.abs(minor), currency, locale);
}

/** Return minor units for "2.50", "2,50" or "2"; null for anything else. */
export function minorOf(text: string): number | null {
  const found = /^(\d{1,7})(?:[.,](\d{1,2}))?$/.exec(text.trim());
  return found === null ? null : Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0"));
}
