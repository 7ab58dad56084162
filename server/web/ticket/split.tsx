/** Share a ticket: tap who took part in each line, and each friend is asked for their part. */

import { useState } from "preact/hooks";
import { Field } from "../lib/field.tsx";
import { shopper } from "../me/account.ts";
import { refusal, shown, type Asked, type Between, type Contact } from "../me/between.ts";
import { useAttempt } from "../parts/attempt.ts";
import type { Line } from "../parts/lines.tsx";
import { useLoaded } from "../parts/loaded.ts";
import { phoneNumber } from "../parts/phone.ts";
import { amount, t } from "../parts/words.ts";
import type { GivenBack } from "./give_back.tsx";

const MOST_FRIENDS = 7;
const ME = -1;

interface Friend {
  label: string;
  to: { phone: string } | { contact_id: string };
}

export interface SplitProps {
  ticketId: string;
  lines: Line[];
  refunds: GivenBack[];
  currency: string;
}

/** A line with what was paid for it, less what came back. */
interface Due {
  line_id: string;
  name: string;
  minor: number;
}

function duesOf(lines: Line[], refunds: GivenBack[]): Due[] {
  const back = (lineId: string): number =>
    refunds.flatMap((one) => one.lines).reduce((sum, line) => sum + (line.line_id === lineId ? line.amount_minor : 0), 0);
  return lines.map(({ line_id, name, gross_minor, adjustments }) => ({
    line_id,
    name,
    minor: adjustments.reduce((sum, one) => sum + one.amount_minor, gross_minor) - back(line_id),
  }));
}

/** Return what each friend owes: even shares of the lines that they took part in, without the cents that are left over. */
export function owed(lines: Due[], taken: Record<string, number[]>, friends: number): number[] {
  return Array.from({ length: friends }, (_unused, friend) =>
    lines.reduce((sum, line) => {
      const who = taken[line.line_id] ?? [];
      return who.includes(friend) ? sum + Math.floor(line.minor / who.length) : sum;
    }, 0),
  );
}

export function Split(props: SplitProps) {
  const [open, setOpen] = useState(false);
  if (shopper.pass.value === null) return null; // the way to sign in stands beneath, once
  return (
    <section class="card stack no-print" aria-labelledby="split">
      <h2 id="split">{t("ticket.split")}</h2>
      {open ? (
        <Sharing {...props} />
      ) : (
        <>
          <p>{t("ticket.split_text")}</p>
          <button type="button" onClick={() => setOpen(true)}>
            {t("ticket.split_begin")}
          </button>
        </>
      )}
    </section>
  );
}

function Sharing({ ticketId, lines: sold, refunds, currency }: SplitProps) {
  const lines = duesOf(sold, refunds);
  const { value: between } = useLoaded(() => shopper.api.ask<Between>("/v1/transfers"));
  const [friends, setFriends] = useState<Friend[]>([]);
  const [taken, setTaken] = useState<Record<string, number[]>>({});
  const [to, setTo] = useState("");
  const [bad, setBad] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState<Asked[] | null>(null);
  const attempt = useAttempt();
  const contacts = between?.contacts ?? [];
  const parts = owed(lines, taken, friends.length);
  const add = (friend: Friend): void => {
    if (friends.length < MOST_FRIENDS && friends.every((one) => one.label !== friend.label)) setFriends([...friends, friend]);
  };
  const addContact = (one: Contact): void => add({ label: one.name, to: { contact_id: one.contact_id } });
  const addTyped = (event: Event): void => {
    event.preventDefault();
    const known = contacts.find((one) => one.name.toLocaleLowerCase() === to.trim().toLocaleLowerCase());
    const phone = phoneNumber(to);
    setBad(known === undefined && phone === null);
    if (known !== undefined) addContact(known);
    else if (phone !== null) add({ label: `*** ${phone.slice(-4)}`, to: { phone } });
    else return;
    setTo("");
  };
  const tap = (lineId: string, who: number): void => {
    const before = taken[lineId] ?? [];
    setTaken({ ...taken, [lineId]: before.includes(who) ? before.filter((one) => one !== who) : [...before, who] });
  };
  const ask = async (): Promise<void> => {
    const takers = friends.map((friend, n) => ({ ...friend.to, line_ids: lines.map((line) => line.line_id).filter((id) => taken[id]?.includes(n)) }));
    const mine = lines.map((line) => line.line_id).filter((id) => taken[id]?.includes(ME));
    const wish = { ticket_id: ticketId, friends: takers.filter((one) => one.line_ids.length > 0), mine };
    const id = attempt.idOf(wish);
    setBusy(true);
    setError(null);
    try {
      const answer = await shopper.api.ask<{ items: Asked[] }>("/v1/splits", { key: id, body: { split_id: id, ...wish } });
      setAsked(answer.items);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  if (asked !== null) {
    return (
      <div class="notice good" role="status">
        {asked.map((one) => (
          <p key={one.request_id}>{t("me.peer_asked", { amount: amount(one.amount_minor, currency), who: shown(one.who, one.last4) })}</p>
        ))}
      </div>
    );
  }
  return (
    <>
      <form class="stack tight" noValidate onSubmit={addTyped}>
        <Field
          label={t("ticket.split_friend")}
          hint={t("me.peer_to_hint")}
          name="friend"
          autoComplete="off"
          value={to}
          onValue={setTo}
          error={bad ? t("problem.phone") : undefined}
        />
        <div class="row">
          <button type="submit" disabled={to.trim() === ""}>
            {t("ticket.split_add")}
          </button>
          {contacts
            .filter((one) => friends.every((friend) => friend.label !== one.name))
            .map((one) => (
              <button key={one.contact_id} type="button" onClick={() => addContact(one)}>
                {`+ ${one.name}`}
              </button>
            ))}
        </div>
      </form>
      {friends.length > 0 && (
        <>
          <h3>{t("ticket.split_who")}</h3>
          <ul class="plain stack">
            {lines.map((line) => (
              <li key={line.line_id} class="stack tight">
                <span class="row ends">
                  <span id={`split-${line.line_id}`}>{line.name}</span>
                  <span class="money">{amount(line.minor, currency)}</span>
                </span>
                <span class="row" role="group" aria-labelledby={`split-${line.line_id}`}>
                  {[...friends.map((friend, n) => [friend.label, n] as const), [t("ticket.split_me"), ME] as const].map(([label, who]) => (
                    <button key={who} type="button" aria-pressed={taken[line.line_id]?.includes(who) ?? false} onClick={() => tap(line.line_id, who)}>
                      {label}
                    </button>
                  ))}
                </span>
              </li>
            ))}
          </ul>
          <dl class="sums" aria-live="polite">
            {friends.map((friend, n) => (
              <div key={friend.label}>
                <dt>{friend.label}</dt>
                <dd class="money">{amount(parts[n] ?? 0, currency)}</dd>
              </div>
            ))}
          </dl>
          {error !== null && (
            <p class="notice bad" role="alert">
              {refusal(error, currency)}
            </p>
          )}
          <button type="button" class="primary" disabled={busy || parts.every((minor) => minor === 0)} onClick={() => void ask()}>
            {t("ticket.split_act")}
          </button>
        </>
      )}
    </>
  );
}
