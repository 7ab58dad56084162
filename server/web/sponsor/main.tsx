/** `/sponsor`: credit for many people; a list is looked at, kept, funded, sent, and what is unspent called back. */

import "./sponsor.css";
import { render } from "preact";
import { useState } from "preact/hooks";
import { Confirm } from "../parts/confirm.tsx";
import { crew, CrewSignIn, NoRole } from "../parts/crew.tsx";
import { Figure } from "../parts/figure.tsx";
import { useLoaded } from "../parts/loaded.ts";
import { FirstFactor } from "../parts/security.tsx";
import { Shell } from "../parts/shell.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { t } from "../parts/crew_words.ts";
import { amount, pick, until } from "../parts/words.ts";
import type { Batch, Report } from "./batch.ts";
import { NewList } from "./new_list.tsx";

type Verb = "fund" | "send" | "recall";
const VERBS: Record<Batch["state"], readonly Verb[]> = {
  draft: ["fund", "recall"],
  funded: ["send", "recall"],
  sent: ["recall"],
  closed: [],
};
const CHIPS: Record<Batch["state"], string> = { draft: "chip", funded: "chip warn", sent: "chip good", closed: "chip" };

function SponsorPage() {
  const pass = crew.pass.value;
  if (pass === null) return <Shell title={t("sponsor.title")}>{<CrewSignIn title={t("sponsor.sign_in")} />}</Shell>;
  if (pass.must_enrol) return <Shell title={t("security.title")}>{<FirstFactor />}</Shell>;
  if (!pass.roles.includes("sponsor_admin")) return <Shell title={t("sponsor.title")}>{<NoRole text={t("sponsor.no_role")} />}</Shell>;
  return <Batches />;
}

function Batches() {
  const { value, error, again } = useLoaded(() => crew.api.ask<{ items: Batch[] }>("/v1/credit-batches"));
  const [writing, setWriting] = useState(false);
  const [asked, setAsked] = useState<{ batch: Batch; verb: Verb } | null>(null);
  const [said, setSaid] = useState("");
  const [refusal, setRefusal] = useState<unknown>(null);
  const act = async ({ batch, verb }: { batch: Batch; verb: Verb }): Promise<void> => {
    setAsked(null);
    setRefusal(null);
    try {
      // A sandbox transfer: exactly the total, under a reference that is the batch's own.
      const body = verb === "fund" ? { amount_minor: batch.total_minor, reference: `sandbox ${batch.batch_id}` } : undefined;
      await crew.api.ask(`/v1/credit-batches/${batch.batch_id}:${verb}`, { method: "POST", body });
      setSaid(t(`sponsor.done.${verb}`, { name: pick(batch.name) }));
      again();
    } catch (problem) {
      setRefusal(problem);
    }
  };
  const batches = value?.items ?? [];
  const facts = asked === null ? {} : { name: pick(asked.batch.name), amount: amount(asked.batch.total_minor, asked.batch.currency), people: asked.batch.people };
  return (
    <Shell
      title={t("sponsor.title")}
      tools={
        <button type="button" onClick={crew.close}>
          {t("act.sign_out")}
        </button>
      }
    >
      <div class="stack">
        <div class="row ends">
          <h1>{t("sponsor.title")}</h1>
          {!writing && (
            <button type="button" class="accent" onClick={() => setWriting(true)}>
              {t("sponsor.new")}
            </button>
          )}
        </div>
        <p class="notice">{t("sponsor.sandbox")}</p>
        <p role="status" class={said === "" ? "visually-hidden" : "notice"}>
          {said}
        </p>
        {refusal !== null && <Trouble error={refusal} />}
        {error !== null && <Trouble error={error} onRetry={again} />}
        {writing && (
          <NewList
            onClose={() => setWriting(false)}
            onKept={(batch) => {
              setWriting(false);
              setSaid(t("sponsor.kept", { name: pick(batch.name) }));
              again();
            }}
          />
        )}
        {value === null && error === null && <p role="status">{t("state.loading")}</p>}
        {value !== null && batches.length === 0 && !writing && <p class="lead">{t("sponsor.none")}</p>}
        <ul class="plain stack">
          {batches.map((batch) => (
            <Card key={batch.batch_id + batch.state} batch={batch} onVerb={(verb) => setAsked({ batch, verb })} />
          ))}
        </ul>
      </div>
      <Confirm
        open={asked !== null}
        title={asked === null ? "" : t(`sponsor.sure.${asked.verb}`, facts)}
        text={asked === null ? "" : t(`sponsor.sure.${asked.verb}_text`, facts)}
        act={asked === null ? "" : t(`sponsor.${asked.verb}`)}
        danger={asked?.verb === "recall"}
        onAct={() => asked !== null && void act(asked)}
        onClose={() => setAsked(null)}
      />
    </Shell>
  );
}

function Card({ batch, onVerb }: { batch: Batch; onVerb: (verb: Verb) => void }) {
  const [report, setReport] = useState<Report | null>(null);
  const [error, setError] = useState<unknown>(null);
  const say = (minor: number): string => amount(minor, batch.currency);
  const load = async (): Promise<void> => {
    setError(null);
    try {
      setReport(await crew.api.ask<Report>(`/v1/credit-batches/${batch.batch_id}/report`));
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <li class="card stack" data-batch={batch.batch_id}>
      <div class="row ends">
        <h2>{pick(batch.name)}</h2>
        <span class={CHIPS[batch.state]}>{t(`sponsor.state.${batch.state}`)}</span>
      </div>
      <p>
        {t("sponsor.facts", { people: batch.people, amount: say(batch.total_minor), date: until(batch.expires_at) })}
        <br />
        <span class="soft small">{batch.file_name}</span>
      </p>
      <div class="row">
        {VERBS[batch.state].map((verb) => (
          <button key={verb} type="button" class={verb === "recall" ? "danger" : "primary"} onClick={() => onVerb(verb)}>
            {t(verb === "recall" && batch.state !== "sent" ? "sponsor.drop" : `sponsor.${verb}`)}
          </button>
        ))}
        <button type="button" onClick={() => void load()}>
          {t("sponsor.report")}
        </button>
      </div>
      {error !== null && <Trouble error={error} />}
      {report !== null && (
        <div role="status">
        <dl class="figures">
          <Figure label={t("sponsor.balance")} value={say(report.balance_minor)} />
          <Figure label={t("sponsor.recalled")} value={say(report.recalled_minor)} />
          {report.is_told ? (
            <>
              <Figure label={t("sponsor.spent")} value={say(report.spent_minor ?? 0)} />
              <Figure label={t("sponsor.spenders")} value={String(report.people_who_spent)} />
              <Figure label={t("sponsor.shops")} value={String(report.shops)} />
              <Figure label={t("sponsor.new_customers")} value={report.new_customers === null ? "–" : String(report.new_customers)} />
            </>
          ) : (
            <div>
              <dt>{t("sponsor.spent")}</dt>
              <dd>{t("sponsor.few", { least: report.smallest_group })}</dd>
            </div>
          )}
        </dl>
        </div>
      )}
      {report !== null && <p class="soft small">{t("sponsor.privacy", { least: report.smallest_group })}</p>}
    </li>
  );
}

render(<SponsorPage />, document.getElementById("page")!);
