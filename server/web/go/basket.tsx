/** What was gathered, with its prices: the last scan, every line, and the sum that is always in sight. */

import { signedMoney } from "../lib/money.ts";
import { amount, locale, pick } from "../parts/words.ts";
import { isDeposit, isSingle } from "./adopt.ts";
import { Left } from "./budget.tsx";
import { estimated, estimateOf, lowerBefore, type Estimate } from "./heard.ts";
import { away, isPriced, refused, setQuantity, told } from "./prices.ts";
import { store } from "./store.ts";
import { trip, type Gathered, type QuoteLine } from "./trip.ts";
import { find, sentence, t } from "./words.ts";

const MOST = 99; // pieces of one line that a shopper takes alone, as at a till

export const say = (minor: number): string => amount(minor, trip.value.quote?.currency ?? store.value?.currency);
export const pieces = (): number => trip.value.lines.reduce((sum, line) => sum + line.quantity, 0);

/** What the last scan was: read out by screen readers, and the first thing that an eye meets. */
export function LastScan() {
  const last = told.value;
  return (
    <div class="last" role="status" aria-live="polite">
      {last === null && <p class="soft">{t("go.scan_hint")}</p>}
      {last?.state === "asking" && <p>{t("go.asking", { code: last.code })}</p>}
      {last?.state === "priced" && <Scanned line={last.line} times={last.times} />}
      {last?.state === "waiting" && (
        <p class="notice warn">
          {last.seen === null ? t("go.waiting_unknown", { code: last.code }) : t("go.waiting", { name: last.seen.name, price_minor: last.seen.unit_price_minor })}
          {last.seen?.min_age != null && ` ${t("go.age", { age: last.seen.min_age })}`}
        </p>
      )}
      {last?.state === "stopped" && <p class="notice bad">{t("go.stopped", { name: last.name })}</p>}
      {last?.state === "refused" && (
        <p class="notice bad">
          <strong>{last.code}</strong>
          {sentence(last.error)}
        </p>
      )}
    </div>
  );
}

function Scanned({ line, times }: { line: QuoteLine; times: number }) {
  return (
    <div class="scanned">
      <p>
        <strong>{line.name}</strong> {times > 1 && <span>× {times}</span>}
      </p>
      <p class="money">
        <strong>{say(isSingle(line) ? line.gross_minor : line.unit_price_minor)}</strong> <span class="soft small">{pick(line.unit_text)}</span>
      </p>
      {line.adjustments.map((change) => (
        <p key={change.rule_id} class="saving small">
          {pick(change.label)} {signedMoney(change.amount_minor, trip.value.quote?.currency ?? "EUR", locale.value)}
        </p>
      ))}
      {line.min_age !== null && <p class="notice warn small">{t("go.age", { age: line.min_age })}</p>}
    </div>
  );
}

export function Goods({ fixed = false }: { fixed?: boolean }) {
  const { lines, quote } = trip.value;
  const priced = new Map(quote?.lines.map((line) => [line.line_id, line]));
  const deposits = quote?.lines.filter(isDeposit) ?? [];
  return (
    <ul class="plain goods" aria-label={t("go.goods")}>
      {[...lines].reverse().map((line) => (
        <Row key={line.line_id} line={line} said={priced.get(line.line_id)} fixed={fixed} />
      ))}
      {isPriced() &&
        deposits.map((line) => (
          <li key={line.line_id}>
            <span class="what">
              {line.name} × {line.quantity}
            </span>
            <span class="money">{say(line.gross_minor)}</span>
          </li>
        ))}
    </ul>
  );
}

