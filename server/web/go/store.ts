/** The store that this page belongs to, remembered for when there is no network. */

import { signal } from "@preact/signals";
import { createApi } from "../lib/api.ts";
import { fetchShelf } from "./shelf.ts";

export interface Store {
  store_id: string;
  name: string;
  payee: string;
  currency: string;
  timezone: string;
  demo_prices: boolean;
}

const PLACE = "sesame.store";
const api = createApi();

export const storeId = document.documentElement.dataset["store"] ?? "";
/** Named by the code at a door that belongs to another shop; null where that is this one, or no door was named. */
export const otherDoor = ((): string | null => {
  const named = new URLSearchParams(location.search).get("store");
  return named === null || named === storeId ? null : named;
})();

export const store = signal<Store | null>(kept());

/** Ask the store who it is, and take its shelf along for where there is no network. */
export async function checkIn(): Promise<void> {
  const told = await api.ask<Store>(`/v1/stores/${encodeURIComponent(storeId)}`);
  store.value = told;
  try {
    localStorage.setItem(PLACE, JSON.stringify(told));
  } catch {
    // Refused in a private window: without a network the page then has no name for the store.
  }
  await fetchShelf(storeId);
}

function kept(): Store | null {
  try {
    const told = JSON.parse(localStorage.getItem(PLACE) ?? "null") as Store | null; // written by `checkIn` alone
    return told?.store_id === storeId ? told : null;
  } catch {
    return null;
  }
}
