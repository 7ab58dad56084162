/** One campaign: its fuel, its funnel, and what may be done with it. */

import { t } from "../parts/crew_words.ts";
import { amount, ends, pick } from "../parts/words.ts";
import { STEPS, VERBS, type Campaign, type Verb } from "./campaign.ts";
import { Worth } from "./worth.tsx";

const CHIPS: Record<Campaign["state"], string> = { draft: "chip", test: "chip warn", live: "chip good", paused: "chip warn", ended: "chip" };

export interface CardProps {
  campaign: Campaign;
  onVerb: (verb: Verb) => void;
  onEdit: () => void;
  onTry: () => void;
}

export function CampaignCard({ campaign, onVerb, onEdit, onTry }: CardProps) {
  const resumes = campaign.state === "paused";
  return (
    <li class="card stack campaign" data-campaign={campaign.campaign_id}>
      <div class="row ends">
        <h2>{campaign.name}</h2>
        <span class={CHIPS[campaign.state]}>{t(`marketing.state.${campaign.state}`)}</span>
      </div>
      <p>
        {pick(campaign.label)}
        <br />
        <span class="soft small">
          {t("marketing.window", ends(campaign.starts_at, campaign.ends_at))} · {t(`marketing.form.${campaign.share_mode}`)}
        </span>
      </p>
      <p class="small">{pick(campaign.says)}</p>
      <Gauge campaign={campaign} />
      <Funnel campaign={campaign} />
      <Worth campaign={campaign} />
      {VERBS[campaign.state].length > 0 && (
        <div class="row">
          {(campaign.state === "draft" || campaign.state === "test") && (
            <button type="button" onClick={onEdit}>
              {t("marketing.edit")}
            </button>
          )}
          {campaign.state === "draft" && (
            <button type="button" onClick={onTry}>
              {t("marketing.try")}
            </button>
          )}
          {VERBS[campaign.state].map((verb) => (
            <button key={verb} type="button" class={verb === "launch" ? "primary" : verb === "end" ? "danger" : ""} onClick={() => onVerb(verb)}>
              {t(verb === "launch" && resumes ? "marketing.resume" : `marketing.${verb}`)}
            </button>
          ))}
        </div>
      )}
    </li>
  );
}

function Gauge({ campaign }: { campaign: Campaign }) {
  const { budget_minor: budget, spent_minor: spent, reserved_minor: reserved } = campaign;
  const left = budget - spent - reserved;
  const part = (minor: number): { width: string } => ({ width: `${(100 * minor) / budget}%` });
  const facts = { spent: amount(spent), reserved: amount(reserved), left: amount(left), budget: amount(budget) };
  return (
    <div class="stack tight">
      <div class="gauge" role="img" aria-label={t("marketing.gauge", facts)}>
        <span class="spent" style={part(spent)} />
        <span class="reserved" style={part(reserved)} />
      </div>
      <dl class="fuel">
        <div class="spent">
          <dt>{t("marketing.spent")}</dt>
          <dd class="money">{facts.spent}</dd>
        </div>
        <div class="reserved">
          <dt>{t("marketing.reserved")}</dt>
          <dd class="money">{facts.reserved}</dd>
        </div>
        <div class="left">
          <dt>{t("marketing.left")}</dt>
          <dd class="money">{facts.left}</dd>
        </div>
        <div>
          <dt>{t("marketing.budget")}</dt>
          <dd class="money">{facts.budget}</dd>
        </div>
      </dl>
    </div>
  );
}

function Funnel({ campaign }: { campaign: Campaign }) {
  const most = Math.max(1, ...STEPS.map((step) => campaign.funnel[step]));
  return (
    <div class="stack tight">
      <h3>{t("marketing.funnel")}</h3>
      <dl class="funnel">
        {STEPS.map((step) => (
          <div key={step} class={step}>
            <dt>{t(`marketing.funnel.${step}`)}</dt>
            <dd>
              <span class="bar" style={{ width: `${(100 * campaign.funnel[step]) / most}%` }} aria-hidden="true" />
              <span class="money">{campaign.funnel[step]}</span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
