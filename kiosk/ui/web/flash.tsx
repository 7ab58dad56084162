/**
 * The colours of a challenge, shown over the whole page, and the word to the kiosk process that they are seen now.
 *
 * At most three changes back and forth a second, never saturated red (`vision/face/flash.py`); whoever asked their
 * system for less motion is asked for a turn of the head instead.
 */

import { effect, signal } from "@preact/signals";
import type { FlashEvent } from "./screen.ts";
import { act, screen } from "./state.ts";

export const flash = signal<FlashEvent | null>(null);

const calm = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Take a colour from the kiosk process; in step with what the screen really draws, tell it back. */
export function receiveFlash(told: FlashEvent): void {
  flash.value = told;
  if (told.colour === null) return;
  // The first frame draws it, the second begins when the first is on the glass.
  requestAnimationFrame(() => requestAnimationFrame(() => void shown(told)));
}

async function shown(told: FlashEvent): Promise<void> {
  try {
    await fetch("/flashes", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ look_id: told.look_id, place: told.place }),
    });
  } catch {
    // Without a word the process asks for a turn of the head soon.
  }
}

export function watchFlashes(): void {
  effect(() => {
    const now = screen.value;
    if (now === null) return;
    const flashes = "challenge" in now.panel && now.panel.challenge === "flash";
    if (!flashes) flash.value = null;
    else if (calm() && now.possible.includes("choose_challenge")) void act("choose_challenge", { challenge: "turn" });
  });
}

/** Lies under the oval and over all the rest. */
export function FlashLight() {
  const colour = flash.value?.colour ?? null;
  return <div class="flash-light" aria-hidden="true" hidden={colour === null} style={{ backgroundColor: colour ?? "transparent" }} />;
}
