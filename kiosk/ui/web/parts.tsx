/** Parts that several panels share: heading, actions, amounts, lines, emoji. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Basket, BasketLine, Difference, WaitingLine } from "./screen.ts";
import { act, can, screen } from "./state.ts";
import { change, pick, price, t } from "./words.ts";

/** The heading takes the focus when its panel appears: readers read it, Tab goes on to the first control. */
export function Heading({ title, lead }: { title: string; lead?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <header class="heading">
      <h1 ref={heading} tabIndex={-1} data-say>
        {title}
      </h1>
      {lead && (
        <p class="lead" data-say>
          {lead}
        </p>
      )}
    </header>
  );
}

/** The lower edge of every panel: the way back on the left, the one next step on the right. */
export function Actions({ children, back = true }: { children?: ComponentChildren; back?: boolean }) {
  return (
    <div class="actions-bar">
      {back && can("back") && (
        <button type="button" class="back" onClick={() => void act("back")}>
          <span aria-hidden="true">‹</span> {t("app.back")}
        </button>
      )}
      {back && <span class="spring" />}
      {children}
    </div>
  );
}

export function Emoji({ emoji }: { emoji: string[] }) {
  return (
    <span class="emoji" role="img" aria-label={emoji.join(" ")}>
      {emoji.map((one, place) => (
        <span key={place} aria-hidden="true">
          {one}
        </span>
      ))}
    </span>
  );
}

export function Lines({ lines, flash, scan, editable }: LinesShown) {
  return (
    // A list that scrolls must be reachable by Tab, or a keyboard could not scroll it.
    <ul class="plain lines" tabIndex={0} aria-label={t("shopping.lines")}>
      {lines.map((line) => (
        // The line of the newest scan is drawn anew, so that it lights up each time; the others stay as they are.
        <Line
          key={flash === line.line_id ? `${line.line_id} ${scan}` : line.line_id}
          line={line}
          flash={flash === line.line_id}
          editable={editable}
        />
      ))}
    </ul>
  );
}

interface LinesShown {
  lines: BasketLine[];
  /** The line that lights up, and the scan that it does so for. */
  flash: string | null;
  scan?: number | undefined;
  editable: boolean;
}

function Line({ line, flash, editable }: { line: BasketLine; flash: boolean; editable: boolean }) {
  const { line_id, name } = line;
  // Without the store a price stays provisional; with it, its answer comes within a blink.
  const away = screen.value?.basket?.provisional ?? false;
  return (
    <li class={flash ? "line flash" : "line"}>
      <div class="what">
        <p class="name">
          {name}
          {line.min_age !== null && <span class="chip warn">{t("shopping.age", { age: line.min_age })}</span>}
        </p>
        <p class="soft small">{[line.brand, line.pack, line.issue && t("shopping.issue", { issue: line.issue }), line.unit_text].filter(Boolean).join("\u00a0· ")}</p>
        {line.adjustments.map((adjustment) => (
          <p key={adjustment.rule_id} class="adjustment">
            <span class="money">{change(adjustment.amount_minor)}</span> · {pick(adjustment.label)}
          </p>
        ))}
      </div>
      {editable && line.weight_g === null ? (
        <div class="quantity">
          <button
            type="button"
            aria-label={line.quantity === 1 ? t("shopping.remove", { name }) : t("shopping.fewer", { name })}
            disabled={!can(line.quantity === 1 ? "remove_line" : "add_pieces")}
            onClick={() =>
              void (line.quantity === 1
                ? act("remove_line", { line_id })
                : act("add_pieces", { line_id, pieces: -1 }))
            }
          >
            <span aria-hidden="true">{line.quantity === 1 ? "✕" : "−"}</span>
          </button>
          <span class="count">{line.quantity}</span>
          <button
            type="button"
            aria-label={t("shopping.more", { name })}
            disabled={!can("add_pieces")}
            onClick={() => void act("add_pieces", { line_id, pieces: 1 })}
          >
            <span aria-hidden="true">+</span>
          </button>
        </div>
      ) : (
        <div class="quantity">
          {editable && (
            <button
              type="button"
              aria-label={t("shopping.remove", { name })}
              disabled={!can("remove_line")}
              onClick={() => void act("remove_line", { line_id })}
            >
              <span aria-hidden="true">✕</span>
            </button>
          )}
          <span class={line.weight_g === null ? "count" : "count weighed"}>
            {line.weight_g === null ? `× ${line.quantity}` : `${line.weight_g} g`}
          </span>
        </div>
      )}
      <div class={line.provisional ? `amounts ${away ? "provisional" : "awaited"}` : "amounts"}>
        <p class="due money">{price(line.due_minor)}</p>
        {line.provisional && away && <span class="visually-hidden">{t("shopping.provisional_price")}</span>}
        {line.due_minor !== line.gross_minor && <s class="soft small money">{price(line.gross_minor)}</s>}
      </div>
    </li>
  );
}

