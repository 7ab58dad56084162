/** The last scan in one sentence, for ears. */

import { lineOf } from "./basket_view.ts";
import type { Screen } from "./screen.ts";
import { t } from "./words.ts";

export function scanWords(screen: Screen): string {
  const { basket, last_scan: scan } = screen;
  if (scan === null || basket === null) return "";
  const { total_minor } = basket;
  if (scan.outcome === "coupon") return t("shopping.coupon", { total_minor });
  if (scan.outcome === "unknown") return t("shopping.unknown", { code: scan.code });
  if (scan.outcome === "misread") return t("shopping.misread");
  if (scan.outcome === "refused") return t("shopping.refused");
  const line = lineOf(basket, scan.line_id);
  return line === undefined ? "" : t("shopping.added", { name: line.name, due_minor: line.due_minor, total_minor });
}
