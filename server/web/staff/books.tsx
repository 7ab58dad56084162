/** The days of the shop for whoever keeps its books: what each closing holds, and the act that closes today. */

import { useRef, useState } from "preact/hooks";
import { newId } from "../lib/api.ts";
import { Confirm } from "../parts/confirm.tsx";
import { crew } from "../parts/crew.tsx";
import { byCode, t } from "../parts/crew_words.ts";
import { useLoaded } from "../parts/loaded.ts";
import { Trouble } from "../parts/trouble.tsx";
import { amount, minute } from "../parts/words.ts";

interface Closing {
  closing_id: string;
  number: number;
  currency: string;
  closed_at: string;
  closed_by: string;
  first_ticket: number;
  last_ticket: number;
  tickets: number;
  refunds: number;
  sold_minor: number;
  refunded_minor: number;
  total_minor: number;
  running_total_minor: number;
  tenders: { tender: string; amount_minor: number }[];
  hash: string;
}

export function Books() {
  const { value, error, again } = useLoaded(() => crew.api.ask<{ items: Closing[] }>("/v1/closings"));
  const [refusal, setRefusal] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const attempt = useRef<string | null>(null); // the same until it is answered: a day is closed once
  const close = async (): Promise<void> => {
    attempt.current ??= newId();
    setAsking(false);
    setBusy(true);
    setRefusal(null);
    try {
      await crew.api.ask("/v1/closings", { key: attempt.current, body: { closing_id: attempt.current } });
      attempt.current = null;
      again();
    } catch (problem) {
      setRefusal(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="stack">
      <div class="card stack">
        <p>{t("books.text")}</p>
        {refusal !== null && <Trouble error={refusal} />}
        <div class="row">
          <button type="button" class="primary" disabled={busy || value === null} onClick={() => setAsking(true)}>
            {t("books.close")}
          </button>
        </div>
        <Confirm
          open={asking}
          title={t("books.sure")}
          text={t("books.text")}
          act={t("books.close")}
          onAct={() => void close()}
          onClose={() => setAsking(false)}
        />
      </div>
      {error !== null && <Trouble error={error} onRetry={again} />}
      {value?.items.length === 0 && <p class="lead">{t("books.none")}</p>}
      {value?.items.map((one) => <Day key={one.closing_id} closing={one} />)}
    </section>
  );
}

function Day({ closing }: { closing: Closing }) {
  const money = (minor: number): string => amount(minor, closing.currency);
  return (
    <article class="card stack">
      <div class="row ends">
        <h2>{t("books.day", { number: closing.number })}</h2>
        <strong class="money">{money(closing.total_minor)}</strong>
      </div>
      <p class="soft">{t("books.closed", { time: minute(closing.closed_at), by: closing.closed_by })}</p>
      <p>
        {t("books.sold", { count: closing.tickets, amount: money(closing.sold_minor) })}
        {closing.refunds > 0 && ` ${t("books.refunded", { count: closing.refunds, amount: money(closing.refunded_minor) })}`}
      </p>
      <ul class="plain">
        {closing.tenders.map((one) => (
          <li key={one.tender} class="row ends">
            <span>{byCode("ticket", `tender.${one.tender}`, undefined, "ticket.tender.other")}</span>
            <span class="money">{money(one.amount_minor)}</span>
          </li>
        ))}
      </ul>
      <p class="soft small">
        {t("books.running", { amount: money(closing.running_total_minor) })} <code>{closing.hash.slice(0, 16)}…</code>
      </p>
    </article>
  );
}
