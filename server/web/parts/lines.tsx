/** Goods with their amounts and what each promotion changed: the same on a ticket and on a basket that waits. */

import type { Texts } from "../lib/i18n.ts";
import { signedMoney } from "../lib/money.ts";
import { amount, locale, pick, t } from "./words.ts";

export interface Line {
  line_id: string;
  name: string;
  brand: string;
  pack: string;
  quantity: number;
  weight_g: number | null;
  gross_minor: number;
  /** Of a periodical, from the bars beside its code. */
  issue?: string | null;
  adjustments: { rule_id: string; label: Texts; amount_minor: number }[];
  /** With it a line says what one piece costs. */
  unit_price_minor?: number;
}

export function Lines({ lines, currency }: { lines: Line[]; currency: string }) {
  return (
    <ul class="plain lines">
      {lines.map((line) => (
        <li key={line.line_id}>
          <span class="what">
            <strong>{line.name}</strong>
            <span class="soft small">{[line.brand, line.pack, line.issue && t("ticket.issue", { issue: line.issue }), howMuch(line, currency)].filter(Boolean).join("\u00a0· ")}</span>
          </span>
          <span class="money">{amount(line.gross_minor, currency)}</span>
          {line.adjustments.map((change) => (
            <span key={change.rule_id} class="change">
              <span>{pick(change.label)}</span>
              <span class="money">{signedMoney(change.amount_minor, currency, locale.value)}</span>
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}

function howMuch(line: Line, currency: string): string {
  if (line.weight_g !== null) {
    return new Intl.NumberFormat(locale.value, { style: "unit", unit: "kilogram" }).format(line.weight_g / 1000);
  }
  return line.unit_price_minor === undefined ? `× ${line.quantity}` : `${line.quantity} × ${amount(line.unit_price_minor, currency)}`;
}
