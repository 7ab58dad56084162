/** One call for help: what it is, who waits how long, who takes it, how it ends. */

import { useState } from "preact/hooks";
import { newId, ProblemError } from "../lib/api.ts";
import { Field } from "../lib/field.tsx";
import { minorOf } from "../lib/money.ts";
import { crew, isMe } from "../parts/crew.tsx";
import { now } from "../parts/now.ts";
import { Trouble } from "../parts/trouble.tsx";
import { byCode, t } from "../parts/crew_words.ts";
import { amount, labelled, span } from "../parts/words.ts";
import type { Call } from "./board.ts";
import { keep } from "./live.ts";

type Tender = "cash" | "card";
interface Taken {
  tender: Tender;
  amount_minor: number;
}
type Resolve = (resolution: "approved" | "refused", reason: string, taken?: Taken) => void;

export const typeOf = (call: Call): string => byCode("staff", `type.${call.type}`, undefined, "staff.type.help_requested");

export function CallCard({ call, kiosk, onDone }: { call: Call; kiosk: string; onDone: (said: string) => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [taken, setTaken] = useState<{ name: string; at: string } | null>(null);
  const mine = call.state === "claimed" && isMe(call.claimed_by);
  const send = async (verb: "claim" | "resolve", body?: object): Promise<Call | null> => {
    setBusy(true);
    setError(null);
    try {
      const answered = await crew.api.ask<Call>(`/v1/interventions/${call.intervention_id}:${verb}`, { method: "POST", body });
      keep(answered);
      return answered;
    } catch (problem) {
      if (problem instanceof ProblemError && problem.code === "intervention_taken") {
        setTaken({ name: String(problem.problem["by_name"] ?? problem.problem["by"]), at: String(problem.problem["at"]) });
      } else {
        setError(problem);
      }
      return null;
    } finally {
      setBusy(false);
    }
  };
  const resolve: Resolve = (resolution, reason, paid) => {
    void send("resolve", { resolution, reason, tender: paid?.tender ?? null, amount_minor: paid?.amount_minor ?? null }).then((answered) => {
      if (answered !== null) onDone(t(`staff.done_${resolution}`, { type: typeOf(call), kiosk }));
    });
  };
  const other = taken?.name ?? (call.state === "claimed" && !mine ? call.claimed_by : null);
  return (
    <li class={`call ${mine ? "mine" : other === null ? "free" : "others"}`}>
      <div class="row ends">
        <h3>{typeOf(call)}</h3>
        <strong>{kiosk}</strong>
      </div>
      <p class="soft">{t("staff.waiting", { time: span(now.value - Date.parse(call.opened_at)) })}</p>
      <Facts call={call} />
      <p>{byCode("staff", `do.${call.type}`, undefined, "staff.do.help_requested")}</p>
      {error !== null && <Trouble error={error} />}
      {taken !== null && (
        <p class="notice warn" role="alert">
          {t("staff.taken", { name: taken.name, time: span(now.value - Date.parse(taken.at)) })}
        </p>
      )}
      {taken === null && other !== null && <p class="chip">{t("staff.claimed_by", { name: other })}</p>}
      {other === null && !mine && (
        <button type="button" class="primary" disabled={busy} onClick={() => void send("claim")}>
          {t("staff.claim")}
        </button>
      )}
      {mine && (
        <fieldset class="stack" disabled={busy}>
          <p class="chip good">{t("staff.claimed_me")}</p>
          {call.type === "age_check" ? (
            <AgeAnswer age={call.detail.min_age ?? 18} resolve={resolve} />
          ) : call.type === "random_check" ? (
            <button type="button" class="primary" onClick={() => resolve("approved", t("staff.reason.checked"))}>
              {t("staff.check_done")}
            </button>
          ) : call.type === "payment_at_desk" || call.type === "offline_debt" ? (
            <PaymentAnswer total={call.detail.total_minor ?? 0} resolve={resolve} />
          ) : call.type === "pay_out" ? (
            <PayOutAnswer total={call.detail.total_minor ?? 0} resolve={resolve} />
          ) : call.type === "unknown_item" && call.detail.code !== undefined ? (
            <UnknownItemAnswer call={call} code={call.detail.code} resolve={resolve} />
          ) : (
            <PlainAnswer resolve={resolve} />
          )}
        </fieldset>
      )}
    </li>
  );
}

function Facts({ call }: { call: Call }) {
  const { product, min_age, total_minor, emoji, masked, code, look, sign } = call.detail;
  const name = typeof product === "string" ? product : product?.name;
  const more = typeof product === "object" ? [product.brand, product.pack].filter(Boolean).join(" · ") : "";
  return (
    <div class="facts">
      {min_age !== undefined && <span class="age">{t("staff.min_age", { age: min_age })}</span>}
      {name !== undefined && (
        <span>
          <strong>{name}</strong> {more !== "" && <span class="soft">{more}</span>}
        </span>
      )}
      {total_minor !== undefined && <strong class="money due">{amount(total_minor)}</strong>}
      {emoji !== undefined && emoji.length > 0 && (
        <span class="emoji" role="img" aria-label={labelled(t("staff.signs")) + emoji.join(" ")}>
          {emoji.join(" ")}
        </span>
      )}
      {masked !== undefined && <span>{masked}</span>}
      {look !== undefined && look.length > 0 && (
        <ul aria-label={t("staff.check_look")}>
          {look.map((line, place) => (
            <li key={place}>
              {line.quantity} × <strong>{line.name}</strong>
            </li>
          ))}
        </ul>
      )}
      {sign !== undefined && (
        <span>
          {labelled(t("staff.sign"))}
          <strong class="code-text">{sign}</strong>
        </span>
      )}
      {code !== undefined && (
        <span>
          {labelled(t("staff.item_code"))}
          <code>{code}</code>
        </span>
      )}
    </div>
  );
}

/** Two big buttons; the reason is the button, so that nothing more is written about a person. */
function AgeAnswer({ age, resolve }: { age: number; resolve: Resolve }) {
  return (
    <div class="two">
      <button type="button" class="danger" onClick={() => resolve("refused", t("staff.reason.age_refused"))}>
        {t("staff.age_no")}
      </button>
      <button type="button" class="primary" onClick={() => resolve("approved", t("staff.reason.age_seen"))}>
        {t("staff.age_yes", { age })}
      </button>
    </div>
  );
}

/** Money goes out only in cash, to whoever shows the code. */
function PayOutAnswer({ total, resolve }: { total: number; resolve: Resolve }) {
  return (
    <div class="two">
      <button type="button" class="danger" onClick={() => resolve("refused", t("staff.out_refuse"))}>
        {t("staff.out_refuse")}
      </button>
      <button type="button" class="accent" onClick={() => resolve("approved", t("staff.reason.handed_out"), { tender: "cash", amount_minor: total })}>
        {t("staff.out_confirm", { amount: amount(total) })}
      </button>
    </div>
  );
}

function PaymentAnswer({ total, resolve }: { total: number; resolve: Resolve }) {
  const [tender, setTender] = useState<Tender | null>(null);
  const [bad, setBad] = useState(false);
  const confirm = (): void => {
    if (tender === null) setBad(true);
    else resolve("approved", t("staff.reason.paid"), { tender, amount_minor: total });
  };
  return (
    <>
      <div role="group" aria-label={t("staff.pay_how")} class="two">
        {(["cash", "card"] as const).map((one) => (
          <button key={one} type="button" aria-pressed={tender === one} onClick={() => setTender(one)}>
            {t(`staff.pay_${one}`)}
          </button>
        ))}
      </div>
      {bad && tender === null && (
        <p class="notice bad" role="alert">
          {t("staff.pay_pick")}
        </p>
      )}
      <div class="two">
        <button type="button" class="danger" onClick={() => resolve("refused", t("staff.reason.unpaid"))}>
          {t("staff.pay_refuse")}
        </button>
        <button type="button" class="accent" onClick={confirm}>
          {t("staff.pay_confirm", { amount: amount(total) })}
        </button>
      </div>
    </>
  );
}

const VAT = ["reduced", "standard", "intermediate", "super_reduced"] as const;
/** What the shelf label says, typed once: every kiosk sells the item from then on, and this shopper gets it at once. */
function UnknownItemAnswer({ call, code, resolve }: { call: Call; code: string; resolve: Resolve }) {
  const known = typeof call.detail.product === "object" ? call.detail.product : undefined;
  const [name, setName] = useState(known?.name ?? "");
  const [price, setPrice] = useState("");
  const [vat, setVat] = useState<string>(call.detail.vat_class ?? "reduced");
  const [bad, setBad] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [key] = useState(newId);
  const minor = minorOf(price);
  const learn = async (): Promise<void> => {
    if (name.trim().length < 2 || minor === null || minor === 0) {
      setBad(true);
      return;
    }
    setError(null);
    try {
      const body = { code, name: name.trim(), unit_price_minor: minor, vat_class: vat, brand: known?.brand ?? "", pack: known?.pack ?? "" };
      await crew.api.ask("/v1/products:learn", { method: "POST", key: `${key}:${JSON.stringify(body).length}:${minor}`, body });
    } catch (problem) {
      // Somebody else has taught it meanwhile: then it is known, which is all that is wanted.
      if (!(problem instanceof ProblemError && problem.code === "code_known")) {
        setError(problem);
        return;
      }
    }
    resolve("approved", t("staff.learn.done"));
  };
  return (
    <>
      <b>{t("staff.learn.title")}</b>
      {error !== null && <Trouble error={error} />}
      <Field label={t("staff.learn.name")} maxLength={120} value={name} onValue={setName} error={bad && name.trim().length < 2 ? t("staff.learn.bad") : undefined} />
      <Field label={t("staff.learn.price")} inputMode="decimal" value={price} onValue={setPrice} error={bad && !minor ? t("staff.learn.bad") : undefined} />
      <div role="group" aria-label={t("staff.learn.vat")} class="two">
        {VAT.map((one) => (
          <button key={one} type="button" aria-pressed={vat === one} onClick={() => setVat(one)}>
            {t(`staff.vat.${one}`)}
          </button>
        ))}
      </div>
      <div class="two">
        <button type="button" class="danger" onClick={() => resolve("refused", t("staff.learn.no"))}>
          {t("staff.learn.no")}
        </button>
        <button type="button" class="primary" onClick={() => void learn()}>
          {t("staff.learn.add")}
        </button>
      </div>
    </>
  );
}

function PlainAnswer({ resolve }: { resolve: Resolve }) {
  const [reason, setReason] = useState(() => t("staff.reason.helped"));
  const [bad, setBad] = useState(false);
  const end = (resolution: "approved" | "refused"): void => {
    if (reason.trim() === "") setBad(true);
    else resolve(resolution, reason.trim());
  };
  return (
    <>
      <Field
        label={t("staff.reason")}
        hint={t("staff.reason_hint")}
        maxLength={200}
        value={reason}
        onValue={setReason}
        error={bad && reason.trim() === "" ? t("staff.reason_missing") : undefined}
      />
      <div class="two">
        <button type="button" onClick={() => end("refused")}>
          {t("staff.refuse")}
        </button>
        <button type="button" class="primary" onClick={() => end("approved")}>
          {t("staff.approve")}
        </button>
      </div>
    </>
  );
}
