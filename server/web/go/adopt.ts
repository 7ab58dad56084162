/** The store merges what is the same product: from its answer on, the phone's lines are the store's, one for one. */

import type { Gathered, Quote, QuoteLine } from "./trip.ts";

const DEPOSIT = ":deposit";

export const isDeposit = (line: { line_id: string }): boolean => line.line_id.endsWith(DEPOSIT);
/** Weighed or priced by its label: always one piece. */
export const isSingle = (line: Pick<QuoteLine, "weight_g" | "label_price_minor">): boolean => line.weight_g !== null || line.label_price_minor !== null;

/**
 * Return the lines of a basket as the store sees them.
 *
 * What says more than its product (a weight, price, lot or issue) keeps the code that said it. Where such lines were
 * merged, all stay as they were scanned: how many pieces a code stands for is the store's knowledge.
 */
export function adopted(scanned: Gathered[], quote: Pick<Quote, "lines">): Gathered[] {
  const byId = new Map(scanned.map((line) => [line.line_id, line]));
  const lines: Gathered[] = [];
  for (const said of quote.lines) {
    if (isDeposit(said)) continue;
    const mine = byId.get(said.line_id);
    if (mine === undefined) return scanned;
    if (isSingle(said)) lines.push({ ...withoutSeen(mine), quantity: 1 });
    else if (said.lot === null && !said.issue) lines.push({ line_id: said.line_id, sku: said.sku, quantity: said.quantity });
    else if (said.quantity === mine.quantity) lines.push(withoutSeen(mine));
    else return scanned;
  }
  return lines;
}

function withoutSeen({ seen: _seen, ...line }: Gathered): Gathered {
  return line;
}
