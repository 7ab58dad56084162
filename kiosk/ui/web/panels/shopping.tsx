/** The basket beside the camera: every scan shows at once what it cost and what a promotion changed. */

import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { itemCount, newestFirst } from "../basket_view.ts";
import { CameraWindow } from "../camera_window.tsx";
import { Actions, Differences, Heading, Lines, ParkedItems, Totals, WaitingLines } from "../parts.tsx";
import type { Basket, Screen } from "../screen.ts";
import { act, can } from "../state.ts";
import { TypeCode } from "../type_code.tsx";
import { pick, t } from "../words.ts";

/** The tip that this shopper has put away, with its basket: another tip, or another shopper, sees theirs. */
const hidden = signal("");

export function Shopping({ screen }: { screen: Screen }) {
  const [typing, setTyping] = useState(false);
  const { basket, last_scan: scan } = screen;
  // Where no camera helps, these two lead on.
  const unread = screen.notice?.code === "code_unreadable" ? "accent" : undefined;
  return (
    <div class="panel shopping">
      <aside class="scan-side">
        <CameraWindow role="scan">
          <span key={scan?.id} class={scan ? `aim flash-${scan.outcome}` : "aim"} aria-hidden="true" />
        </CameraWindow>
        <div class="row">
          {can("scan") && (
            <button type="button" class={unread} onClick={() => setTyping(true)}>
              {t("welcome.type")}
            </button>
          )}
          {can("open_search") && (
            <button type="button" class={unread} onClick={() => void act("open_search")}>
              {t("welcome.search")}
            </button>
          )}
        </div>
        {basket && <NextStep basket={basket} />}
        {basket?.age_check === "waiting" && screen.notice?.code !== "age_check_wait" && <p class="next-step">{t("shopping.age_wait")}</p>}
      </aside>
      <section class="basket">
        <div class="basket-head">
          <Heading title={t("shopping.title")} />
          <span class="chip">{t("shopping.count", { count: itemCount(basket) })}</span>
        </div>
        <Differences found={screen.differences} />
        <ParkedItems codes={screen.parked} />
        <WaitingLines waiting={screen.waiting} />
        {basket && basket.lines.length > 0 ? (
          <Lines lines={newestFirst(basket)} flash={scan?.line_id ?? null} scan={scan?.id} editable />
        ) : screen.waiting.length > 0 ? null : (
          <p class="empty soft">{t("shopping.empty")}</p>
        )}
        {basket?.coupons.map((coupon) => (
          <p key={coupon.code} class="coupon-line">
            <span aria-hidden="true">✂</span> {pick(coupon.label)}
            {coupon.state === "not_applicable" && <span class="soft"> ({t("review.not_applied")})</span>}
          </p>
        ))}
      </section>
      <div class="basket-foot">
        {basket && basket.lines.length > 0 && <Totals basket={basket} />}
        <Actions>
          {can("put_aside") && (
            <button type="button" onClick={() => void act("put_aside")}>
              {t("shopping.put_aside")}
            </button>
          )}
          {can("review") && (
            <button type="button" class="primary big" onClick={() => void act("review")}>
              {t("shopping.review")} <span aria-hidden="true">›</span>
            </button>
          )}
        </Actions>
      </div>
      <TypeCode open={typing} onClose={() => setTyping(false)} />
    </div>
  );
}

/** What the shopper is short of for an offer: one line, which they may put away. */
function NextStep({ basket }: { basket: Basket }) {
  const step = basket.next_step;
  const name = `${basket.basket_id} ${step?.label.en}`;
  if (step === null || hidden.value === name) return null;
  const label = pick(step.label);
  return (
    <div class="next-step">
      <span aria-hidden="true">★</span>
      <p data-say>
        {step.short_units > 0
          ? t("shopping.one_more", { label })
          : t("shopping.next_step", { short_minor: step.short_minor, label })}
      </p>
      <button type="button" class="quiet" aria-label={t("shopping.next_step_hide")} onClick={() => (hidden.value = name)}>
        <span aria-hidden="true">✕</span>
      </button>
    </div>
  );
}