function Row({ line, said, fixed }: { line: Gathered; said: QuoteLine | undefined; fixed: boolean }) {
  const name = said?.name ?? line.seen?.name ?? line.code ?? "";
  const minor = said === undefined ? line.seen && line.seen.unit_price_minor * line.quantity : isPriced() ? said.gross_minor : estimateOf(said, line.quantity);
  const age = said?.min_age ?? line.seen?.min_age ?? null;
  const single = said === undefined ? line.seen?.is_label === true : isSingle(said);
  const before = said === undefined ? null : lowerBefore(said, trip.value.quote?.is_member === true, trip.value.heard, Date.now());
  const problems = trip.value.quote?.problems.filter((one) => one.line_id === line.line_id && one.code !== "age_check_required") ?? [];
  return (
    <li>
      <span class="what">
        <strong>{name}</strong>
        <span class="soft small">{[said?.brand, said?.pack ?? line.seen?.pack, said && pick(said.unit_text), said && weight(said)].filter(Boolean).join("\u00a0· ")}</span>
      </span>
      <span class="money">
        {minor === undefined ? t("go.no_price_yet") : say(minor)}
        {minor !== undefined && !isPriced() && <span class="soft small"> {t("go.provisional_mark")}</span>}
      </span>
      {said?.adjustments.map((change) => (
        <span key={change.rule_id} class="saving small whole">
          {pick(change.label)} {signedMoney(change.amount_minor, trip.value.quote?.currency ?? "EUR", locale.value)}
        </span>
      ))}
      {before !== null && <span class="chip warn whole">{t("go.dearer_mark", { before: say(before) })}</span>}
      {age !== null && <span class="chip warn whole">{t("go.age_mark", { age })}</span>}
      {problems.map((one) => (
        <span key={one.code} class="notice warn small whole">
          {find("go_stands", one.code) ?? one.detail}
        </span>
      ))}
      {!fixed && (
        <span class="steps whole">
          {!single && (
            <>
              <button type="button" aria-label={t("go.fewer", { name })} disabled={line.quantity < 2} onClick={() => setQuantity(line.line_id, line.quantity - 1)}>
                <span aria-hidden="true">−</span>
              </button>
              <span class="count" aria-label={t("go.pieces", { count: line.quantity })}>
                {line.quantity}
              </span>
              <button type="button" aria-label={t("go.more", { name })} disabled={line.quantity >= MOST} onClick={() => setQuantity(line.line_id, line.quantity + 1)}>
                <span aria-hidden="true">+</span>
              </button>
            </>
          )}
          <button type="button" class="quiet" aria-label={t("go.remove_named", { name })} onClick={() => setQuantity(line.line_id, 0)}>
            {t("go.remove")}
          </button>
        </span>
      )}
    </li>
  );
}

function weight(line: QuoteLine): string {
  if (line.weight_g === null) return "";
  return new Intl.NumberFormat(locale.value, { style: "unit", unit: "kilogram" }).format(line.weight_g / 1000);
}

/** What the basket comes to: the store's price, or as far as the phone knows. */
export function spent(): Estimate {
  const { lines, quote } = trip.value;
  return quote !== null && isPriced() ? { minor: quote.total_minor, unknown: 0 } : estimated(lines, quote);
}

/** Return the lines that cost more now than this visit was told before, each with the lower price. */
export function dearer(): { line: QuoteLine; minor: number }[] {
  const { quote, heard } = trip.value;
  if (quote === null) return [];
  return quote.lines.flatMap((line) => {
    const minor = lowerBefore(line, quote.is_member, heard, Date.now());
    return minor === null ? [] : { line, minor };
  });
}

/** The lower price is due: said wherever something is finished, with the way to it. */
export function Dearer({ leaving = false }: { leaving?: boolean }) {
  const found = dearer();
  if (found.length === 0) return null;
  return (
    <div class="notice warn stack tight" role="status">
      <p>{t(leaving ? "go.dearer_show" : "go.dearer")}</p>
      <ul>
        {found.map(({ line, minor }) => (
          <li key={line.line_id}>{t("go.dearer_line", { name: line.name, before: say(minor), now: say(line.unit_price_minor) })}</li>
        ))}
      </ul>
      {!leaving && (
        <a class="button" href="#code">
          {t("go.at_till_act")}
        </a>
      )}
    </div>
  );
}

/** The sum as it stands; provisional where the store has not seen the last change. Nothing costs nothing: nobody is asked. */
export function Sum() {
  const { lines, quote } = trip.value;
  const isEmpty = lines.length === 0;
  const stands = isEmpty || (quote !== null && isPriced());
  const { minor, unknown } = spent();
  const saved = isEmpty ? 0 : (quote?.saved_minor ?? 0);
  return (
    <p class="sum">
      <span>{t("go.total", { count: pieces() })}</span>
      <strong class="money">{stands ? say(minor) : `≈ ${say(minor)}`}</strong>
      {stands && saved > 0 && <span class="saving small whole">{t("go.saved", { amount_minor: saved })}</span>}
      {!stands && <span class="small whole">{away.value ? t("go.provisional", { count: unknown }) : t("go.pricing")}</span>}
      <Left />
    </p>
  );
}

/** What keeps the whole basket from having a price. */
export function Hindrance() {
  return refused.value === null ? null : (
    <p class="notice bad" role="alert">
      {sentence(refused.value)}
    </p>
  );
}
