/** What a campaign has done: by count and by people, from friend to friend, and against those whom a draw left out. */

import { useState } from "preact/hooks";
import { newId } from "../lib/api.ts";
import { Qr } from "../lib/qr.tsx";
import { crew } from "../parts/crew.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { byCode, t } from "../parts/crew_words.ts";
import { amount, locale } from "../parts/words.ts";
import { Branches, type Branch } from "./branches.tsx";
import type { Campaign } from "./campaign.ts";

interface Funnel {
  steps: { name: string; count: number; people: number | null }[];
  k_factor: number | null;
  cycle_seconds: number | null;
  new_customers: number;
  cost_per_new_customer_minor: number | null;
}

interface Tree {
  generations: { generation: number; received: number; redeemed: number; k_factor: number | null }[];
  branches: Branch[];
}

interface Difference {
  difference: number;
  low: number;
  high: number;
  is_more_than_chance: boolean;
}

interface Lift {
  smallest_group: number;
  received: { people: number };
  held_out: { people: number };
  came_back: Difference | null;
  spent_minor: Difference | null;
}

interface Preflight {
  tickets: number;
  days_replayed: number;
  coupons_given: number;
  cost_minor: { low: number; likely: number; high: number };
  times_usual: number | null;
  is_alarming: boolean;
}

const percent = (part: number): string =>
  new Intl.NumberFormat(locale.value, { style: "percent", maximumFractionDigits: 1, signDisplay: "exceptZero" }).format(part);
const plain = (value: number | null): string =>
  value === null ? "–" : new Intl.NumberFormat(locale.value, { maximumFractionDigits: 2 }).format(value);
const HOUR_SECONDS = 3600;

export function Worth({ campaign }: { campaign: Campaign }) {
  const [told, setTold] = useState<{ funnel: Funnel; tree: Tree; lift: Lift } | null>(null);
  const [before, setBefore] = useState<Preflight | null>(null);
  const [link, setLink] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const base = `/v1/campaigns/${campaign.campaign_id}`;
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    setError(null);
    try {
      await act();
    } catch (problem) {
      setError(problem);
    }
  };
  const load = (): Promise<void> =>
    attempt(async () => {
      const [funnel, tree, lift] = await Promise.all([
        crew.api.ask<Funnel>(`${base}/funnel`),
        crew.api.ask<Tree>(`${base}/tree`),
        crew.api.ask<Lift>(`${base}/lift`),
      ]);
      setTold({ funnel, tree, lift });
    });
  const look = (): Promise<void> =>
    attempt(async () => setBefore(await crew.api.ask<Preflight>(`${base}:preflight`, { method: "POST" })));
  const open = (): Promise<void> =>
    attempt(async () => {
      const made = await crew.api.ask<{ url: string }>(`${base}/links`, { key: newId(), body: {} });
      setLink(new URL(made.url, location.origin).href);
    });
  return (
    <div class="stack tight worth">
      <div class="row">
        <button type="button" onClick={() => void load()}>
          {t("marketing.worth")}
        </button>
        {(campaign.state === "draft" || campaign.state === "test") && (
          <button type="button" onClick={() => void look()}>
            {t("marketing.preflight")}
          </button>
        )}
        {campaign.state === "live" && campaign.share_mode !== "gift" && (
          <button type="button" onClick={() => void open()}>
            {t("marketing.link")}
          </button>
        )}
      </div>
      {error !== null && <Trouble error={error} />}
      {before !== null && (
        <p class={before.is_alarming ? "notice warn" : "notice"} role="status">
          {t("marketing.preflight_says", {
            tickets: String(before.tickets),
            days: String(before.days_replayed),
            given: String(before.coupons_given),
            low: amount(before.cost_minor.low),
            likely: amount(before.cost_minor.likely),
            high: amount(before.cost_minor.high),
          })}
          {before.is_alarming && ` ${t("marketing.preflight_alarm", { times: plain(before.times_usual) })}`}
        </p>
      )}
      {link !== null && (
        <div class="stack tight" role="status">
          <Qr text={link} label={t("marketing.link_alt")} />
          <code class="link">{link}</code>
        </div>
      )}
      {told !== null && <Figures {...told} />}
      {told !== null && <Branches campaign={campaign} branches={told.tree.branches} onCut={() => void load()} />}
    </div>
  );
}

function Figures({ funnel, tree, lift }: { funnel: Funnel; tree: Tree; lift: Lift }) {
  const most = Math.max(1, ...tree.generations.map((each) => each.received));
  return (
    <div class="stack tight" role="status">
      <table>
        <caption>{t("marketing.steps")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("marketing.step")}</th>
            <th scope="col" class="money">{t("marketing.count")}</th>
            <th scope="col" class="money">{t("marketing.people")}</th>
          </tr>
        </thead>
        <tbody>
          {funnel.steps.map((step) => (
            <tr key={step.name}>
              <th scope="row">{byCode("marketing", `step.${step.name}`, undefined, "marketing.step.given")}</th>
              <td class="money">{step.count}</td>
              <td class="money">{step.people ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        {t("marketing.k", { k: plain(funnel.k_factor) })}
        <br />
        {t("marketing.cycle", { hours: plain(funnel.cycle_seconds === null ? null : funnel.cycle_seconds / HOUR_SECONDS) })}
        <br />
        {t("marketing.new_customers", { count: String(funnel.new_customers) })}
        {funnel.cost_per_new_customer_minor !== null &&
          ` ${t("marketing.cost_per_new", { cost: amount(funnel.cost_per_new_customer_minor) })}`}
      </p>
      <h3>{t("marketing.generations")}</h3>
      {/* Each bar has its figure beside it and is hatched where coupons were used: nothing is told by colour alone. */}
      <dl class="funnel">
        {tree.generations.map((each) => (
          <div key={each.generation}>
            <dt>{each.generation === 0 ? t("marketing.from_shop") : t("marketing.generation", { n: String(each.generation) })}</dt>
            <dd>
              <span class="bar-of" style={{ width: `${(100 * each.received) / most}%` }} aria-hidden="true">
                <span class="used" style={{ width: `${each.received ? (100 * each.redeemed) / each.received : 0}%` }} />
              </span>
              <span class="money">{t("marketing.received_used", { received: String(each.received), used: String(each.redeemed) })}</span>
            </dd>
          </div>
        ))}
      </dl>
      <h3>{t("marketing.lift")}</h3>
      {lift.came_back === null || lift.spent_minor === null ? (
        <p>{t("marketing.lift_wait", { least: String(lift.smallest_group), in: String(lift.received.people), out: String(lift.held_out.people) })}</p>
      ) : (
        <p>
          {t("marketing.lift_back", { difference: percent(lift.came_back.difference), low: percent(lift.came_back.low), high: percent(lift.came_back.high) })}{" "}
          <strong>{lift.came_back.is_more_than_chance ? t("marketing.lift_sure") : t("marketing.lift_chance")}</strong>
          <br />
          {t("marketing.lift_spent", {
            difference: amount(Math.round(lift.spent_minor.difference)),
            low: amount(Math.round(lift.spent_minor.low)),
            high: amount(Math.round(lift.spent_minor.high)),
          })}
        </p>
      )}
    </div>
  );
}
