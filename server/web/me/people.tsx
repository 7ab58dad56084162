/** Money between people: send and ask, what waits for an answer, what has moved; nobody else sees any of it. */

import { useState } from "preact/hooks";
import { newId } from "../lib/api.ts";
import { useLoaded } from "../parts/loaded.ts";
import { PinField } from "../parts/pin_field.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { amount, byCode, day, minute, t } from "../parts/words.ts";
import { shopper } from "./account.ts";
import { shown, type Asked, type Between, type Moved } from "./between.ts";
import { Refused, Send, WithPin } from "./send.tsx";

const LATEST = 8;

export function People({ currency, onMoved }: { currency: string; onMoved: () => void }) {
  const { value, error, again } = useLoaded(() => shopper.api.ask<Between>("/v1/transfers"));
  const [said, setSaid] = useState("");
  const [refused, setRefused] = useState<unknown>(null);
  const [pin, setPin] = useState("");
  const changed = (words: string): void => {
    setSaid(words);
    again();
    onMoved();
  };
  const act = async (path: string, words = "", body?: object): Promise<void> => {
    setRefused(null);
    try {
      await shopper.api.ask(path, { method: "POST", key: newId(), body });
      setPin("");
      changed(words);
    } catch (problem) {
      setRefused(problem);
    }
  };
  const blocked = value?.sending.blocked_at ?? null;
  const mine = { currency, act, onDone: changed, isAdult: value?.sending.adult_at != null };
  return (
    <section class="card stack" aria-labelledby="people">
      <h2 id="people">{t("me.peer")}</h2>
      <p class="small soft">{t("me.peer_text")}</p>
      {error !== null && <Trouble error={error} onRetry={again} />}
      <p role="status" class={said === "" ? "visually-hidden" : "notice"}>
        {said}
      </p>
      {refused !== null && <Refused error={refused} currency={currency} />}
      {value !== null && (
        <>
          {value.requests.some((one) => one.is_open) && (
            <ul class="plain entries">
              {value.requests.map((one) => one.is_open && <Request key={one.request_id} one={one} {...mine} />)}
            </ul>
          )}
          {blocked === null ? (
            <Send contacts={value.contacts} currency={currency} onDone={changed} />
          ) : (
            <form
              class="stack tight"
              onSubmit={(event) => {
                event.preventDefault();
                void act("/v1/sending:unblock", t("me.peer_unblocked"), { pin });
              }}
            >
              <p class="notice warn">{t("me.peer_blocked", { date: day(blocked) })}</p>
              <PinField label={t("me.peer_pin")} value={pin} onValue={setPin} />
              <button type="submit">{t("me.peer_unblock")}</button>
            </form>
          )}
          {value.transfers.length > 0 && (
            <>
              <h3>{t("me.peer_latest")}</h3>
              <ul class="plain entries">
                {value.transfers.slice(0, LATEST).map((one) => (
                  <Transfer key={one.transfer_id} one={one} {...mine} />
                ))}
              </ul>
            </>
          )}
          {blocked === null && (
            <button type="button" class="quiet" onClick={() => void act("/v1/sending:block", t("me.peer_blocked_now"))}>
              {t("me.peer_block")}
            </button>
          )}
        </>
      )}
    </section>
  );
}

interface RowProps<T> {
  one: T;
  currency: string;
  act: (path: string, words?: string, body?: object) => Promise<void>;
  onDone: (said: string) => void;
  isAdult: boolean;
}

function Words({ title, memo, note }: { title: string; memo: string; note: string }) {
  return (
    <span>
      <strong>{title}</strong>
      {memo === "" ? <br /> : <q class="small message">{memo}</q>}
      <span class="small soft">{note}</span>
    </span>
  );
}

function Transfer({ one, currency, act }: RowProps<Moved>) {
  const who = shown(one.who, one.last4);
  const note = one.until === null ? byCode("me", `peer_state_${one.state}`, undefined, "me.peer_state_claimed") : t("me.peer_until", { date: minute(one.until) });
  return (
    <li>
      <Words title={t(one.way === "sent" ? "me.peer_to_who" : "me.peer_from_who", { who })} memo={one.memo} note={`${minute(one.at)} · ${note}`} />
      <strong class="money end">{amount(one.amount_minor, currency)}</strong>
      {one.state === "waiting" && (
        <button type="button" onClick={() => void act(`/v1/transfers/${one.transfer_id}:cancel`, t("me.peer_cancelled"))}>
          {t("me.peer_cancel")}
        </button>
      )}
      {one.way === "got" && one.memo !== "" && (
        <button type="button" class="quiet small" onClick={() => void act(`/v1/transfers/${one.transfer_id}:hide-memo`)}>
          {t("me.peer_hide")}
        </button>
      )}
    </li>
  );
}

function Request({ one, currency, act, onDone, isAdult }: RowProps<Asked>) {
  const [paying, setPaying] = useState(false);
  const [needsCode, setNeedsCode] = useState(false);
  const who = shown(one.who, one.last4);
  const sum = amount(one.amount_minor, currency);
  const path = `/v1/transfer-requests/${one.request_id}`;
  const remindable = one.can_remind_at !== null && new Date(one.can_remind_at).getTime() <= Date.now();
  return (
    <li>
      <Words
        title={t(one.way === "asked" ? "me.peer_you_ask" : "me.peer_asks_you", { who })}
        memo={one.memo}
        note={t("me.peer_open_until", { date: day(one.until) })}
      />
      <strong class="money end">{sum}</strong>
      {one.way === "asked_of_me" ? (
        <div class="row whole">
          <button type="button" class="primary" aria-expanded={paying} onClick={() => setPaying(!paying)}>
            {t("me.peer_accept", { amount: sum })}
          </button>
          <button type="button" onClick={() => void act(`${path}:decline`, t("me.peer_declined"))}>
            {t("me.peer_decline")}
          </button>
          {one.memo !== "" && (
            <button type="button" class="quiet" onClick={() => void act(`${path}:hide-memo`)}>
              {t("me.peer_hide")}
            </button>
          )}
        </div>
      ) : (
        <div class="row whole">
          {remindable && (
            <button type="button" onClick={() => void act(`${path}:remind`, t("me.peer_reminded"))}>
              {t("me.peer_remind")}
            </button>
          )}
          <button type="button" onClick={() => void act(`${path}:withdraw`, t("me.peer_withdrawn"))}>
            {t("me.peer_withdraw")}
          </button>
        </div>
      )}
      {paying && !isAdult && (
        <div class="whole notice warn stack tight">
          <p>{t("problem.peer_adult_needed")}</p>
          <button type="button" onClick={() => void act("/v1/sending:declare", "", { is_adult: true })}>
            {t("me.peer_adult")}
          </button>
        </div>
      )}
      {paying && isAdult && (
        <div class="whole">
          <WithPin
            act={t("me.peer_send_act", { amount: sum })}
            needsCode={needsCode}
            currency={currency}
            onPin={async (transfer_id, proof) => {
              try {
                await shopper.api.ask(`${path}:accept`, { key: `${transfer_id} ${newId()}`, body: { transfer_id, ...proof } });
              } catch (problem) {
                setNeedsCode(needsCode || isStepUp(problem));
                throw problem;
              }
              onDone(t("me.peer_sent", { amount: sum, who }));
            }}
          />
        </div>
      )}
    </li>
  );
}

function isStepUp(problem: unknown): boolean {
  return (problem as { code?: string }).code === "step_up_required";
}
