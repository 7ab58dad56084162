/** A manager gives back goods of a ticket that somebody brings: found by the number printed on it. */

import { useState } from "preact/hooks";
import { ProblemError } from "../lib/api.ts";
import { Field } from "../lib/field.tsx";
import { crew } from "../parts/crew.tsx";
import { t } from "../parts/crew_words.ts";
import { GiveBack, type Answer, type Detail } from "../parts/give_back.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { minute } from "../parts/words.ts";

interface Found extends Detail {
  ticket_id: string;
  ticket_number: number;
  issued_at: string;
}

export function TicketRefund({ onAsked }: { onAsked: () => void }) {
  const [number, setNumber] = useState("");
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const digits = number.replace(/\s/g, "");
  const find = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      setFound(await crew.api.ask<Found>(`/v1/tickets?number=${digits}`));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const isUnread = digits !== "" && !/^\d{1,15}$/.test(digits);
  const isNone = error instanceof ProblemError && error.code === "ticket_not_found";
  return (
    <section class="card stack" aria-labelledby="refund">
      <h3 id="refund">{t("refund.title")}</h3>
      {error !== null && !isNone && <Trouble error={error} />}
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (digits !== "" && !isUnread && !busy) void find();
        }}
      >
        <Field
          label={t("refund.number")}
          hint={t("refund.number_hint")}
          name="ticket"
          inputMode="numeric"
          autoComplete="off"
          value={number}
          onValue={(text) => {
            setNumber(text);
            setError(null);
          }}
          error={isUnread ? t("refund.unread") : isNone ? t("refund.none") : undefined}
        />
        <div class="row">
          <button type="submit" class="primary" disabled={busy || digits === "" || isUnread}>
            {t("refund.find")}
          </button>
        </div>
      </form>
      {found !== null && (
        <GiveBack
          key={found.ticket_id}
          number={found.ticket_number}
          note={t("refund.sold", { time: minute(found.issued_at) })}
          load={() => Promise.resolve(found)}
          send={async (id, lines, reason) => {
            const body = { refund_id: id, ticket_id: found.ticket_id, lines, reason };
            const answer = await crew.api.ask<Answer>("/v1/refunds", { key: id, body });
            if (answer.tenders === undefined) onAsked();
            return answer;
          }}
          asked={(sum) => t("refund.asked", { amount: sum })}
          onClose={() => setFound(null)}
        />
      )}
    </section>
  );
}
