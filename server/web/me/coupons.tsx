/** The shopper's coupons: use one at the kiosk, or pass it on. */

import { useState } from "preact/hooks";
import { Dialog } from "../lib/dialog.tsx";
import { newId } from "../lib/api.ts";
import { Qr } from "../lib/qr.tsx";
import { CouponCard } from "../parts/coupon_card.tsx";
import { ShareDialog, shareNatively } from "../parts/share_dialog.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { pick, t, until } from "../parts/words.ts";
import { shopper, type HeldCoupon } from "./account.ts";

/** One id for each coupon that is being shared: a second tap is the same act. */
const attempts = new Map<string, string>();

export function Coupons({ coupons, onChanged }: { coupons: HeldCoupon[]; onChanged: () => void }) {
  const [shareUrl, setShareUrl] = useState<string | null>(null);
  const [used, setUsed] = useState<HeldCoupon | null>(null);
  const [error, setError] = useState<unknown>(null);
  const share = async (coupon: HeldCoupon): Promise<void> => {
    setError(null);
    try {
      let path = coupon.share_url;
      if (path === null) {
        const key = attempts.get(coupon.code) ?? newId();
        attempts.set(coupon.code, key);
        path = (await shopper.api.ask<{ url: string }>(`/v1/coupons/${encodeURIComponent(coupon.code)}/shares`, { key, body: {} })).url;
        onChanged();
      }
      const url = new URL(path, location.origin).href;
      if (!(await shareNatively(url, pick(coupon.label)))) setShareUrl(url);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <section class="stack" aria-labelledby="coupons">
      <h2 id="coupons">{t("me.coupons")}</h2>
      {error !== null && <Trouble error={error} />}
      {coupons.length === 0 && <p class="soft">{t("me.coupons_none")}</p>}
      <ul class="plain stack">
        {coupons.map((coupon) => (
          <li key={coupon.code}>
            <CouponCard
              label={pick(coupon.label)}
              ends={until(coupon.expires_at)}
              state={<p class={coupon.state === "issued" ? "chip good" : "chip"}>{t(`me.state.${coupon.state}`)}</p>}
            >
              {(coupon.state === "issued" || coupon.state === "shared") && (
                <>
                  <p class="small">{t(coupon.share_mode === "gift" ? "me.gift_note" : "me.copy_note")}</p>
                  <div class="row">
                    {coupon.state === "issued" && (
                      <button type="button" class="primary" onClick={() => setUsed(coupon)}>
                        {t("me.coupon_use")}
                      </button>
                    )}
                    <button type="button" onClick={() => void share(coupon)}>
                      {t(coupon.share_url === null ? "me.coupon_share" : "me.coupon_again")}
                    </button>
                  </div>
                </>
              )}
            </CouponCard>
          </li>
        ))}
      </ul>
      <ShareDialog url={shareUrl} onClose={() => setShareUrl(null)} />
      <Dialog
        open={used !== null}
        title={t("me.use_title")}
        onClose={() => setUsed(null)}
        actions={
          <button type="button" class="primary" onClick={() => setUsed(null)}>
            {t("act.close")}
          </button>
        }
      >
        {used !== null && (
          <div class="share">
            <p>{pick(used.label)}</p>
            <Qr text={`SESAME:C:${used.code}`} label={t("claim.qr_alt", { code: used.code })} />
            <p class="code-text">{used.code}</p>
          </div>
        )}
      </Dialog>
    </section>
  );
}
