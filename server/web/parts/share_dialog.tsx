/** Pass a link on: the phone's own share sheet where there is one, else QR, link and copy. */

import { useState } from "preact/hooks";
import { Dialog } from "../lib/dialog.tsx";
import { Qr } from "../lib/qr.tsx";
import { t } from "./words.ts";

/** Offer the link to the phone's share sheet. False where there is none or it failed: show the dialog then. */
export async function shareNatively(url: string, title: string): Promise<boolean> {
  if (!("share" in navigator)) return false;
  try {
    await navigator.share({ title, url });
    return true;
  } catch (error) {
    // Closing the sheet is an answer; any other failure leaves the dialog as the way.
    return error instanceof DOMException && error.name === "AbortError";
  }
}

export function ShareDialog({ url, onClose }: { url: string | null; onClose: () => void }) {
  const [copied, setCopied] = useState(false);
  const close = (): void => {
    setCopied(false);
    onClose();
  };
  const copy = async (): Promise<void> => {
    if (url === null) return;
    try {
      await navigator.clipboard.writeText(url);
    } catch {
      // Without a secure page there is no clipboard: the selected text is copied the old way.
      const input = document.querySelector<HTMLInputElement>("#share-link");
      input?.select();
      document.execCommand("copy");
    }
    setCopied(true);
  };
  return (
    <Dialog
      open={url !== null}
      title={t("share.title")}
      onClose={close}
      actions={
        <>
          <button type="button" onClick={close}>
            {t("act.close")}
          </button>
          <button type="button" class="primary" onClick={() => void copy()}>
            {copied ? t("share.copied") : t("share.copy")}
          </button>
        </>
      }
    >
      {url !== null && (
        <div class="share">
          <p>{t("share.text")}</p>
          <Qr text={url} label={t("share.qr_alt")} />
          <div class="field">
            <label for="share-link">{t("share.link")}</label>
            <input id="share-link" readOnly value={url} onFocus={(event) => event.currentTarget.select()} />
          </div>
          <p class="visually-hidden" role="status">
            {copied ? t("share.copied") : ""}
          </p>
        </div>
      )}
    </Dialog>
  );
}
