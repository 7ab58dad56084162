/** Larger text, strong contrast and speech: set by one tap, forgotten with the visit, for the next person decides anew. */

import { effect, signal } from "@preact/signals";

export const largeText = signal(false);
export const strongContrast = signal(false);
export const readAloud = signal(false);

export const LARGE_TEXT_SCALE = 1.3; // the most at which every panel still fits 1280 x 800 without scrolling sideways

export function applyComfort(): void {
  effect(() => {
    document.documentElement.style.setProperty("--scale", largeText.value ? String(LARGE_TEXT_SCALE) : "1");
    document.documentElement.dataset["contrast"] = strongContrast.value ? "more" : "normal";
  });
}

export function forgetComfort(): void {
  largeText.value = false;
  strongContrast.value = false;
  readAloud.value = false;
}
