/** Phone number or payment code, and the PIN. */

import { useEffect, useState } from "preact/hooks";
import { CameraWindow } from "../camera_window.tsx";
import { walletCodeIn } from "../entry.ts";
import { type EntryField, EntryForm } from "../entry_form.tsx";
import { Actions, Heading } from "../parts.tsx";
import type { Panel } from "../screen.ts";
import { act, can } from "../state.ts";
import { t } from "../words.ts";

const EMPTY = { phone: "", wallet_code: "", pin: "" };

type Given = Extract<Panel, { name: "code" }>;

export function Code({ panel }: { panel: Given }) {
  return panel.by_pass ? <ByPass shown={panel.pass_shown} /> : <WithShop panel={panel} />;
}

/** Without the store: first the pass of the phone, then its PIN. */
function ByPass({ shown }: { shown: boolean }) {
  const [entries, setEntries] = useState<Record<string, string>>({ pin: "" });
  const pin: EntryField = { id: "pin", kind: "pin", length: 8, least: 4, label: t("code.pin"), secret: true };
  const send = (): void => {
    void act("identify", { pin: entries["pin"] });
    setEntries({ pin: "" });
  };
  return (
    <div class="panel code">
      <Heading key={String(shown)} title={t("code.pass_title")} lead={shown ? t("code.pass_read") : t("code.pass_lead")} />
      {!shown && (
        <div class="pass-camera">
          <CameraWindow role="scan">
            <span class="aim" aria-hidden="true" />
          </CameraWindow>
        </div>
      )}
      {shown && <EntryForm id="code-form" fields={[pin]} entries={entries} onEntries={setEntries} onDone={send} />}
      <Actions>
        {shown && (
          <button type="submit" form="code-form" class="primary big" disabled={!can("identify")}>
            {t("code.check")} <span aria-hidden="true">›</span>
          </button>
        )}
      </Actions>
    </div>
  );
}

function WithShop({ panel }: { panel: Given }) {
  const prefilled = walletCodeIn(panel.prefilled_code ?? "") ?? panel.prefilled_code?.replace(/\D/g, "") ?? "";
  const [byCode, setByCode] = useState(prefilled !== "");
  const [entries, setEntries] = useState<Record<string, string>>({ ...EMPTY, wallet_code: prefilled });
  useEffect(() => {
    if (prefilled === "") return;
    setByCode(true);
    setEntries((before) => ({ ...before, wallet_code: prefilled }));
  }, [prefilled]);
  const first: EntryField = byCode
    ? { id: "wallet_code", kind: "code8", length: 8, least: 8, label: t("code.wallet_code") }
    : { id: "phone", kind: "phone", length: 20, least: 8, label: t("code.phone") };
  const pin: EntryField = { id: "pin", kind: "pin", length: 8, least: 4, label: t("code.pin"), secret: true };
  const send = (): void => {
    const way = byCode ? { wallet_code: entries["wallet_code"] } : { phone: entries["phone"] };
    void act("identify", { ...way, pin: entries["pin"] });
    // A PIN never stays on a screen that others will stand before.
    setEntries((before) => ({ ...before, pin: "" }));
  };
  return (
    <div class="panel code">
      <Heading title={t("code.title")} lead={prefilled === "" ? t("code.lead") : t("code.prefilled")} />
      <EntryForm id="code-form" key={`${byCode}${prefilled}`} fields={[first, pin]} entries={entries} onEntries={setEntries} onDone={send}>
        <div class="tabs" role="group" aria-label={t("code.title")}>
          <button type="button" aria-pressed={!byCode} onClick={() => setByCode(false)}>
            {t("code.by_phone")}
          </button>
          <button type="button" aria-pressed={byCode} onClick={() => setByCode(true)}>
            {t("code.by_code")}
          </button>
        </div>
      </EntryForm>
      <Actions>
        <button
          type="submit"
          form="code-form"
          class="primary big"
          disabled={!can("identify")}
        >
          {t("code.check")} <span aria-hidden="true">›</span>
        </button>
      </Actions>
    </div>
  );
}
