import assert from "node:assert/strict";
import { test } from "node:test";
import { LONGEST_GAP_MS, NO_KEYS, pressed } from "../../kiosk/ui/web/wedge.ts";

/** Type keys with the same pause before each; returns the codes that were recognised. */
function type(keys: string[], pauseMs: number): string[] {
  const codes: string[] = [];
  let wedge = NO_KEYS;
  let at = 1000;
  for (const key of keys) {
    at += pauseMs;
    const step = pressed(wedge, key, at);
    wedge = step.wedge;
    if (step.code !== null) codes.push(step.code);
  }
  return codes;
}

test("a code is caught when keys come as fast as a scanner types", () => {
  assert.deepEqual(type([..."3017620422003", "Enter"], 8), ["3017620422003"]);
});

test("nothing is caught when a person types the same digits", () => {
  assert.deepEqual(type([..."3017620422003", "Enter"], LONGEST_GAP_MS + 40), []);
});

test("nothing is caught when Enter alone presses a button", () => {
  assert.deepEqual(type(["Enter", "Tab", "Enter"], 5), []);
});

test("a QR text is whole when shift comes between its letters", () => {
  assert.deepEqual(type(["Shift", "S", "Shift", "E", "S", "A", "M", "E", ":", "W", ":", ..."12345678", "Enter"], 4), [
    "SESAME:W:12345678",
  ]);
});

test("two codes stay two when one scan follows the other at once", () => {
  assert.deepEqual(type([..."96385074", "Enter", ..."3017620422003", "Enter"], 3), ["96385074", "3017620422003"]);
});

test("a stray key long before is not part of the code", () => {
  const stray = pressed(NO_KEYS, "9", 0).wedge;
  let wedge = stray;
  let at = 5000;
  for (const key of "3017620422003") wedge = pressed(wedge, key, (at += 5)).wedge;
  assert.equal(pressed(wedge, "Enter", at + 5).code, "3017620422003");
});

test("noise without end is not kept", () => {
  assert.deepEqual(type([..."x".repeat(5000), "Enter"], 1), []);
});
