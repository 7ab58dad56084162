import assert from "node:assert/strict";
import { test } from "node:test";
import { cut } from "../../server/web/lib/sse.ts";

const STREAM = ': ping\n\nid: 4\nevent: basket.changed\ndata: {"a":1}\n\ndata: one\ndata: two\n\n';

test("events are whole when the stream comes in any pieces", () => {
  const whole = cut(STREAM).events;
  for (let size = 1; size < STREAM.length; size += 1) {
    const events = [];
    let rest = "";
    for (let at = 0; at < STREAM.length; at += size) {
      const parts = cut(rest + STREAM.slice(at, at + size));
      events.push(...parts.events);
      rest = parts.rest;
    }
    assert.deepEqual(events, whole);
  }
  assert.deepEqual(whole, [
    { id: "4", event: "basket.changed", data: '{"a":1}' },
    { id: null, event: "message", data: "one\ntwo" },
  ]);
});

test("carriage returns end lines too, even when one is cut in half", () => {
  const first = cut("id: 1\r\ndata: x\r\n\r");
  assert.deepEqual(first.events, []);
  assert.deepEqual(cut(`${first.rest}\n`).events, [{ id: "1", event: "message", data: "x" }]);
});

test("a comment alone is no event", () => {
  assert.deepEqual(cut(": ping\n\n").events, []);
});
