/** The coupons of a basket: what each takes off or why not, one instead of another, and those that stay with the shopper. */

import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Basket, BasketCoupon, KeptCoupon } from "./screen.ts";
import { act, can } from "./state.ts";
import { change, find, pick, t } from "./words.ts";

export function Coupons({ basket, onAdd }: { basket: Basket; onAdd: () => void }) {
  return (
    <section class="coupons" aria-label={t("review.coupons")}>
      {basket.coupons.length > 0 && <b aria-hidden="true">{t("review.coupons")}</b>}
      {basket.coupons.map((coupon) => (
        <Laid key={coupon.code} coupon={coupon} />
      ))}
      {basket.kept_coupons.length > 0 && <b>{t("coupons.kept")}</b>}
      {basket.kept_coupons.map((coupon) => (
        <Kept key={coupon.code} coupon={coupon} />
      ))}
      {can("apply_coupon") && (
        <button type="button" onClick={onAdd}>
          {t("review.coupon_add")}
        </button>
      )}
    </section>
  );
}

function Laid({ coupon }: { coupon: BasketCoupon }) {
  const [asked, setAsked] = useState(false);
  const reason = useId();
  const told = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (asked) told.current?.scrollIntoView({ block: "nearest" }); // the column scrolls, and the way out is its last button
  }, [asked]);
  const label = pick(coupon.label);
  const waits = coupon.state === "not_applicable";
  return (
    <div class={waits ? "coupon-row waits" : "coupon-row"}>
      <span>{label}</span>
      {coupon.saved_minor > 0 && <span class="money saving">{change(-coupon.saved_minor)}</span>}
      {waits && (
        <button type="button" aria-expanded={asked} aria-controls={reason} aria-label={t("coupons.why_of", { label })} onClick={() => setAsked(!asked)}>
          {t("coupons.why")}
        </button>
      )}
      {can("drop_coupon") && (
        <button type="button" aria-label={t("review.coupon_drop", { label })} onClick={() => void act("drop_coupon", { code: coupon.code })}>
          <span aria-hidden="true">✕</span>
        </button>
      )}
      <div id={reason} ref={told} class="coupon-why" role="status">
        {waits && asked && (
          <>
            <p class="small">{reasonOf(coupon)}</p>
            {coupon.can_swap && can("apply_coupon") && (
              <button
                type="button"
                aria-label={t("coupons.instead_of", { label })}
                onClick={() => void act("apply_coupon", { code: coupon.code, instead: true })}
              >
                {t("coupons.instead")}
              </button>
            )}
          </>
        )}
      </div>
    </div>
  );
}

function Kept({ coupon }: { coupon: KeptCoupon }) {
  const label = pick(coupon.label);
  return (
    <div class="coupon-row kept">
      <span>{label}</span>
      {can("apply_coupon") && (
        <button type="button" aria-label={t("coupons.use_of", { label })} onClick={() => void act("apply_coupon", { code: coupon.code })}>
          {t("coupons.use")}
        </button>
      )}
    </div>
  );
}

/** The store's own sentence; where only this kiosk reckons, its word for the reason. */
function reasonOf(coupon: BasketCoupon): string {
  if (coupon.why !== null) return pick(coupon.why);
  return find("reasons", coupon.reason_code ?? "") ?? coupon.reason ?? t("review.not_applied");
}
