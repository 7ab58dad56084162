import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "../../server/web/lib/api.ts";

test("an id that a page makes is a UUID 7 of this moment, and a later one is larger", async () => {
  const before = Date.now();
  const one = newId();
  assert.match(one, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const at = Number.parseInt(one.replaceAll("-", "").slice(0, 12), 16);
  assert.ok(before <= at && at <= Date.now());
  while (Date.now() === at) await new Promise(setImmediate);
  assert.ok(newId() > one);
});

test("a thousand ids of one moment are a thousand", () => {
  assert.equal(new Set(Array.from({ length: 1000 }, newId)).size, 1000);
});
