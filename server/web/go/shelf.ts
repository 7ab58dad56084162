/** The phone's own copy of the shelf: the store's catalogue as it travels, read only where the store cannot be asked. */

import { labelOf, labelPrice } from "./labels.ts";
import type { Shelved } from "./trip.ts";

/** A row leaves out what most goods have (checkout/snapshot.py). */
interface ProductRow {
  name: string;
  brand?: string;
  pack?: string;
  unit_price_minor: number;
  unit?: string;
  min_age?: number;
  sale_stop?: string;
  recalled_lots?: string[];
}

type PriceRow = [sku: string, group: string, starts: string, ends: string | null, minor: number, member: number | null];

interface Tables {
  shop: { rules: { layouts: string[] } };
  products: Record<string, ProductRow>;
  codes: Record<string, [sku: string, pieces: number]>;
  prices: Record<string, PriceRow>;
}

const PLACE = "sesame-shelf";
const ALL_LOTS = "*";
const MOST_FOUND = 10;

let opened: Promise<Tables | null> | null = null;
let byCode: Map<string, string> | null = null;

/** Take the newest shelf along; what is known already travels as "not changed". */
export async function fetchShelf(storeId: string): Promise<void> {
  if (!("caches" in globalThis)) return;
  const address = `/v1/stores/${encodeURIComponent(storeId)}/catalogue`;
  const response = await fetch(address);
  if (!response.ok) return;
  await (await caches.open(PLACE)).put(address, response);
  opened = byCode = null;
}

/** Return the product under a code; null where the shelf does not know it, or is not here. */
export async function onShelf(code: string): Promise<Shelved | null> {
  const tables = await open();
  if (tables === null) return null;
  byCode ??= new Map(Object.entries(tables.codes).map(([known, [sku]]) => [plain(known), sku]));
  const sku = byCode.get(plain(code));
  if (sku !== undefined) return shelved(tables, sku);
  const label = labelOf(code, tables.shop.rules.layouts);
  const weighed = label && shelved(tables, byCode.get(plain(label.lookup)) ?? "");
  return weighed && { ...weighed, unit_price_minor: labelPrice(label, weighed.unit_price_minor), is_label: true };
}

/** Return products whose words begin like those asked for, as the store's own search does. */
export async function searchShelf(query: string): Promise<Shelved[]> {
  const tables = await open();
  const wanted = folded(query).split(" ").filter(Boolean);
  if (tables === null || wanted.length === 0) return [];
  const found = Object.entries(tables.products).filter(([, row]) => {
    const words = folded(`${row.name} ${row.brand ?? ""}`).split(" ");
    return wanted.every((start) => words.some((word) => word.startsWith(start)));
  });
  return found.slice(0, MOST_FOUND).flatMap(([sku]) => shelved(tables, sku) ?? []);
}

function open(): Promise<Tables | null> {
  opened ??= read().catch(() => null);
  return opened;
}

async function read(): Promise<Tables | null> {
  if (!("caches" in globalThis)) return null;
  const [request] = await (await caches.open(PLACE)).keys();
  const response = request === undefined ? undefined : await caches.match(request);
  return response === undefined ? null : ((await response.json()) as { put: Tables }).put;
}

function shelved(tables: Tables, sku: string): Shelved | null {
  const row = tables.products[sku];
  if (row === undefined) return null;
  const stopped = row.sale_stop ?? (row.recalled_lots?.includes(ALL_LOTS) ? ALL_LOTS : null);
  const { name, pack = "", min_age = null } = row;
  return { sku, name, pack, min_age, stopped, is_weighed: row.unit === "kg", unit_price_minor: priceNow(tables, sku) ?? row.unit_price_minor };
}

/** The store's own group goes before all stores, and of its windows the one that began last. */
function priceNow(tables: Tables, sku: string): number | undefined {
  const now = Date.now();
  return Object.values(tables.prices)
    .filter(([whose, , starts, ends]) => whose === sku && Date.parse(starts) <= now && (ends === null || now < Date.parse(ends)))
    .sort(([, group, starts], [, other, later]) => group.localeCompare(other) || Date.parse(starts) - Date.parse(later))
    .at(-1)?.[4];
}

/** UPC-A and EAN-13 of one product differ by zeros in front. */
const plain = (code: string): string => (/^\d+$/.test(code) ? code.replace(/^0+/, "") : code);
const folded = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
