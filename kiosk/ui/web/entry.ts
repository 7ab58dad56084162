/** What a row of fields accepts, whichever way a character comes: screen keys, a keyboard or a scanner. Pure. */

export type EntryKind = "letters" | "phone" | "pin" | "code8" | "digits";

export interface EntrySpec {
  id: string;
  kind: EntryKind;
  /** Characters at most. */
  length: number;
  /** Characters at least, for the form to go on. */
  least: number;
}

export type Entries = Record<string, string>;

const NOT_ALLOWED: Record<EntryKind, RegExp> = {
  letters: /[\p{Cc}]/gu,
  phone: /[^\d+]/g,
  pin: /\D/g,
  code8: /\D/g,
  digits: /\D/g,
};

/** Return the value as the field keeps it: only what belongs there, no longer than it may be. */
export function accepted(spec: EntrySpec, typed: string): string {
  let value = typed.replace(NOT_ALLOWED[spec.kind], "");
  if (spec.kind === "phone") value = value.replace(/(?!^)\+/g, "");
  return value.slice(0, spec.length);
}

/** Return the field as it is shown: phone digits in pairs the French way, eight-digit codes as 4 + 4. */
export function shown(spec: EntrySpec, value: string): string {
  if (spec.kind === "code8") return value.replace(/^(\d{4})(\d)/, "$1 $2");
  if (spec.kind !== "phone") return value;
  return value.startsWith("0") ? value.replace(/(\d{2})(?=\d)/g, "$1 ") : value;
}

export function isComplete(spec: EntrySpec, value: string): boolean {
  return value.trim().length >= spec.least;
}

export function allComplete(specs: readonly EntrySpec[], entries: Entries): boolean {
  return specs.every((spec) => isComplete(spec, entries[spec.id] ?? ""));
}

/** Return the field to go to after this one: the next that is not complete, else none. */
export function nextOpen(specs: readonly EntrySpec[], entries: Entries, from: string): string | null {
  const start = specs.findIndex((spec) => spec.id === from);
  const order = [...specs.slice(start + 1), ...specs.slice(0, start)];
  return order.find((spec) => !isComplete(spec, entries[spec.id] ?? ""))?.id ?? null;
}

/** Read the eight digits out of a payment code that a scanner typed into the field, if it is one. */
export function walletCodeIn(typed: string): string | null {
  return /SESAME:W:(\d{8})/i.exec(typed)?.[1] ?? null;
}
