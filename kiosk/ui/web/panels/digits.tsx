/** The four digits that narrow the search; the camera is dark until the button is pressed. */

import { useState } from "preact/hooks";
import { Boxes, Keypad } from "../../../../server/web/lib/keypad.tsx";
import { useDigitKeys } from "../digit_keys.ts";
import { Actions, Heading } from "../parts.tsx";
import type { Panel } from "../screen.ts";
import { act, can } from "../state.ts";
import { t } from "../words.ts";

const LENGTH = 4;

export function Digits({ panel }: { panel: Extract<Panel, { name: "digits" }> }) {
  const [digits, setDigits] = useState("");
  const go = (): void => {
    if (digits.length === LENGTH) void act("digits", { digits });
  };
  useDigitKeys(digits, setDigits, LENGTH, go);
  return (
    <div class="panel digits">
      <div class="beside-pad">
        <Heading title={t("digits.title")} lead={t("digits.lead")} />
        <p class="soft" data-say>
          {panel.card ? t("digits.card_seen") : t("digits.card")}
        </p>
        {panel.challenge === "flash" && <p class="soft">{t("digits.flashes")}</p>}
        {can("choose_challenge") && (
          <button
            type="button"
            aria-pressed={panel.challenge === "turn"}
            onClick={() => void act("choose_challenge", { challenge: panel.challenge === "turn" ? "flash" : "turn" })}
          >
            {t("digits.rather_turn")}
          </button>
        )}
      </div>
      <div class="pad">
        <Boxes value={digits} length={LENGTH} label={t("digits.label")} />
        <Keypad
          value={digits}
          onValue={setDigits}
          length={LENGTH}
          words={{ erase: t("app.erase"), clear: t("app.clear"), keys: t("app.keys") }}
        />
      </div>
      <Actions>
        <button type="button" class="primary big" disabled={digits.length < LENGTH} onClick={go}>
          {t("digits.go")} <span aria-hidden="true">›</span>
        </button>
      </Actions>
    </div>
  );
}
