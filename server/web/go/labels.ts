/** The labels of the shop's own scales and counters, by the layouts that the store has set (checkout/codes.py). */

export interface Label {
  /** The code with its value zeroed: under it stands the product. */
  lookup: string;
  grams: number | null;
  price_minor: number | null;
  pieces: number | null;
}

const LENGTH = 13;

/**
 * Take a code apart; null for what is no label of the shop.
 *
 * Whether a check digit within guards the price is the store's to ask: what is read here is provisional in any case.
 */
export function labelOf(code: string, layouts: readonly string[]): Label | null {
  if (!/^\d{13}$/.test(code)) return null;
  const layout = layouts.find((one) => one.length === LENGTH && code.startsWith(/^\d+/.exec(one)?.[0] ?? "?"));
  const measure = layout?.at(-2);
  if (layout === undefined || measure === undefined) return null;
  const payload = code.slice(0, layout.lastIndexOf("I") + 1).padEnd(LENGTH - 1, "0");
  const value = Number(code.slice(layout.indexOf(measure), -1)) || null;
  return {
    lookup: payload + checkDigit(payload),
    grams: measure === "W" ? value : null,
    price_minor: measure === "P" ? value : null,
    pieces: measure === "N" ? value : null,
  };
}

/** Return what a label costs at a price for each kilogram or piece, in minor units. */
export function labelPrice(label: Label, unitMinor: number): number {
  if (label.price_minor !== null) return label.price_minor;
  return label.grams === null ? unitMinor * (label.pieces ?? 1) : Math.round((unitMinor * label.grams) / 1000);
}

function checkDigit(payload: string): string {
  const sum = [...payload].reduce((all, digit, place) => all + Number(digit) * (place % 2 === 0 ? 1 : 3), 0);
  return String((10 - (sum % 10)) % 10);
}
