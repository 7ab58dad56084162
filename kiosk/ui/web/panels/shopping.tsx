/** The basket beside the camera: every scan shows at once what it cost and what a promotion changed. */

import { useState } from "preact/hooks";
import { itemCount, newestFirst } from "../basket_view.ts";
import { CameraWindow } from "../camera_window.tsx";
import { Actions, Differences, Heading, Lines, ParkedItems, Totals, WaitingLines } from "../parts.tsx";
import type { Screen } from "../screen.ts";
import { act, can } from "../state.ts";
import { TypeCode } from "../type_code.tsx";
import { pick, t } from "../words.ts";

export function Shopping({ screen }: { screen: Screen }) {
  const [typing, setTyping] = useState(false);
  const { basket, last_scan: scan } = screen;
  return (
    <div class="panel shopping">
      <aside class="scan-side">
        <CameraWindow role="scan">
          <span key={scan?.id} class={scan ? `aim flash-${scan.outcome}` : "aim"} aria-hidden="true" />
        </CameraWindow>
        <div class="row">
          {can("scan") && (
            <button type="button" onClick={() => setTyping(true)}>
              {t("welcome.type")}
            </button>
          )}
          {can("open_search") && (
            <button type="button" onClick={() => void act("open_search")}>
              {t("welcome.search")}
            </button>
          )}
        </div>
        {basket?.next_step && (
          <p class="next-step" data-say>
            <span aria-hidden="true">★</span>
            <span>
              {basket.next_step.short_units > 0
                ? t("shopping.one_more", { label: pick(basket.next_step.label) })
                : t("shopping.next_step", { short_minor: basket.next_step.short_minor, label: pick(basket.next_step.label) })}
            </span>
          </p>
        )}
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
          <Lines key={scan?.id} lines={newestFirst(basket)} flash={scan?.line_id ?? null} editable />
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
