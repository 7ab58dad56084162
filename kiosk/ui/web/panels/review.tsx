/** Everything once more before paying: lines, each discount with its reason, coupons, what still stands in the way. */

import { useState } from "preact/hooks";
import { Actions, Differences, Emoji, Heading, Lines, Totals } from "../parts.tsx";
import { Coupons } from "../coupons.tsx";
import type { Screen } from "../screen.ts";
import { act, can } from "../state.ts";
import { TypeCode } from "../type_code.tsx";
import { find, t } from "../words.ts";

export function Review({ screen }: { screen: Screen }) {
  const [typing, setTyping] = useState(false);
  const { basket } = screen;
  if (basket === null) return null;
  return (
    <div class="panel review">
      <Heading title={t("review.title")} lead={t("review.lead")} />
      <Lines lines={basket.lines} flash={null} editable={can("change_quantity")} />
      <aside class="review-side">
        {basket.problems.map((problem) => (
          <p key={problem.code + problem.line_id} class={`problem ${problem.level}`} data-say>
            <span aria-hidden="true">!</span>
            <span>{find("problems", problem.code) ?? problem.detail}</span>
          </p>
        ))}
        <Differences found={screen.differences} />
        <Totals basket={basket} full />
        <Coupons basket={basket} onAdd={() => setTyping(true)} />
      </aside>
      <Actions>
        <div class="mark">
          <Emoji emoji={basket.emoji} />
          <p class="small">
            <b>{t("review.emoji")}</b> <span class="soft">{t("review.emoji_more")}</span>
          </p>
        </div>
        <button type="button" class="primary big" disabled={!can("confirm")} onClick={() => void act("confirm")}>
          {t("review.pay", { total_minor: basket.total_minor })} <span aria-hidden="true">›</span>
        </button>
      </Actions>
      <TypeCode open={typing} onClose={() => setTyping(false)} coupon />
    </div>
  );
}