/** What the store prices otherwise than this kiosk had without it: every line, before and after. */
export function Differences({ found }: { found: Difference[] }) {
  if (found.length === 0) return null;
  return (
    <section class="differences" aria-label={t("differences.title")}>
      <b>{t("differences.title")}</b>
      <ul class="plain">
        {found.map((one, place) => (
          <li key={place} class="small">
            {one.name} · {t(`differences.${one.reason}`)}
            {one.after_minor !== null && <b class="money"> {price(one.after_minor)}</b>}
            {one.before_minor !== null && <span class="soft"> ({t("differences.was", { before_minor: one.before_minor })})</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Items that a colleague looks up: no price yet, and nothing to pay for them. */
export function ParkedItems({ codes }: { codes: string[] }) {
  if (codes.length === 0) return null;
  return (
    <ul class="plain parked" aria-label={t("shopping.parked")}>
      {codes.map((code) => (
        <li key={code} class="small">
          <code>{code}</code> {t("shopping.parked")}
        </li>
      ))}
    </ul>
  );
}

/** Products that wait for the network, the newest first as in the basket. */
export function WaitingLines({ waiting }: { waiting: WaitingLine[] }) {
  if (waiting.length === 0) return null;
  return (
    <ul class="plain lines waiting-lines" tabIndex={0} aria-label={t("shopping.provisional")}>
      {[...waiting].reverse().map((line) => (
        <li key={line.line_id} class="line">
          <div class="what">
            <p class="name">{line.name ?? line.code}</p>
            <p class="soft small">{t("shopping.provisional")}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}

/** Whether the store's word on some line is still to come. */
function isAwaited(basket: Basket): boolean {
  return !basket.provisional && basket.lines.some((line) => line.provisional);
}

/** The sums of a basket; with `full` the way from the shelf prices to what is due. */
export function Totals({ basket, full = false }: { basket: Basket; full?: boolean }) {
  return (
    <div class="totals">
      <dl>
      {full && basket.saved_minor > 0 && (
        <>
          <div>
            <dt>{t("review.before")}</dt>
            <dd class="money">{price(basket.gross_minor)}</dd>
          </div>
          <div class="saving">
            <dt>{t("review.saved")}</dt>
            <dd class="money">{change(-basket.saved_minor)}</dd>
          </div>
        </>
      )}
      <div class="grand">
        <dt>{full ? t("review.total") : t("shopping.total")}</dt>
        <dd class={isAwaited(basket) ? "money awaited" : "money"} data-say>
          {price(basket.total_minor)}
        </dd>
      </div>
      </dl>
      {basket.provisional && <p class="soft small provisional-total">{t("shopping.provisional_total")}</p>}
      {!full && basket.saved_minor > 0 && (
        <p class="saving chip warn">{t("shopping.saved", { saved_minor: basket.saved_minor })}</p>
      )}
    </div>
  );
}

export const basketNow = (): Basket | null => screen.value?.basket ?? null;
