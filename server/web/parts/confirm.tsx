/** Ask once more before something that cannot be taken back lightly. */

import type { ComponentChildren } from "preact";
import { Dialog } from "../lib/dialog.tsx";
import { t } from "./words.ts";

export interface ConfirmProps {
  open: boolean;
  title: string;
  text: string;
  act: string;
  keep?: string;
  danger?: boolean;
  onAct: () => void;
  onClose: () => void;
  /** What is asked besides, such as the PIN. */
  children?: ComponentChildren;
}

export function Confirm({ open, title, text, act, keep, danger = false, onAct, onClose, children }: ConfirmProps) {
  return (
    <Dialog
      open={open}
      title={title}
      onClose={onClose}
      actions={
        <>
          <button type="button" onClick={onClose}>
            {keep ?? t("act.cancel")}
          </button>
          <button type="button" class={danger ? "danger" : "primary"} onClick={onAct}>
            {act}
          </button>
        </>
      }
    >
      <div class="stack">
        <p>{text}</p>
        {children}
      </div>
    </Dialog>
  );
}
