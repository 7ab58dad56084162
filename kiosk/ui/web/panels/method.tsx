/** Three ways to pay, equal in size, place, price and words. */

import { Actions, Emoji, Heading } from "../parts.tsx";
import type { Panel, Screen } from "../screen.ts";
import { act } from "../state.ts";
import { price, t } from "../words.ts";

const WAYS = ["face", "code", "desk"] as const;
/** Drawn on 24 by 24: a face in a finder, a telephone with its keys, somebody behind a counter. */
const SIGNS = {
  face: "M4 8V6a2 2 0 0 1 2-2h2M16 4h2a2 2 0 0 1 2 2v2M20 16v2a2 2 0 0 1-2 2h-2M8 20H6a2 2 0 0 1-2-2v-2M9 9v1M15 9v1M8.5 14.5c1 1.1 2.2 1.6 3.5 1.6s2.5-.5 3.5-1.6",
  code: "M9 2.5h6a2.5 2.5 0 0 1 2.5 2.5v14a2.5 2.5 0 0 1-2.5 2.5H9A2.5 2.5 0 0 1 6.5 19V5A2.5 2.5 0 0 1 9 2.5zM9.8 7h0M12 7h0M14.2 7h0M9.8 10h0M12 10h0M14.2 10h0M9.8 13h0M12 13h0M14.2 13h0M11 18h2",
  desk: "M12 3.5a3.4 3.4 0 1 1 0 6.8 3.4 3.4 0 0 1 0-6.8M6 16c.3-2.6 2.7-4 6-4s5.7 1.4 6 4M3 16h18M4.5 16v4.5h15V16",
} as const;

type Given = Extract<Panel, { name: "method" }>;

export function Method({ panel, screen }: { panel: Given; screen: Screen }) {
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
              <svg viewBox="0 0 24 24">
                <path d={SIGNS[way]} />
              </svg>
            </span>
            <b>{way === "code" && panel.by_pass ? t("method.pass") : t(`method.${way}`)}</b>
            <span class="more">{moreOf(way, panel, screen)}</span>
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

/** What the way takes, or why it is not open. */
function moreOf(way: (typeof WAYS)[number], panel: Given, { shop }: Screen): string {
  if (way === "code" && panel.by_pass) return t("method.pass_more");
  if (panel[way]) return t(`method.${way}_more`);
  if (shop === "offline") return t("method.away");
  return panel.face_tried ? t("method.face_tried") : t("method.face_off");
}
