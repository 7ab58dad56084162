/** A draft in the hands of a few people: who they are, and the coupon that each of them has. */

import { useState } from "preact/hooks";
import { Dialog } from "../lib/dialog.tsx";
import { crew } from "../parts/crew.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { t } from "../parts/crew_words.ts";
import type { Campaign } from "./campaign.ts";

export interface TryItProps {
  /** The draft that is tried; null while nobody asks. */
  campaign: Campaign | null;
  onTried: () => void;
  onClose: () => void;
}

export function TryIt({ campaign, onTried, onClose }: TryItProps) {
  const [phones, setPhones] = useState("");
  const [codes, setCodes] = useState<string[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const listed = phones.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const close = (): void => {
    setCodes(null);
    setPhones("");
    setError(null);
    onClose();
  };
  const send = async (): Promise<void> => {
    if (campaign === null) return;
    setBusy(true);
    setError(null);
    try {
      const path = `/v1/campaigns/${campaign.campaign_id}:test`;
      setCodes((await crew.api.ask<{ codes: string[] }>(path, { body: { phones: listed } })).codes);
      onTried();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={campaign !== null}
      title={t("marketing.try.title", { name: campaign?.name ?? "" })}
      onClose={close}
      actions={
        <>
          <button type="button" class="quiet" onClick={close}>
            {t("act.close")}
          </button>
          {codes === null && (
            <button type="button" class="primary" disabled={busy || listed.length === 0} onClick={() => void send()}>
              {t("marketing.try.go", { count: listed.length })}
            </button>
          )}
        </>
      }
    >
      {error !== null && <Trouble error={error} />}
      {codes === null ? (
        <label class="stack tight">
          <span>{t("marketing.try.phones")}</span>
          <textarea value={phones} onInput={(event) => setPhones(event.currentTarget.value)} inputMode="tel" />
          <span class="hint">{t("marketing.try.hint")}</span>
        </label>
      ) : (
        <div class="stack tight tested" role="status">
          <p>{t("marketing.try.done")}</p>
          <ul class="plain stack tight">
            {codes.map((code) => (
              <li key={code}>
                <code>{code}</code>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Dialog>
  );
}
