/** The codes on the counters: made, printed, asked for an amount, withdrawn; and the picture that payers see. */

import { useState } from "preact/hooks";
import { Dialog } from "../lib/dialog.tsx";
import { Field } from "../lib/field.tsx";
import { minorOf } from "../lib/money.ts";
import { Qr } from "../lib/qr.tsx";
import { useAttempt } from "../parts/attempt.ts";
import { Confirm } from "../parts/confirm.tsx";
import { crew } from "../parts/crew.tsx";
import { t } from "../parts/crew_words.ts";
import { useLoaded } from "../parts/loaded.ts";
import { Trouble } from "../parts/trouble.tsx";
import { amount } from "../parts/words.ts";
import { smaller } from "./picture.ts";
import { base } from "./sales.ts";

export interface Code {
  code_id: string;
  name: string;
  /** Where its page is on this server. */
  path: string;
}

interface Codes {
  items: Code[];
  picture_sha256: string | null;
  suspended_at: string | null;
}

interface Link {
  path: string;
  amount_minor: number;
}

const VAT = ["standard", "intermediate", "reduced", "super_reduced"] as const;
export const whole = (path: string): string => new URL(path, location.origin).href;
/** What a code's picture is asked for at; the page is the code's own, so the address needs no token of ours. */
export const pictureOf = (path: string, sha256: string): string => `${path.replace("/p/", "/v1/counters/")}/picture?v=${sha256.slice(0, 16)}`;

