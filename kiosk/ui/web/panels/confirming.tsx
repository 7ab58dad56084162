/** Who pays what to whom, once more, with the PIN where it is asked for. */

import { useState } from "preact/hooks";
import { useSecondsLeft } from "../../../../server/web/lib/countdown.ts";
import { Boxes, Keypad } from "../../../../server/web/lib/keypad.tsx";
import { useDigitKeys } from "../digit_keys.ts";
import { PageQr } from "../page_qr.tsx";
import { Actions, Emoji, Heading } from "../parts.tsx";
import type { Panel, Screen } from "../screen.ts";
import { act, can } from "../state.ts";
import { change, find, price, t } from "../words.ts";

type Confirm = Extract<Panel, { name: "confirming" }>;
const PIN_MOST = 6;
const PIN_LEAST = 4;

export function Confirming({ panel, screen }: { panel: Confirm; screen: Screen }) {
  const seconds = useSecondsLeft(panel.expires_at) ?? 0;
  // First who they are, then what pays: the choice comes when no PIN is missing any more.
  const short = panel.shortfall_minor > 0;
  const choice = panel.pin_needed || short ? null : panel.cashback;
  const beside = short || choice ? " with-purse" : panel.pin_needed ? " with-pin" : "";
  return (
    <div class={`panel confirming${beside}`}>
      <Heading title={t("confirming.title", { amount_minor: panel.amount_minor })} />
      <div class="slip" data-say>
        <dl>
        <Row label={t("confirming.who")} value={panel.subject} />
        <Row label={t("confirming.to")} value={panel.payee} />
        <Row label={t("confirming.amount")} value={price(panel.amount_minor)} />
        {panel.voucher_minor > 0 && <Row label={t("confirming.voucher")} value={change(-panel.voucher_minor)} />}
        <div>
          <dt>{t("confirming.basket")}</dt>
          <dd>
            <Emoji emoji={panel.emoji} />
          </dd>
        </div>
        </dl>
        {panel.earn && !choice && !short && <Earn earn={panel.earn} />}
        {panel.by_pass && <p class="chip warn">{t("confirming.provisional")}</p>}
        {short && (
          <p class="problem critical">
            <span aria-hidden="true">!</span>
            <span>{t("confirming.short", { shortfall_minor: panel.shortfall_minor })}</span>
          </p>
        )}
        {panel.face_left && !choice && !short && <p class="soft small">{t("confirming.left", panel.face_left)}</p>}
        <p class={seconds > 10 ? "chip" : "chip warn"} role="timer">
          {seconds > 0 ? t("confirming.seconds", { seconds }) : t("confirming.over")}
        </p>
      </div>
      {short && (
        <section class="card purse-side add-money">
          <PageQr server={screen.kiosk.server_url} path="/me" label={t("confirming.short_qr")} />
          <p>{t("confirming.short_qr")}</p>
        </section>
      )}
      {choice && (
        <section class="card purse-side">
          <Cashback choice={choice} />
          {panel.earn && <Earn earn={panel.earn} />}
          {panel.face_left && <p class="soft small">{t("confirming.left", panel.face_left)}</p>}
        </section>
      )}
      {panel.pin_needed && !short && <Pin reason={panel.pin_reason} />}
      <Actions back={!short}>
        {can("not_me") && (
          <button type="button" onClick={() => void act("not_me")}>
            {t("confirming.not_me")}
          </button>
        )}
        {short && can("back") && (
          <button type="button" class="primary big" onClick={() => void act("back")}>
            {t("looking.other")}
          </button>
        )}
        {!panel.pin_needed && !short && (
          <button type="button" class="primary big" disabled={!can("confirm") || seconds === 0} onClick={() => void act("confirm")}>
            {t("confirming.pay", { amount_minor: panel.amount_minor })}
          </button>
        )}
      </Actions>
    </div>
  );
}

/** As much of the cashback as the shopper likes; the least is what makes the rest payable. */
function Cashback({ choice }: { choice: NonNullable<Confirm["cashback"]> }) {
  const [held, setHeld] = useState<number | null>(null);
  const used = held ?? choice.used_minor;
  const open = can("use_cashback");
  const use = (minor: number): void => {
    setHeld(null);
    void act("use_cashback", { cashback_minor: minor });
  };
  return (
    <fieldset class="purse">
      <legend>{t("confirming.cashback", { used_minor: used, max_minor: choice.max_minor })}</legend>
      <button type="button" disabled={!open || used === choice.min_minor} onClick={() => use(choice.min_minor)}>
        {choice.min_minor === 0 ? t("confirming.cashback_none") : t("confirming.cashback_least", { min_minor: choice.min_minor })}
      </button>
      <input
        type="range"
        aria-label={t("confirming.cashback_how_much")}
        aria-valuetext={price(used)}
        min={choice.min_minor}
        max={choice.max_minor}
        value={used}
        disabled={!open}
        onInput={(event) => setHeld(Number(event.currentTarget.value))}
        onChange={(event) => use(Number(event.currentTarget.value))}
      />
      <button type="button" disabled={!open || used === choice.max_minor} onClick={() => use(choice.max_minor)}>
        {t("confirming.cashback_all")}
      </button>
    </fieldset>
  );
}

function Earn({ earn }: { earn: NonNullable<Confirm["earn"]> }) {
  return (
    <p class={earn.is_near_cap ? "chip warn" : "soft small"}>
      {earn.is_near_cap
        ? t("confirming.earn_near_cap", { earn_minor: earn.earn_minor, left_this_year_minor: earn.left_this_year_minor })
        : t("confirming.earn", { earn_minor: earn.earn_minor })}
    </p>
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
