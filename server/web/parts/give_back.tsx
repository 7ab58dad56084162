/** Give back some goods of a sale: which and why; above what one may alone a manager is asked, and nothing moves yet. */

import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../lib/dialog.tsx";
import { Field } from "../lib/field.tsx";
import { useAttempt } from "./attempt.ts";
import { byCode, t } from "./crew_words.ts";
import { Pieces } from "./pieces.tsx";
import { Trouble } from "./trouble.tsx";
import { amount } from "./words.ts";

export interface Detail {
  currency: string;
  lines: { line_id: string; name: string; quantity: number; amount_minor: number; left: number }[];
  /** What one may give back alone today, where the store bounds it. */
  refund_left_minor?: number;
}

export interface Answer {
  amount_minor: number;
  /** Where the money went; absent where a manager decides first. */
  tenders?: { account: string; tender?: string; amount_minor: number }[];
  /** What the till hands out, as the account of whoever paid is closed. */
  paid_out_minor?: number;
}

export interface GiveBackProps {
  number: number;
  /** What else tells this sale from another. */
  note?: string;
  load: () => Promise<Detail>;
  send: (id: string, lines: { line_id: string; quantity: number }[], reason: string) => Promise<Answer>;
  /** What is said of a sum that somebody else decides about first. */
  asked: (sum: string) => string;
  onClose: () => void;
}

const LEAST_WORDS = 3;

export function GiveBack({ number, note, load: read, send: give, asked, onClose }: GiveBackProps) {
  const [detail, setDetail] = useState<Detail | null>(null);
  const [pieces, setPieces] = useState<Record<string, number>>({});
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const attempt = useAttempt();
  const load = async (): Promise<void> => {
    setError(null);
    try {
      setDetail(await read());
    } catch (problem) {
      setError(problem);
    }
  };
  useEffect(() => void load(), []);
  const left = detail?.lines.filter((line) => line.left > 0) ?? [];
  const chosen = left.map((line) => ({ line_id: line.line_id, quantity: pieces[line.line_id] ?? 0 })).filter(({ quantity }) => quantity > 0);
  const isFit = chosen.length > 0 && reason.trim().length >= LEAST_WORDS;
  const send = async (): Promise<void> => {
    setTried(true);
    if (!isFit) return;
    const why = reason.trim();
    const id = attempt.idOf({ lines: chosen, why });
    setBusy(true);
    setError(null);
    try {
      setAnswer(await give(id, chosen, why));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const said = (given: Answer): string => {
    const sum = amount(given.amount_minor, detail?.currency);
    if (given.tenders === undefined) return asked(sum);
    const ways = given.tenders.map((each) => byCode("merchant", `tender.${each.tender ?? each.account}`, undefined, "merchant.tender.till"));
    const done = t("merchant.back_done", { amount: sum, tenders: ways.join(" + ") });
    return given.paid_out_minor ? `${done} ${t("merchant.back_cash", { amount: amount(given.paid_out_minor, detail?.currency) })}` : done;
  };
  const canSend = answer === null && left.length > 0;
  return (
    <Dialog
      open
      title={t("merchant.back_title", { number })}
      onClose={onClose}
      actions={
        <>
          <button type="button" onClick={onClose}>
            {t("act.close")}
          </button>
          {canSend && (
            <button type="button" class="primary" disabled={busy} onClick={() => void send()}>
              {t("merchant.back_act")}
            </button>
          )}
        </>
      }
    >
      <div class="stack give-back">
        {note !== undefined && <p class="soft">{note}</p>}
        {detail === null && error === null && <p role="status">{t("state.loading")}</p>}
        {error !== null && <Trouble error={error} {...(detail === null ? { onRetry: () => void load() } : {})} />}
        {answer !== null && (
          <p class={answer.tenders === undefined ? "notice" : "notice good"} role="status">
            {said(answer)}
          </p>
        )}
        {detail !== null && left.length === 0 && answer === null && <p>{t("merchant.back_none")}</p>}
        {detail !== null && canSend && (
          <>
            {detail.refund_left_minor !== undefined && <p class="soft">{t("merchant.back_left", { amount: amount(detail.refund_left_minor, detail.currency) })}</p>}
            <h3>{t("merchant.back_which")}</h3>
            <Pieces
              lines={left.map((line) => ({
                id: line.line_id,
                label: t("merchant.back_pieces", { name: line.name, amount: amount(line.amount_minor, detail.currency) }),
                most: line.left,
              }))}
              chosen={pieces}
              onChosen={setPieces}
            />
            {tried && chosen.length === 0 && (
              <div class="field">
                <p class="error" role="alert">
                  {t("merchant.back_choose")}
                </p>
              </div>
            )}
            <Field
              label={t("merchant.back_why")}
              name="reason"
              maxLength={200}
              value={reason}
              onValue={setReason}
              hint={t("merchant.back_why_hint")}
              error={tried && reason.trim().length < LEAST_WORDS ? t("problem.required") : undefined}
            />
          </>
        )}
      </div>
    </Dialog>
  );
}
