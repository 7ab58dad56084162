/** A coupon as people see it: what it gives, from which basket, until when. One look on every page. */

import type { ComponentChildren } from "preact";
import { t } from "./words.ts";

export interface CouponCardProps {
  label: string;
  conditions?: string | undefined;
  /** In words, as `until` writes it. */
  ends?: string | undefined;
  place?: string | undefined;
  state?: ComponentChildren;
  /** 1 where the coupon is the page; else the heading level of its list. */
  level?: 1 | 2 | 3;
  children?: ComponentChildren;
}

export function CouponCard({ label, conditions, ends, place, state, level = 3, children }: CouponCardProps) {
  const Heading = `h${level}` as const;
  return (
    <article class="coupon">
      <div class="offer">
        {place && <p class="place">{place}</p>}
        <Heading>{label}</Heading>
        {conditions && <p>{conditions}</p>}
        {ends && <p class="small">{t("claim.until", { date: ends })}</p>}
        {state}
      </div>
      {children && <div class="stub">{children}</div>}
    </article>
  );
}
