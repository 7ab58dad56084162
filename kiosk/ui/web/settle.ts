/**
 * Let one press do one thing: what comes under the finger with a new panel takes no presses for a moment.
 *
 * The next panel's main button lies where the one before lay, so the second half of a double press would press it.
 */

import { effect, signal } from "@preact/signals";
import { screen } from "./state.ts";

export const SETTLE_MS = 350; // the second press of a double press comes within 300 ms, by hand

/** True while the panel takes no presses yet. */
export const settling = signal(false);

export function watchPresses(): void {
  let pressedAt = Number.NEGATIVE_INFINITY;
  document.addEventListener("pointerdown", () => (pressedAt = performance.now()), { capture: true });
  document.addEventListener("keydown", dropRepeats, { capture: true });
  let panel: string | undefined;
  let timer = 0;
  effect(() => {
    const name = screen.value?.panel.name;
    if (name === panel) return;
    panel = name;
    const left = pressedAt + SETTLE_MS - performance.now();
    window.clearTimeout(timer);
    settling.value = left > 0;
    if (left > 0) timer = window.setTimeout(() => (settling.value = false), left);
  });
}

/** A key held down presses its button once. */
function dropRepeats(event: KeyboardEvent): void {
  if (event.repeat && event.key === "Enter" && event.target instanceof HTMLButtonElement) event.preventDefault();
}
