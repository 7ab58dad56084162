/** The balance, money added with the sandbox card, and the code to pay with. */

import { useEffect, useRef, useState } from "preact/hooks";
import { useSecondsLeft } from "../lib/countdown.ts";
import { Qr } from "../lib/qr.tsx";
import { useAttempt } from "../parts/attempt.ts";
import { Trouble } from "../parts/trouble.tsx";
import { amount, byCode, countdown, t } from "../parts/words.ts";
import { shopper, type Account } from "./account.ts";

const TOP_UPS_MINOR = [1000, 2000, 5000]; // round notes; a sandbox card needs no more choice

const ASK_AFTER_MS = 2000; // the provider's notice is there within seconds
const ASKS = 15;

interface TopUp {
  status: string;
  amount_minor: number;
  balance_minor: number;
  pay_url?: string | null;
}

interface PayCode {
  code: string;
  text: string;
  expires_at: string;
}

export function Balance({ account, onChanged }: { account: Account; onChanged: () => void }) {
  const [said, setSaid] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const attempt = useAttempt();
  const add = async (minor: number): Promise<void> => {
    // After a lost answer the same button sends the same id: the money comes once.
    const id = attempt.idOf(minor);
    setBusy(true);
    setError(null);
    try {
      const answer = await shopper.api.ask<TopUp>("/v1/topups", { key: id, body: { topup_id: id, amount_minor: minor } });
      attempt.end();
      if (answer.pay_url) {
        location.assign(answer.pay_url); // the card is asked for there; it comes back with ?topup=
        return;
      }
      setSaid(t("me.top_up_done", { amount: amount(minor, account.currency), balance: amount(answer.balance_minor, account.currency) }));
      onChanged();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    const id = new URLSearchParams(location.search).get("topup");
    if (id === null) return;
    history.replaceState(null, "", location.pathname);
    let left = ASKS;
    const look = async (): Promise<void> => {
      try {
        const now = await shopper.api.ask<TopUp>(`/v1/topups/${encodeURIComponent(id)}`);
        if (now.status === "started" && --left > 0) timer = setTimeout(() => void look(), ASK_AFTER_MS);
        setSaid(byCode("me", `top_up_${now.status}`, { amount: amount(now.amount_minor, account.currency) }, "me.top_up_started"));
        if (now.status === "credited") onChanged();
      } catch (problem) {
        setError(problem);
      }
    };
    let timer = setTimeout(() => void look(), 0);
    return () => clearTimeout(timer);
  }, []);
  return (
    <section class="card stack balance" aria-labelledby="balance">
      <h2 id="balance">{t("me.balance")}</h2>
      <p class="money figure">{amount(account.balance_minor, account.currency)}</p>
      <div class="stack tight" role="group" aria-labelledby="top-up">
        <h3 id="top-up">{t("me.top_up")}</h3>
        <p class="small">{account.sandbox_cards ? t("me.top_up_text") : t("me.top_up_card")}</p>
        <div class="thirds">
          {TOP_UPS_MINOR.map((minor) => (
            <button key={minor} type="button" disabled={busy} onClick={() => void add(minor)}>
              {t("me.top_up_act", { amount: amount(minor, account.currency) })}
            </button>
          ))}
        </div>
      </div>
      {error !== null && <Trouble error={error} />}
      <p role="status" class={said === "" ? "visually-hidden" : "notice"}>
        {said}
      </p>
    </section>
  );
}

export function Pay() {
  const [code, setCode] = useState<PayCode | null>(null);
  const [error, setError] = useState<unknown>(null);
  const left = useSecondsLeft(code?.expires_at ?? null);
  const shown = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (code !== null) shown.current?.scrollIntoView({ block: "nearest" });
  }, [code]);
  const show = async (): Promise<void> => {
    setError(null);
    try {
      setCode(await shopper.api.ask<PayCode>("/v1/wallets/me/codes", { method: "POST" }));
    } catch (problem) {
      setError(problem);
    }
  };
  const over = code !== null && left === 0;
  return (
    <section class="card stack pay" aria-labelledby="pay">
      <h2 id="pay">{t("me.pay")}</h2>
      <p>{t("me.pay_text")}</p>
      {error !== null && <Trouble error={error} />}
      {code === null ? (
        <button type="button" class="accent big" onClick={() => void show()}>
          {t("me.pay_act")}
        </button>
      ) : (
        <div ref={shown} class="stack code" role="status">
          {over ? (
            <p class="notice warn">{t("me.pay_over")}</p>
          ) : (
            <>
              <Qr text={code.text} label={t("me.pay_alt", { code: code.code })} />
              <p class="code-text">{`${code.code.slice(0, 4)} ${code.code.slice(4)}`}</p>
              {/* A clock that speaks every second would drown the page: screen readers hear the code, then its end. */}
              <p class="chip warn" aria-live="off">
                {t("me.pay_left", { time: countdown(left ?? 0) })}
              </p>
            </>
          )}
          <div class="row">
            <button type="button" onClick={() => setCode(null)}>
              {t("me.pay_hide")}
            </button>
            <button type="button" class={over ? "primary" : ""} onClick={() => void show()}>
              {t("me.pay_renew")}
            </button>
          </div>
        </div>
      )}
    </section>
  );
}
