/** Having a face forgotten: as few steps as joining, and a receipt. */

import { useState } from "preact/hooks";
import { type EntryField, EntryForm } from "../entry_form.tsx";
import { PageQr } from "../page_qr.tsx";
import { Actions, Heading } from "../parts.tsx";
import type { Panel, Screen } from "../screen.ts";
import { act, can } from "../state.ts";
import { dateAndTime, t } from "../words.ts";
import { Fact, Finish } from "./enrol.tsx";

export function Withdraw() {
  const [entries, setEntries] = useState<Record<string, string>>({ phone: "", pin: "" });
  const fields: EntryField[] = [
    { id: "phone", kind: "phone", length: 20, least: 8, label: t("withdraw.phone") },
    { id: "pin", kind: "pin", length: 8, least: 4, label: t("withdraw.pin"), secret: true },
  ];
  const send = (): void => {
    void act("withdraw_confirm", entries);
    setEntries((before) => ({ ...before, pin: "" }));
  };
  return (
    <div class="panel code">
      <Heading title={t("withdraw.title")} lead={t("withdraw.lead")} />
      <EntryForm id="withdraw-form" fields={fields} entries={entries} onEntries={setEntries} onDone={send} />
      <Actions>
        <button
          type="submit"
          form="withdraw-form"
          class="danger big"
          disabled={!can("withdraw_confirm")}
        >
          {t("withdraw.confirm")}
        </button>
      </Actions>
    </div>
  );
}

export function Withdrawn({ panel, screen }: { panel: Extract<Panel, { name: "withdrawn" }>; screen: Screen }) {
  const none = panel.references === 0; // somebody asks who never joined, or asked before
  return (
    <div class="panel proof">
      <Heading
        title={t(none ? "withdraw.none_title" : "withdraw.done_title")}
        lead={none ? t("withdraw.none_lead") : t("withdraw.done_lead", { references: panel.references })}
      />
      <div class="slip">
        <dl>
        <Fact label={t("withdraw.at")} value={dateAndTime(panel.erased_at)} />
        <Fact label={t("withdraw.receipt")} value={panel.erasure_id} long />
        </dl>
      </div>
      <section class="card">
        <PageQr server={screen.kiosk.server_url} path={panel.receipt_url} label={t("withdraw.follow")} />
        <p>{t("withdraw.follow")}</p>
      </section>
      <Finish />
    </div>
  );
}
