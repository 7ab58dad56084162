/** Who pays what to whom, once more, with the PIN where it is asked for. */

import { useState } from "preact/hooks";
import { useSecondsLeft } from "../../../../server/web/lib/countdown.ts";
import { Boxes, Keypad } from "../../../../server/web/lib/keypad.tsx";
import { useDigitKeys } from "../digit_keys.ts";
import { Actions, Emoji, Heading } from "../parts.tsx";
import type { Panel } from "../screen.ts";
import { act, can } from "../state.ts";
import { find, price, t } from "../words.ts";

type Confirm = Extract<Panel, { name: "confirming" }>;
const PIN_MOST = 6;
const PIN_LEAST = 4;

export function Confirming({ panel }: { panel: Confirm }) {
  const seconds = useSecondsLeft(panel.expires_at) ?? 0;
  return (
    <div class={panel.pin_needed && panel.shortfall_minor === 0 ? "panel confirming with-pin" : "panel confirming"}>
      <Heading title={t("confirming.title", { amount_minor: panel.amount_minor })} />
      <div class="slip" data-say>
        <dl>
        <Row label={t("confirming.who")} value={panel.subject} />
        <Row label={t("confirming.to")} value={panel.payee} />
        <Row label={t("confirming.amount")} value={price(panel.amount_minor)} />
        <div>
          <dt>{t("confirming.basket")}</dt>
          <dd>
            <Emoji emoji={panel.emoji} />
          </dd>
        </div>
        </dl>
        {panel.shortfall_minor > 0 && (
          <p class="problem critical">
            <span aria-hidden="true">!</span>
            <span>{t("confirming.short", { shortfall_minor: panel.shortfall_minor })}</span>
          </p>
        )}
        {panel.face_left && panel.shortfall_minor === 0 && <p class="soft small">{t("confirming.left", panel.face_left)}</p>}
        <p class={seconds > 10 ? "chip" : "chip warn"} role="timer">
          {seconds > 0 ? t("confirming.seconds", { seconds }) : t("confirming.over")}
        </p>
      </div>
      {panel.pin_needed && panel.shortfall_minor === 0 && <Pin reason={panel.pin_reason} />}
      <Actions back={panel.shortfall_minor === 0}>
        {can("not_me") && (
          <button type="button" onClick={() => void act("not_me")}>
            {t("confirming.not_me")}
          </button>
        )}
        {panel.shortfall_minor > 0 && can("back") && (
          <button type="button" class="primary big" onClick={() => void act("back")}>
            {t("looking.other")}
          </button>
        )}
        {!panel.pin_needed && panel.shortfall_minor === 0 && (
          <button type="button" class="primary big" disabled={!can("confirm") || seconds === 0} onClick={() => void act("confirm")}>
            {t("confirming.pay", { amount_minor: panel.amount_minor })}
          </button>
        )}
      </Actions>
    </div>
  );
}

function Row({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Pin({ reason }: { reason: string | null }) {
  const [pin, setPin] = useState("");
  const send = (): void => {
    if (pin.length < PIN_LEAST || !can("pin")) return;
    void act("pin", { pin });
    setPin("");
  };
  useDigitKeys(pin, setPin, PIN_MOST, send);
  return (
    <section class="pad pin">
      <p class="lead" data-say>
        {find("confirming", `reason_${reason}`) ?? t("confirming.reason_other")}
      </p>
      <b>{t("confirming.pin")}</b>
      <Boxes value={pin} length={PIN_MOST} label={t("confirming.pin")} secret />
      <Keypad
        value={pin}
        onValue={setPin}
        length={PIN_MOST}
        words={{ erase: t("app.erase"), clear: t("app.clear"), keys: t("app.keys") }}
      />
      <button type="button" class="primary big" disabled={pin.length < PIN_LEAST || !can("pin")} onClick={send}>
        {t("app.continue")} <span aria-hidden="true">›</span>
      </button>
    </section>
  );
}
