/** What managers do beside helping: kiosks and gates are paired and shut out, a second person agrees. */

import { useState } from "preact/hooks";
import { Field } from "../lib/field.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { crew, isMe } from "../parts/crew.tsx";
import { useLoaded } from "../parts/loaded.ts";
import { Trouble } from "../parts/trouble.tsx";
import { byCode, t } from "../parts/crew_words.ts";
import { amount, minute } from "../parts/words.ts";
import { Changes, Config } from "./config.tsx";
import { requested } from "./config_fields.ts";
import { Counters } from "./counters.tsx";
import { TicketRefund } from "./refund.tsx";

interface Kiosk {
  kiosk_id: string;
  name: string;
}

interface Waiting {
  request_id: string;
  kind: string;
  asked_by: string;
  asked_at: string;
  amount_minor: number | null;
  reason: string;
  /** What settings would change; empty for a refund. */
  changes: { field: string; before: unknown; after: unknown }[];
}

export function Manage() {
  const [error, setError] = useState<unknown>(null);
  const [asked, setAsked] = useState(0);
  const [decided, setDecided] = useState<{ turn: number; verb: Verb | null; cash: string | null }>({ turn: 0, verb: null, cash: null });
  const guard = async (work: () => Promise<void>): Promise<void> => {
    setError(null);
    try {
      await work();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <div class="stack">
      {error !== null && <Trouble error={error} />}
      {decided.verb !== null && (
        <p class="notice good" role="status">
          {t(`manage.done_${decided.verb}`)} {decided.cash !== null && <strong>{t("merchant.back_cash", { amount: decided.cash })}</strong>}
        </p>
      )}
      <Requests key={asked} guard={guard} onDecided={(verb, cash) => setDecided(({ turn }) => ({ turn: turn + 1, verb, cash }))} />
      {crew.pass.value?.roles.includes("admin") && <Config turn={decided.turn} onAsked={() => setAsked(asked + 1)} />}
      {crew.pass.value?.roles.includes("staff_manager") && <TicketRefund onAsked={() => setAsked(asked + 1)} />}
      <Devices guard={guard} />
      <Counters guard={guard} />
      <section class="card stack" aria-labelledby="sign">
        <h3 id="sign">{t("manage.sign")}</h3>
        <p class="soft">{t("manage.sign_text")}</p>
        <a class="button" href="/sign" target="_blank">
          {t("manage.sign_act")}
        </a>
      </section>
    </div>
  );
}

type Verb = "approve" | "refuse";
interface Decided {
  refund?: { paid_out_minor?: number; currency: string };
}
type Guard = (work: () => Promise<void>) => Promise<void>;

function Devices({ guard }: { guard: Guard }) {
  const { value, again } = useLoaded(() => crew.api.ask<{ items: Kiosk[] }>("/v1/kiosks"));
  const [name, setName] = useState("");
  const [kind, setKind] = useState<"kiosk" | "gate">("kiosk");
  const [made, setMade] = useState<{ code: string; qr: string; expires_at: string } | null>(null);
  const [out, setOut] = useState<Kiosk | null>(null);
  const invite = (event: Event): Promise<void> => {
    event.preventDefault();
    return guard(async () => setMade(await crew.api.ask("/v1/pairing-codes", { body: { kind, name: name.trim() } })));
  };
  const shutOut = (kiosk: Kiosk): Promise<void> =>
    guard(async () => {
      setOut(null);
      await crew.api.ask(`/v1/kiosks/${encodeURIComponent(kiosk.kiosk_id)}:revoke`, { body: { reason: "staff page" } });
      again();
    });
  return (
    <section class="card stack" aria-labelledby="devices">
      <h3 id="devices">{t("manage.devices")}</h3>
      <form class="stack" noValidate onSubmit={(event) => void invite(event)}>
        <Field label={t("manage.device_name")} name="device" value={name} onValue={setName} />
        <div class="row" role="group" aria-label={t("manage.device_kind")}>
          {(["kiosk", "gate"] as const).map((one) => (
            <button key={one} type="button" aria-pressed={kind === one} onClick={() => setKind(one)}>
              {t(`manage.kind.${one}`)}
            </button>
          ))}
        </div>
        <button type="submit" class="primary" disabled={name.trim() === ""}>
          {t("manage.pair")}
        </button>
      </form>
      {made !== null && (
        <div class="notice good stack" role="status">
          <p>
            {t("manage.code", { until: minute(made.expires_at) })} <b class="lead">{made.code}</b>
          </p>
          <img class="qr" src={made.qr} alt={t("manage.code_qr")} />
        </div>
      )}
      <ul class="plain stack">
        {value?.items.map((kiosk) => (
          <li key={kiosk.kiosk_id} class="row ends">
            <span>{kiosk.name}</span>
            <button type="button" class="danger" onClick={() => setOut(kiosk)}>
              {t("manage.revoke")}
            </button>
          </li>
        ))}
      </ul>
      <Confirm
        open={out !== null}
        title={t("manage.revoke_title", { name: out?.name ?? "" })}
        text={t("manage.revoke_text")}
        act={t("manage.revoke")}
        danger
        onAct={() => out !== null && void shutOut(out)}
        onClose={() => setOut(null)}
      />
    </section>
  );
}

function Requests({ guard, onDecided }: { guard: Guard; onDecided: (verb: Verb, cash: string | null) => void }) {
  const { value, again } = useLoaded(() => crew.api.ask<{ items: Waiting[] }>("/v1/requests"));
  const decide = (one: Waiting, verb: Verb): Promise<void> =>
    guard(async () => {
      const { refund } = await crew.api.ask<Decided>(`/v1/requests/${one.request_id}:${verb}`, { method: "POST" });
      onDecided(verb, refund?.paid_out_minor ? amount(refund.paid_out_minor, refund.currency) : null);
      again();
    });
  if (value === null || value.items.length === 0) return null;
  return (
    <section class="card stack" aria-labelledby="requests">
      <h3 id="requests">{t("manage.requests")}</h3>
      <p class="soft">{t("manage.requests_text")}</p>
      <ul class="plain stack">
        {value.items.map((one) => (
          <li key={one.request_id} class="stack">
            <span>
              {t("manage.asked", { who: one.asked_by, what: one.amount_minor === null ? byCode("manage", `kind_of.${one.kind}`, undefined, "manage.title") : amount(one.amount_minor), reason: one.reason })}
            </span>
            {one.changes.length > 0 && <Changes changes={requested(one.changes)} />}
            <span class="row">
              <button type="button" onClick={() => void decide(one, "refuse")}>
                {t("manage.refuse")}
              </button>
              {!isMe(one.asked_by) && (
                <button type="button" class="primary" onClick={() => void decide(one, "approve")}>
                  {t("manage.approve")}
                </button>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
