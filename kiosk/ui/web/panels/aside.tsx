/** A basket that was put aside: its code for another till, its page for the phone. */

import { Qr } from "../../../../server/web/lib/qr.tsx";
import { Heading } from "../parts.tsx";
import type { Panel, Screen } from "../screen.ts";
import { act, can } from "../state.ts";
import { t, timeOnly } from "../words.ts";

export function Aside({ panel, screen }: { panel: Extract<Panel, { name: "aside" }>; screen: Screen }) {
  return (
    <div class="panel receipt">
      <Heading title={t("aside.title")} lead={t("aside.lead", { time: timeOnly(panel.expires_at) })} />
      <div class="tickets">
        <section class="card first">
          <h2>{t("aside.code")}</h2>
          <Qr text={panel.code} label={t("aside.code")} />
        </section>
        <section class="card">
          <h2>{t("aside.phone")}</h2>
          <Qr text={screen.kiosk.server_url + panel.url} label={t("aside.phone")} />
        </section>
      </div>
      <div class="actions-bar">
        <span class="spring" />
        {can("new_visit") && (
          <button type="button" class="primary big" onClick={() => void act("new_visit")}>
            {t("aside.finish")}
          </button>
        )}
      </div>
    </div>
  );
}
