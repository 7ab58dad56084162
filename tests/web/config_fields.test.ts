/** Settings as they are typed and read back: nothing changes by being shown, and nothing is guessed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { changesOf, entriesOf, FIELDS, pathOf, requested, wanted, type Held } from "../../server/web/staff/config_fields.ts";

const HELD: Held = {
  rules: { add_ons: ["977+II"], layouts: ["21IIIIIWWWWWC", "22IIIIIPPPPPC"], max_off_bp: 10000, tender_order: ["voucher", "cashback", "main"], offline: { person_day_minor: 3000, kiosk_day_minor: 30000 } },
  limits: Object.fromEntries(FIELDS.filter((field) => field.part === "limits").map((field) => [field.name, field.kind === "money_or_none" ? null : 250])),
};

test("nothing changes when what holds is shown and read back", () => {
  assert.deepEqual(changesOf(HELD, entriesOf(HELD)), { changes: [], unread: [] });
});

test("a cent and a hundredth of a per cent are kept when they are typed either way", () => {
  for (const text of ["40.01", "40,01"]) {
    const { changes } = changesOf(HELD, { ...entriesOf(HELD), "limits.single_minor": text, "limits.check_base_bp": text });
    assert.deepEqual(changes.map((one) => one.after), [4001, 4001]);
  }
});

test("each entry that is nothing of its kind is named, and an empty one where nothing may stand is nothing", () => {
  const entries = { ...entriesOf(HELD), "limits.single_minor": "12.345", "limits.payments": "1.5", "limits.own_refund_days": "", "limits.refund_alone_minor": "" };
  const { changes, unread } = changesOf(HELD, entries);
  assert.deepEqual(unread, ["limits.single_minor", "limits.payments", "limits.own_refund_days"]);
  assert.deepEqual(changes, []);
});

test("all that shall hold is sent, and what holds is not touched", () => {
  const { changes } = changesOf(HELD, { ...entriesOf(HELD), "rules.offline.person_day_minor": "0", "rules.tender_order": "main, voucher,cashback" });
  const all = wanted(HELD, changes);
  assert.deepEqual(all.rules["offline"], { person_day_minor: 0, kiosk_day_minor: 30000 });
  assert.deepEqual(all.rules["tender_order"], ["main", "voucher", "cashback"]);
  assert.deepEqual((HELD.rules["offline"] as Record<string, number>)["person_day_minor"], 3000);
  assert.deepEqual(all.limits, HELD.limits);
});

test("a group that a request names whole is told field by field", () => {
  const told = [
    { field: "rules.offline", before: { person_day_minor: 3000, kiosk_day_minor: 30000 }, after: { person_day_minor: 3000, kiosk_day_minor: 0 } },
    { field: "limits.payments", before: 5, after: 3 },
  ];
  assert.deepEqual(requested(told).map((one) => [pathOf(one.field), one.before, one.after]), [
    ["limits.payments", 5, 3],
    ["rules.offline.kiosk_day_minor", 30000, 0],
  ]);
});
