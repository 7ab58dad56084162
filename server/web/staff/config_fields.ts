/** Every field of the store's configuration: its unit, how it is typed, and how it is read back. */

export type Kind = "money" | "money_or_none" | "percent" | "count" | "days" | "purses" | "layouts";
export type Part = "rules" | "limits";
export type Held = Record<Part, Record<string, unknown>>;
/** What holds, and beside it what holds in a store that set nothing. */
export type Told = Held & { defaults: Held };

export const GROUPS = ["payments", "refunds", "checks", "offers", "codes"] as const;
export type Group = (typeof GROUPS)[number];

export interface ConfigField {
  group: Group;
  part: Part;
  /** As the server names it; `offline.` fields lie one step deeper. */
  name: string;
  kind: Kind;
}

const row = (group: Group, part: Part, kind: Kind, ...names: string[]): ConfigField[] => names.map((name) => ({ group, part, name, kind }));

export const FIELDS: ConfigField[] = [
  ...row("payments", "limits", "money", "single_minor", "single_unchecked_minor", "sum_minor"),
  ...row("payments", "limits", "count", "payments"),
  ...row("payments", "limits", "money", "phone_pin_single_minor", "phone_pin_day_minor"),
  ...row("payments", "rules", "money", "offline.person_day_minor", "offline.kiosk_day_minor"),
  ...row("payments", "rules", "purses", "tender_order"),
  ...row("refunds", "limits", "money_or_none", "refund_alone_minor"),
  ...row("refunds", "limits", "money", "merchant_cashier_day_minor", "merchant_owner_day_minor"),
  ...row("refunds", "limits", "money", "own_refund_most_minor", "own_refund_day_minor"),
  ...row("refunds", "limits", "days", "own_refund_days"),
  ...row("refunds", "limits", "count", "own_refund_in_month"),
  ...row("checks", "limits", "percent", "check_base_bp", "check_trusted_bp", "check_watched_bp"),
  ...row("checks", "limits", "count", "check_trusted_after", "check_lines"),
  ...row("offers", "limits", "money", "campaign_alone_minor"),
  ...row("offers", "rules", "percent", "max_off_bp"),
  ...row("codes", "rules", "layouts", "layouts", "add_ons"),
];

export const pathOf = (field: ConfigField): string => `${field.part}.${field.name}`;
/** The key of its words: dots are for sections there. */
export const wordOf = (field: ConfigField): string => field.name.replace(".", "_");

export function valueOf(held: Held, field: ConfigField): unknown {
  return field.name.split(".").reduce<unknown>((inside, name) => (inside as Record<string, unknown>)[name], held[field.part]);
}

/** Return a value as it is typed: money with its decimals, shares in per cent, lists with commas. */
export function typed(field: ConfigField, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (field.kind === "money" || field.kind === "money_or_none") return (Number(value) / 100).toFixed(2);
  if (field.kind === "percent") return String(Number(value) / 100);
  return Array.isArray(value) ? value.join(", ") : String(value);
}

const DECIMAL = /^\d{1,8}(?:[.,]\d{1,2})?$/;
const WHOLE = /^\d{1,6}$/;

/** Read what was typed, or return undefined where it is nothing of its kind. */
export function read(field: ConfigField, text: string): unknown {
  const bare = text.trim();
  switch (field.kind) {
    case "money_or_none":
    case "money":
      if (bare === "" && field.kind === "money_or_none") return null;
      return hundredths(bare);
    case "percent":
      return hundredths(bare);
    case "count":
    case "days":
      return WHOLE.test(bare) ? Number(bare) : undefined;
    default:
      return bare === "" ? [] : bare.split(",").map((one) => one.trim());
  }
}

function hundredths(text: string): number | undefined {
  return DECIMAL.test(text) ? Math.round(Number(text.replace(",", ".")) * 100) : undefined;
}

export type Entries = Record<string, string>;

export const entriesOf = (held: Held): Entries =>
  Object.fromEntries(FIELDS.map((field) => [pathOf(field), typed(field, valueOf(held, field))]));

export interface Change {
  field: ConfigField;
  before: unknown;
  after: unknown;
}

/** Return what the entries change, and the paths of those that cannot be read. */
export function changesOf(held: Held, entries: Entries): { changes: Change[]; unread: string[] } {
  const changes: Change[] = [];
  const unread: string[] = [];
  for (const field of FIELDS) {
    const before = valueOf(held, field);
    const after = read(field, entries[pathOf(field)] ?? "");
    if (after === undefined) unread.push(pathOf(field));
    else if (JSON.stringify(after) !== JSON.stringify(before)) changes.push({ field, before, after });
  }
  return { changes, unread };
}

/** Return the changes between two states of the store. */
export const between = (before: Held, after: Held): Change[] => changesOf(before, entriesOf(after)).changes;

/** Return the entries where others' changes came in meanwhile: what somebody has typed stays. */
export const carried = (entries: Entries, before: Held, after: Held): Entries => {
  const typedIn = changesOf(before, entries);
  const mine = new Set([...typedIn.changes.map(({ field }) => pathOf(field)), ...typedIn.unread]);
  return Object.fromEntries(Object.entries(entriesOf(after)).map(([path, text]) => [path, mine.has(path) ? (entries[path] ?? text) : text]));
};

/** Return all settings as they shall hold: what no field shows stays as it is. */
export function wanted({ rules, limits }: Held, changes: Change[]): Held {
  const all = structuredClone({ rules, limits });
  for (const { field, after } of changes) {
    const names = field.name.split(".");
    const last = names.pop()!;
    const inside = names.reduce<Record<string, unknown>>((at, name) => at[name] as Record<string, unknown>, all[field.part]);
    inside[last] = after;
  }
  return all;
}

/** Return the changes of a request field by field: the server tells a group of fields as one. */
export function requested(told: { field: string; before: unknown; after: unknown }[]): Change[] {
  const before: Held = { rules: {}, limits: {} };
  const after: Held = { rules: {}, limits: {} };
  for (const one of told) {
    const [part, name] = one.field.split(/\.(.*)/s) as [Part, string];
    before[part][name] = one.before;
    after[part][name] = one.after;
  }
  return FIELDS.filter((field) => field.name.split(".")[0]! in after[field.part])
    .map((field) => ({ field, before: valueOf(before, field), after: valueOf(after, field) }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
}
