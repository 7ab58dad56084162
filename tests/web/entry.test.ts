import assert from "node:assert/strict";
import { test } from "node:test";
import { accepted, allComplete, type EntrySpec, nextOpen, shown, walletCodeIn } from "../../kiosk/ui/web/entry.ts";

const PHONE: EntrySpec = { id: "phone", kind: "phone", length: 20, least: 8 };
const PIN: EntrySpec = { id: "pin", kind: "pin", length: 6, least: 4 };
const CODE: EntrySpec = { id: "code", kind: "code8", length: 8, least: 8 };

test("a field keeps only what belongs there when anything is typed", () => {
  assert.equal(accepted(PIN, "12a3-45678"), "123456");
  assert.equal(accepted(PHONE, "+33 6+12.34"), "+3361234");
});

test("a phone number is shown in pairs and stays the same when shown text is read back", () => {
  assert.equal(shown(PHONE, "0612345678"), "06 12 34 56 78");
  assert.equal(shown(PHONE, accepted(PHONE, shown(PHONE, "0612345678"))), "06 12 34 56 78");
  assert.equal(shown(CODE, "12345678"), "1234 5678");
  assert.equal(accepted(CODE, "1234 5678"), "12345678");
});

test("the next open field is found when one is done, round the form", () => {
  const specs = [PHONE, PIN];
  assert.equal(nextOpen(specs, { phone: "0612345678" }, "phone"), "pin");
  assert.equal(nextOpen(specs, { pin: "1234" }, "pin"), "phone");
  assert.equal(nextOpen(specs, { phone: "0612345678", pin: "1234" }, "pin"), null);
  assert.equal(allComplete(specs, { phone: "0612345678", pin: "123" }), false);
});

test("eight digits are read when a scanner types a payment code into a field", () => {
  assert.equal(walletCodeIn("SESAME:W:12345678"), "12345678");
  assert.equal(walletCodeIn("0612345678"), null);
});
