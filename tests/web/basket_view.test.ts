import assert from "node:assert/strict";
import { test } from "node:test";
import { cameraWords, freshScan, itemCount } from "../../kiosk/ui/web/basket_view.ts";
import type { Basket, BasketLine, Camera, LastScan, Screen } from "../../kiosk/ui/web/screen.ts";

const line = (quantity: number, weight_g: number | null = null): BasketLine => ({ quantity, weight_g }) as BasketLine;
const withScan = (last_scan: LastScan | null): Screen => ({ last_scan }) as Screen;
const scan = (id: number): LastScan => ({ id, outcome: "added", line_id: "l", code: "c" });

test("pieces are counted, a weighed item as one", () => {
  assert.equal(itemCount({ lines: [line(2), line(1, 842), line(3)] } as Basket), 6);
  assert.equal(itemCount(null), 0);
});

test("a scan is fresh once, and not when the page has just opened", () => {
  assert.equal(freshScan(null, withScan(scan(3))), null);
  assert.deepEqual(freshScan(withScan(null), withScan(scan(3))), scan(3));
  assert.equal(freshScan(withScan(scan(3)), withScan(scan(3))), null);
  assert.deepEqual(freshScan(withScan(scan(3)), withScan(scan(4))), scan(4));
});

test("what a camera sees is said for every state", () => {
  const camera = (facts: Partial<Camera>): Camera => ({ role: "face", state: "dark", sees: "nothing", lend: false, ...facts });
  assert.equal(cameraWords(camera({})), "face_dark");
  assert.equal(cameraWords(camera({ state: "on", sees: "face" })), "face_on");
  assert.equal(cameraWords(camera({ state: "browser", lend: false })), "face_dark");
  assert.equal(cameraWords(camera({ state: "browser", lend: true, sees: "face" })), "face_on");
  assert.equal(cameraWords(camera({ role: "scan", state: "on", sees: "bars" })), "scan_on");
  assert.equal(cameraWords(camera({ role: "scan", state: "on", sees: "face" })), "scan_face");
});
