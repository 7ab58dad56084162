/** Something is not as it should be: goods of one's own ticket, a reason, and the money goes back or a person is asked. */

import { useState } from "preact/hooks";
import { shopper } from "../me/account.ts";
import { useAttempt } from "../parts/attempt.ts";
import type { Line } from "../parts/lines.tsx";
import { Pieces } from "../parts/pieces.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { amount, t } from "../parts/words.ts";

const REASONS = ["damaged", "not_received", "wrong_item", "changed_mind"] as const;
type Reason = (typeof REASONS)[number];

export interface GivenBack {
  refund_id: string;
  lines: { line_id: string; quantity: number; amount_minor: number }[];
  amount_minor: number;
}

export interface GiveBackProps {
  ticketId: string;
  lines: Line[];
  refunds: GivenBack[];
  currency: string;
  onDone: () => void;
}

interface Answer {
  amount_minor: number;
  /** Why a person decides; absent where the money is back. */
  why?: string;
}

export function GiveBack({ ticketId, lines, refunds, currency, onDone }: GiveBackProps) {
  const [open, setOpen] = useState(false);
  const [pieces, setPieces] = useState<Record<string, number>>({});
  const [reason, setReason] = useState<Reason | null>(null);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const attempt = useAttempt();
  const gone = (lineId: string): number =>
    refunds.flatMap((one) => one.lines).reduce((sum, line) => sum + (line.line_id === lineId ? line.quantity : 0), 0);
  const left = lines.map((line) => ({ line, most: line.quantity - gone(line.line_id) })).filter(({ most }) => most > 0);
  const chosen = left.map(({ line }) => ({ line_id: line.line_id, quantity: pieces[line.line_id] ?? 0 })).filter(({ quantity }) => quantity > 0);
  const send = async (): Promise<void> => {
    const wish = { ticket_id: ticketId, lines: chosen, reason };
    const id = attempt.idOf(wish);
    setBusy(true);
    setError(null);
    try {
      setAnswer(await shopper.api.ask<Answer>("/v1/customers/me/refunds", { key: id, body: { refund_id: id, ...wish } }));
      setPieces({});
      setOpen(false);
      onDone();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="card stack no-print give-back" aria-labelledby="give-back">
      <h2 id="give-back">{t("ticket.back")}</h2>
      {answer !== null && (
        <p class={answer.why === undefined ? "notice good" : "notice"} role="status">
          {t(answer.why === undefined ? "ticket.back_done" : "ticket.back_asked", { amount: amount(answer.amount_minor, currency) })}
        </p>
      )}
      {error !== null && <Trouble error={error} />}
      {shopper.pass.value === null ? (
        <>
          <p>{t("ticket.back_sign_in")}</p>
          <a class="button" href="/me">
            {t("ticket.back_me")}
          </a>
        </>
      ) : left.length === 0 ? (
        <p>{t("ticket.back_all")}</p>
      ) : !open ? (
        <>
          <p>{t("ticket.back_text")}</p>
          <button type="button" onClick={() => setOpen(true)}>
            {t("ticket.back_begin")}
          </button>
        </>
      ) : (
        <>
          <h3>{t("ticket.back_which")}</h3>
          <Pieces lines={left.map(({ line, most }) => ({ id: line.line_id, label: line.name, most }))} chosen={pieces} onChosen={setPieces} />
          <h3 id="give-back-why">{t("ticket.back_why")}</h3>
          <div class="row" role="group" aria-labelledby="give-back-why">
            {REASONS.map((one) => (
              <button key={one} type="button" aria-pressed={reason === one} onClick={() => setReason(one)}>
                {t(`ticket.back_${one}`)}
              </button>
            ))}
          </div>
          <button type="button" class="primary" disabled={busy || reason === null || chosen.length === 0} onClick={() => void send()}>
            {t("ticket.back_act")}
          </button>
        </>
      )}
    </section>
  );
}
