/** The dialog to type what a camera could not read: the digits of an item, or a coupon's code. */

import { useState } from "preact/hooks";
import { Dialog } from "../../../server/web/lib/dialog.tsx";
import { EntryForm } from "./entry_form.tsx";
import { act, can } from "./state.ts";
import { t } from "./words.ts";

export function TypeCode({ open, onClose, coupon = false }: { open: boolean; onClose: () => void; coupon?: boolean }) {
  const [asCoupon, setAsCoupon] = useState(coupon);
  const [entries, setEntries] = useState({ product: "", coupon: "" });
  const done = (): void => {
    if (asCoupon) void act("apply_coupon", { code: entries.coupon.trim().toUpperCase() });
    else void act("scan", { code: entries.product });
    setEntries({ product: "", coupon: "" });
    onClose();
  };
  return (
    <Dialog
      open={open}
      title={t("type.title")}
      onClose={onClose}
      actions={
        <>
          <button type="button" onClick={onClose}>
            {t("app.back")}
          </button>
          <button type="submit" form="type-code" class="primary">
            {t("type.add")}
          </button>
        </>
      }
    >
      {can("apply_coupon") && can("scan") && (
        <div class="tabs" role="group" aria-label={t("type.title")}>
          <button type="button" aria-pressed={!asCoupon} onClick={() => setAsCoupon(false)}>
            {t("type.product")}
          </button>
          <button type="button" aria-pressed={asCoupon} onClick={() => setAsCoupon(true)}>
            {t("type.coupon")}
          </button>
        </div>
      )}
      <EntryForm
        id="type-code"
        fields={
          asCoupon
            ? [{ id: "coupon", kind: "letters", length: 40, least: 4, label: t("type.coupon_label") }]
            : [{ id: "product", kind: "digits", length: 24, least: 3, label: t("type.product_label") }]
        }
        entries={entries}
        onEntries={(next) => setEntries({ product: next["product"] ?? "", coupon: next["coupon"] ?? "" })}
        onDone={done}
      />
    </Dialog>
  );
}