export function CounterCodes({ currency, onPrint }: { currency: string; onPrint: (code: Code, picture: string | null) => void }) {
  const { value: codes, error, again } = useLoaded(() => crew.api.ask<Codes>(`${base()}/codes`));
  const [failed, setFailed] = useState<unknown>(null);
  const [leaving, setLeaving] = useState<Code | null>(null);
  const [asking, setAsking] = useState<Code | null>(null);
  const isOwner = crew.pass.value?.roles.includes("merchant_owner") ?? false;
  const act = async (work: () => Promise<unknown>): Promise<void> => {
    setFailed(null);
    try {
      await work();
      again();
    } catch (problem) {
      setFailed(problem);
    }
  };
  const withdraw = (code: Code): Promise<void> => {
    setLeaving(null);
    return act(() => crew.api.ask(`${base()}/codes/${code.code_id}:withdraw`, { method: "POST" }));
  };
  const shown = codes?.items[0] !== undefined && codes.picture_sha256 !== null ? pictureOf(codes.items[0].path, codes.picture_sha256) : null;
  return (
    <section class="card stack codes" aria-labelledby="codes">
      <h2 id="codes">{t("merchant.codes")}</h2>
      <p class="soft">{t("merchant.codes_text")}</p>
      {error !== null && <Trouble error={error} onRetry={again} />}
      {failed !== null && <Trouble error={failed} />}
      {codes !== null && codes.suspended_at !== null && (
        <p class="notice warn" role="alert">
          {t("merchant.suspended")}
        </p>
      )}
      {codes !== null && (
        <ul class="plain stack tight">
          {codes.items.map((code) => (
            <li key={code.code_id} class="row ends">
              <strong>{code.name}</strong>
              <span class="row">
                <button type="button" class="primary" aria-label={t("merchant.code_print_of", { name: code.name })} onClick={() => onPrint(code, shown)}>
                  {t("merchant.code_print")}
                </button>
                <button type="button" aria-label={t("merchant.code_ask_of", { name: code.name })} onClick={() => setAsking(code)}>
                  {t("merchant.code_ask")}
                </button>
                {isOwner && (
                  <button type="button" class="danger" aria-label={t("merchant.code_withdraw_of", { name: code.name })} onClick={() => setLeaving(code)}>
                    {t("merchant.code_withdraw")}
                  </button>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
      {codes !== null && isOwner && <NewCode act={act} />}
      {codes !== null && isOwner && <Picture shown={shown} has={codes.picture_sha256 !== null} act={act} />}
      <Confirm
        open={leaving !== null}
        title={t("merchant.code_withdraw_of", { name: leaving?.name ?? "" })}
        text={t("merchant.code_withdraw_text")}
        act={t("merchant.code_withdraw")}
        danger
        onAct={() => leaving !== null && void withdraw(leaving)}
        onClose={() => setLeaving(null)}
      />
      {asking !== null && <AskAmount code={asking} currency={currency} onClose={() => setAsking(null)} />}
    </section>
  );
}

type Act = (work: () => Promise<unknown>) => Promise<void>;

function NewCode({ act }: { act: Act }) {
  const [name, setName] = useState("");
  const [vat, setVat] = useState<string>("standard");
  const [bad, setBad] = useState(false);
  const attempt = useAttempt();
  const make = (event: Event): void => {
    event.preventDefault();
    setBad(name.trim() === "");
    if (name.trim() === "") return;
    const wish = { name: name.trim(), vat_class: vat };
    const id = attempt.idOf(wish);
    void act(async () => {
      await crew.api.ask(`${base()}/codes`, { key: id, body: { code_id: id, ...wish } });
      attempt.end();
      setName("");
    });
  };
  return (
    <form class="stack tight" noValidate onSubmit={make}>
      <h3>{t("merchant.code_new")}</h3>
      <div class="sheet">
        <Field label={t("merchant.code_name")} hint={t("merchant.code_name_hint")} name="counter" maxLength={40} value={name} onValue={setName} error={bad ? t("problem.required") : undefined} />
        <div class="field">
          <label for="code-vat">{t("merchant.code_vat")}</label>
          <select id="code-vat" value={vat} onChange={(event) => setVat(event.currentTarget.value)}>
            {VAT.map((one) => (
              <option key={one} value={one}>
                {t(`staff.vat.${one}`)}
              </option>
            ))}
          </select>
        </div>
        <button type="submit">{t("merchant.code_make")}</button>
      </div>
    </form>
  );
}

function Picture({ shown, has, act }: { shown: string | null; has: boolean; act: Act }) {
  const chosen = (event: Event & { currentTarget: HTMLInputElement }): void => {
    const input = event.currentTarget;
    const file = input.files?.[0];
    if (file === undefined) return;
    void act(async () => crew.api.ask(`${base()}/picture`, { method: "PUT", body: { picture: await smaller(file) } })).then(() => (input.value = ""));
  };
  return (
    <div class="stack tight">
      <h3>{t("merchant.picture")}</h3>
      <p class="small soft">{t("merchant.picture_text")}</p>
      {shown !== null && <img class="shop-picture" src={shown} alt={t("merchant.picture_alt")} width="960" height="600" />}
      <div class="field">
        <label for="picture">{t("merchant.picture_choose")}</label>
        <input id="picture" type="file" accept="image/jpeg,image/png,image/webp" onChange={chosen} />
      </div>
      {has && (
        <button type="button" onClick={() => void act(() => crew.api.ask(`${base()}/picture`, { method: "DELETE" }))}>
          {t("merchant.picture_drop")}
        </button>
      )}
    </div>
  );
}

/** A code for one sum, shown on this screen or sent as a link; nobody can change what it asks for. */
function AskAmount({ code, currency, onClose }: { code: Code; currency: string; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [bad, setBad] = useState(false);
  const [link, setLink] = useState<Link | null>(null);
  const [error, setError] = useState<unknown>(null);
  const ask = async (event: Event): Promise<void> => {
    event.preventDefault();
    const minor = minorOf(typed);
    setBad(minor === null || minor === 0);
    setError(null);
    if (minor === null || minor === 0) return;
    try {
      setLink(await crew.api.ask<Link>(`${base()}/codes/${code.code_id}:ask`, { body: { amount_minor: minor } }));
    } catch (problem) {
      setError(problem);
    }
  };
  const said = link === null ? "" : amount(link.amount_minor, currency);
  return (
    <Dialog
      open
      title={t("merchant.code_ask_of", { name: code.name })}
      onClose={onClose}
      actions={
        <button type="button" onClick={onClose}>
          {t("act.close")}
        </button>
      }
    >
      {error !== null && <Trouble error={error} />}
      {link === null ? (
        <form class="stack" noValidate onSubmit={(event) => void ask(event)}>
          <Field
            label={t("merchant.ask_amount")}
            name="amount"
            inputMode="decimal"
            autoComplete="off"
            value={typed}
            onValue={setTyped}
            error={bad ? t("problem.required") : undefined}
          />
          <button type="submit" class="primary">
            {t("merchant.ask_act")}
          </button>
        </form>
      ) : (
        <div class="share" role="status">
          <p class="lead">{t("merchant.ask_shown", { amount: said })}</p>
          <Qr text={whole(link.path)} label={t("merchant.ask_alt", { amount: said })} />
          <div class="field">
            <label for="ask-link">{t("share.link")}</label>
            <input id="ask-link" readOnly value={whole(link.path)} onFocus={(event) => event.currentTarget.select()} />
          </div>
        </div>
      )}
    </Dialog>
  );
}
