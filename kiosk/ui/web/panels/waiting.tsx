/** Panels on which the shopper only waits: paying, checking after an interruption, a colleague at the desk, at rest. */

import { Actions, Emoji, Heading } from "../parts.tsx";
import type { Panel } from "../screen.ts";
import { find, t } from "../words.ts";

export function Paying({ panel }: { panel: Extract<Panel, { name: "paying" | "checking" }> }) {
  const checking = panel.name === "checking";
  return (
    <div class="panel waiting">
      <div class="middle">
      <span class="spinner" aria-hidden="true" />
      <Heading
        title={checking ? t("paying.checking") : t("paying.title")}
        lead={checking ? t("paying.checking_more") : t("paying.lead")}
      />
      {panel.stuck && (
        <p class="notice info" role="status" data-say>
          {t("paying.stuck")}
        </p>
      )}
      <p class="case">
        <span class="soft">{t("paying.case")}</span> <b>{panel.case_number}</b>
      </p>
      </div>
    </div>
  );
}

export function Desk({ panel }: { panel: Extract<Panel, { name: "desk" }> }) {
  return (
    <div class="panel waiting">
      <div class="middle">
      <Heading title={t("desk.title")} lead={t("desk.lead", { amount_minor: panel.amount_minor })} />
      <Emoji emoji={panel.emoji} />
      <p class="soft">{t("desk.wait")}</p>
      </div>
      <Actions />
    </div>
  );
}

export function Paused({ panel }: { panel: Extract<Panel, { name: "paused" }> }) {
  return (
    <div class="panel waiting">
      <div class="middle">
        <span class="rest" aria-hidden="true">
          ☾
        </span>
        <Heading title={t("paused.title")} lead={t("paused.lead")} />
        {panel.reason !== null && <p class="chip">{find("paused", panel.reason) ?? t("paused.closed")}</p>}
      </div>
    </div>
  );
}

export function OutOfOrder({ panel }: { panel: Extract<Panel, { name: "out_of_order" }> }) {
  return (
    <div class="panel waiting">
      <div class="middle">
      <span class="rest" aria-hidden="true">
        ☾
      </span>
      <Heading title={t("out_of_order.title")} lead={t("out_of_order.lead")} />
      {panel.reason !== "" && <p class="chip">{find("out_of_order", panel.reason) ?? panel.reason}</p>}
      </div>
    </div>
  );
}
