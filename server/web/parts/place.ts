/** Where something was done, as the access diary keeps it, in the words of the page. */

import { t } from "./words.ts";

/** The store writes a kiosk by its key, a colleague by the login, and its own pages by a word; others stand as they are. */
export function placeOf(where: string): string {
  if (where.startsWith("kiosk:")) return t("me.where_kiosk", { kiosk: where.slice("kiosk:".length).replace(/^kiosk-/, "") });
  if (where.startsWith("staff:")) return t("me.where_staff", { name: where.slice("staff:".length) });
  if (where === "kiosk") return t("me.where_a_kiosk");
  return where === "page" ? t("me.where_page") : where;
}
