/** The four digits that narrow the search; the camera is dark until the button is pressed. */

import { useState } from "preact/hooks";
import { Boxes, Keypad } from "../../../../server/web/lib/keypad.tsx";
import { useDigitKeys } from "../digit_keys.ts";
import { Actions, Heading } from "../parts.tsx";
import { act } from "../state.ts";
import { t } from "../words.ts";

const LENGTH = 4;

export function Digits() {
  const [digits, setDigits] = useState("");
  const go = (): void => {
    if (digits.length === LENGTH) void act("digits", { digits });
  };
  useDigitKeys(digits, setDigits, LENGTH, go);
  return (
    <div class="panel digits">
      <Heading title={t("digits.title")} lead={t("digits.lead")} />
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
