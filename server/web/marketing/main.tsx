/** `/marketing`: campaigns with their budget and funnel, live; and the form for a new one. */

import "./marketing.css";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { listen } from "../lib/events.ts";
import { Confirm } from "../parts/confirm.tsx";
import { crew, CrewSignIn, NoRole, storeId } from "../parts/crew.tsx";
import { useLoaded } from "../parts/loaded.ts";
import { FirstFactor } from "../parts/security.tsx";
import { LiveChip } from "../parts/live_chip.tsx";
import { Shell } from "../parts/shell.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { t } from "../parts/crew_words.ts";
import { amount } from "../parts/words.ts";
import type { Campaign, CampaignState, Verb } from "./campaign.ts";
import { CampaignCard } from "./card.tsx";
import { CampaignForm } from "./form.tsx";
import { TryIt } from "./try_it.tsx";

const GATHER_MS = 250; // a burst of coupon events asks for the list once
const ORDER: CampaignState[] = ["live", "paused", "test", "draft", "ended"];

function MarketingPage() {
  const pass = crew.pass.value;
  if (pass === null) return <Shell title={t("marketing.title")}>{<CrewSignIn title={t("marketing.sign_in")} />}</Shell>;
  if (pass.must_enrol) return <Shell title={t("security.title")}>{<FirstFactor />}</Shell>;
  if (!pass.roles.some((role) => role === "marketer" || role === "marketing_lead")) return <Shell title={t("marketing.title")}>{<NoRole text={t("marketing.no_role")} />}</Shell>;
  return <Campaigns />;
}

function Campaigns() {
  const { value, error, again } = useLoaded(() => crew.api.ask<{ items: Campaign[] }>("/v1/campaigns"));
  const [linked, setLinked] = useState(false);
  const [creating, setCreating] = useState(false);
  const [edited, setEdited] = useState<Campaign | null>(null);
  const [tried, setTried] = useState<Campaign | null>(null);
  const [asked, setAsked] = useState<{ campaign: Campaign; verb: Verb } | null>(null);
  const [said, setSaid] = useState("");
  const [refusal, setRefusal] = useState<unknown>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const gather = (): void => {
      clearTimeout(timer);
      timer = setTimeout(again, GATHER_MS);
    };
    const listening = listen(`/v1/stores/${encodeURIComponent(storeId())}/events`, {
      token: crew.token,
      onLink: (open) => {
        setLinked(open);
        if (open) gather();
      },
      onRefused: crew.expire,
      onEvent: ({ event }) => {
        if (event.startsWith("coupon.") || event === "campaign.changed" || event === "payment.captured") gather();
      },
    });
    return () => {
      clearTimeout(timer);
      listening.close();
    };
  }, []);
  const act = async (campaign: Campaign, verb: Verb): Promise<void> => {
    setAsked(null);
    setRefusal(null);
    try {
      await crew.api.ask(`/v1/campaigns/${campaign.campaign_id}:${verb}`, { method: "POST" });
      setSaid(t(`marketing.changed.${verb}`, { name: campaign.name }));
      again();
    } catch (problem) {
      setRefusal(problem);
    }
  };
  /** A draft opens as it is; one that was tried becomes a draft first, whose coupons in test stay with those who tried. */
  const edit = async (campaign: Campaign): Promise<void> => {
    setRefusal(null);
    try {
      if (campaign.state === "test") await crew.api.ask(`/v1/campaigns/${campaign.campaign_id}:edit`, { method: "POST" });
      setEdited(campaign);
      setCreating(true);
    } catch (problem) {
      setRefusal(problem);
    }
  };
  const close = (): void => {
    setCreating(false);
    setEdited(null);
    again();
  };
  const campaigns = [...(value?.items ?? [])].sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state));
  return (
    <Shell
      title={t("marketing.title")}
      wide
      tools={
        <>
          <LiveChip linked={linked} />
          <button type="button" onClick={crew.close}>
            {t("act.sign_out")}
          </button>
        </>
      }
    >
      <div class="stack">
        <div class="row ends">
          <h1>{t("marketing.title")}</h1>
          {!creating && (
            <button type="button" class="accent" onClick={() => setCreating(true)}>
              {t("marketing.new")}
            </button>
          )}
        </div>
        <p role="status" class={said === "" ? "visually-hidden" : "notice"}>
          {said}
        </p>
        {refusal !== null && <Trouble error={refusal} />}
        {error !== null && <Trouble error={error} onRetry={again} />}
        {creating && (
          <CampaignForm
            before={edited}
            onClose={close}
            onSaved={(campaign) => {
              setSaid(t("marketing.form.created", { name: campaign.name }));
              close();
            }}
          />
        )}
        {value === null && error === null && <p role="status">{t("state.loading")}</p>}
        {value !== null && campaigns.length === 0 && !creating && (
          <div class="card stack narrow">
            <p class="lead">{t("marketing.none")}</p>
            <p class="soft">{t("marketing.none_text")}</p>
          </div>
        )}
        {!creating && (
          <ul class="plain campaigns">
            {campaigns.map((campaign) => (
              <CampaignCard
                key={campaign.campaign_id}
                campaign={campaign}
                onVerb={(verb) => setAsked({ campaign, verb })}
                onEdit={() => void edit(campaign)}
                onTry={() => setTried(campaign)}
              />
            ))}
          </ul>
        )}
      </div>
      <TryIt campaign={tried} onTried={again} onClose={() => setTried(null)} />
      <Confirm
        open={asked !== null}
        title={asked === null ? "" : t(`marketing.sure.${asked.verb}`, { name: asked.campaign.name })}
        text={asked === null ? "" : t(`marketing.sure.${asked.verb}_text`, { budget: amount(asked.campaign.budget_minor) })}
        act={asked === null ? "" : t(`marketing.${asked.verb}`)}
        danger={asked?.verb === "end"}
        onAct={() => asked !== null && void act(asked.campaign, asked.verb)}
        onClose={() => setAsked(null)}
      />
    </Shell>
  );
}

render(<MarketingPage />, document.getElementById("page")!);
