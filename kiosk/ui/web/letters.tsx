/** Letter keys on the screen: a kiosk has no keyboard. AZERTY where people are used to it, QWERTY elsewhere. */

import { t, words } from "./words.ts";

const AZERTY = ["1234567890", "azertyuiop", "qsdfghjklm", "wxcvbnéè'-"];
const QWERTY = ["1234567890", "qwertyuiop", "asdfghjkl'", "zxcvbnm&.-"];

export function Letters({ value, onValue }: { value: string; onValue: (value: string) => void }) {
  const rows = words.locale.value === "fr" ? AZERTY : QWERTY;
  return (
    <div class="letters" role="group" aria-label={t("app.keys")}>
      {rows.map((row) =>
        [...row].map((letter) => (
          <button key={letter} type="button" onClick={() => onValue(value + letter)}>
            {letter}
          </button>
        )),
      )}
      <button type="button" class="wide" onClick={() => onValue(`${value} `)}>
        {t("app.space")}
      </button>
      <button type="button" class="half" aria-label={t("app.erase")} onClick={() => onValue([...value].slice(0, -1).join(""))}>
        <span aria-hidden="true">⌫</span>
      </button>
    </div>
  );
}
