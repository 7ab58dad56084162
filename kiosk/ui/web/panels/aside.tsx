/** A basket that was put aside: its code for another till, its page for the phone; without the store, itself as codes. */

import { Qr } from "../../../../server/web/lib/qr.tsx";
import { PageQr } from "../page_qr.tsx";
import { Heading } from "../parts.tsx";
import type { Panel, Screen } from "../screen.ts";
import { act, can } from "../state.ts";
import { t, timeOnly } from "../words.ts";

type Given = Extract<Panel, { name: "aside" }>;

export function Aside({ panel, screen }: { panel: Given; screen: Screen }) {
  return (
    <div class="panel receipt">
      {panel.expires_at === null ? <Texts texts={panel.texts} /> : <Code panel={panel} until={panel.expires_at} screen={screen} />}
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

function Code({ panel, until, screen }: { panel: Given; until: string; screen: Screen }) {
  return (
    <>
      <Heading title={t("aside.title")} lead={t("aside.lead", { time: timeOnly(until) })} />
      <div class="tickets">
        <section class="card first">
          <h2>{t("aside.code")}</h2>
          <Qr text={panel.code} label={t("aside.code")} />
        </section>
        <section class="card">
          <h2>{t("aside.phone")}</h2>
          <PageQr server={screen.kiosk.server_url} path={panel.url} label={t("aside.phone")} />
        </section>
      </div>
    </>
  );
}

function Texts({ texts }: { texts: string[] }) {
  return (
    <>
      <Heading title={t("aside.text_title")} lead={t("aside.text_lead", { count: texts.length })} />
      {/* Many codes scroll: whoever has only a keyboard must reach them. */}
      <div class="tickets texts" tabIndex={0} role="group" aria-label={t("aside.text_title")}>
        {texts.map((text, place) => (
          <section key={text} class="card">
            <h2>{t("aside.part", { number: place + 1, of: texts.length })}</h2>
            <Qr text={text} label={t("aside.part", { number: place + 1, of: texts.length })} />
          </section>
        ))}
      </div>
    </>
  );
}
