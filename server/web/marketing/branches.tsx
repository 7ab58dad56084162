/** The places from which most came, and how to close one: its links end, and its unused coupons if asked. */

import { useState } from "preact/hooks";
import { Dialog } from "../lib/dialog.tsx";
import { Field } from "../lib/field.tsx";
import { crew } from "../parts/crew.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { t } from "../parts/crew_words.ts";
import type { Campaign } from "./campaign.ts";

export interface Branch {
  node: string;
  generation: number;
  children: number;
}

export function Branches({ campaign, branches, onCut }: { campaign: Campaign; branches: Branch[]; onCut: () => void }) {
  const [asked, setAsked] = useState<Branch | null>(null);
  const [reason, setReason] = useState("");
  const [withCoupons, setWithCoupons] = useState(false);
  const [bad, setBad] = useState(false);
  const [said, setSaid] = useState("");
  const [error, setError] = useState<unknown>(null);
  const cut = async (): Promise<void> => {
    setBad(reason.trim() === "");
    if (asked === null || reason.trim() === "") return;
    setError(null);
    try {
      const path = `/v1/campaigns/${campaign.campaign_id}/branches/${encodeURIComponent(asked.node)}:revoke`;
      const body = { reason: reason.trim(), with_coupons: withCoupons };
      const done = await crew.api.ask<{ links_closed: number; coupons_revoked: number }>(path, { body });
      setSaid(t("marketing.branch.done", { links: done.links_closed, coupons: done.coupons_revoked }));
      setAsked(null);
      setReason("");
      onCut();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <section class="stack tight" aria-label={t("marketing.branch.title")}>
      <h3>{t("marketing.branch.title")}</h3>
      {branches.length === 0 && <p class="soft">{t("marketing.branch.none")}</p>}
      <ul class="plain stack tight branches">
        {branches.map((branch) => (
          <li key={branch.node}>
            <span>{t("marketing.branch.one", { node: branch.node, generation: branch.generation, children: branch.children })}</span>
            <button type="button" class="danger" aria-label={t("marketing.branch.cut_one", { node: branch.node })} onClick={() => setAsked(branch)}>
              {t("marketing.branch.cut")}
            </button>
          </li>
        ))}
      </ul>
      <p role="status" class={said === "" ? "visually-hidden" : "notice"}>
        {said}
      </p>
      <Dialog
        open={asked !== null}
        title={t("marketing.branch.sure", { node: asked?.node ?? "" })}
        onClose={() => setAsked(null)}
        actions={
          <>
            <button type="button" class="quiet" onClick={() => setAsked(null)}>
              {t("act.cancel")}
            </button>
            <button type="button" class="danger" onClick={() => void cut()}>
              {t("marketing.branch.cut")}
            </button>
          </>
        }
      >
        {error !== null && <Trouble error={error} />}
        <p>{t("marketing.branch.sure_text")}</p>
        <Field
          label={t("marketing.branch.reason")}
          name="reason"
          maxLength={200}
          value={reason}
          onValue={setReason}
          error={bad && reason.trim() === "" ? t("problem.required") : undefined}
        />
        <label class="choice">
          <input type="checkbox" checked={withCoupons} onChange={(event) => setWithCoupons(event.currentTarget.checked)} />
          <span>{t("marketing.branch.with_coupons")}</span>
        </label>
      </Dialog>
    </section>
  );
}
