/** Three ways to pay, equal in size, place, price and words. */

import { Actions, Emoji, Heading } from "../parts.tsx";
import type { Panel, Screen } from "../screen.ts";
import { act } from "../state.ts";
import { price, t } from "../words.ts";

const WAYS = ["face", "code", "desk"] as const;
const SIGNS = { face: "☺", code: "✱", desk: "⚑" } as const;

export function Method({ panel, screen }: { panel: Extract<Panel, { name: "method" }>; screen: Screen }) {
  return (
    <div class="panel method">
      <Heading title={t("method.title")} lead={t("method.lead")} />
      <div class="ways">
        {WAYS.map((way) => (
          <button
            key={way}
            type="button"
            class="way"
            disabled={!panel[way]}
            onClick={() => void act("choose_method", { method: way })}
          >
            <span class="sign" aria-hidden="true">
              {SIGNS[way]}
            </span>
            <b>{way === "code" && panel.by_pass ? t("method.pass") : t(`method.${way}`)}</b>
            <span class="more">{way === "code" && panel.by_pass ? t("method.pass_more") : panel[way] ? t(`method.${way}_more`) : screen.shop === "offline" ? t("method.away") : t("method.face_off")}</span>
          </button>
        ))}
      </div>
      <Actions>
        {screen.basket && (
          <p class="due-line">
            <Emoji emoji={screen.basket.emoji} />
            <span>{t("method.amount")}</span>
            <b class="money">{price(screen.basket.total_minor)}</b>
          </p>
        )}
      </Actions>
    </div>
  );
}
