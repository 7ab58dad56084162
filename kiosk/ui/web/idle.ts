/**
 * Answer the idle warning for a shopper who is typing: the process sees acts, not keys and touches between them.
 *
 * Who touched the page within the last seconds is still there; the warning then needs no dialog.
 */

import { effect, signal } from "@preact/signals";
import { act, screen } from "./state.ts";
import { t } from "./words.ts";

export const PRESENT_MS = 20_000; // a pause to look something up is longer: then the dialog asks

/** True while the warning should be shown to the shopper. */
export const warned = signal(false);

/** What becomes of the page if nobody answers: a basket is put away, what is paid stays paid. */
export function idleBody(seconds: number): string {
  const now = screen.value;
  if (now?.panel.name === "receipt") return t("idle.body_paid", { seconds });
  return t(now?.basket ? "idle.body" : "idle.body_plain", { seconds });
}

let touchedAt = Number.NEGATIVE_INFINITY;

export function watchPresence(): void {
  const touched = (): void => {
    touchedAt = performance.now();
  };
  document.addEventListener("pointerdown", touched, { capture: true });
  document.addEventListener("keydown", touched, { capture: true });
  let answered = false;
  effect(() => {
    const idle = screen.value !== null && screen.value.idle_seconds_left !== null;
    if (!idle) {
      answered = false;
      warned.value = false;
    } else if (!warned.peek() && !answered) {
      answered = performance.now() - touchedAt < PRESENT_MS;
      warned.value = !answered;
      if (answered) void act("stay");
    }
  });
}
