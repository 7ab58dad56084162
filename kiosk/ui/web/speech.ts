/** Say aloud what the panel shows: every part marked `data-say`, in order. Off until asked for. */

import { effect, untracked } from "@preact/signals";
import { TAGS } from "../../../server/web/lib/i18n.ts";
import { readAloud } from "./comfort.ts";
import { words } from "./words.ts";

/** Speak; what was being said is cut short, for the newest matters most. */
export function say(text: string): void {
  if (!readAloud.value || !("speechSynthesis" in window) || text.trim() === "") return;
  speechSynthesis.cancel();
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.lang = TAGS[words.locale.value];
  speechSynthesis.speak(utterance);
}

/** Return what the page shows now in words, heading first. */
export function shownText(): string {
  const parts = document.querySelectorAll<HTMLElement>("main [data-say], [data-say='notice']");
  return [...parts].map((part) => part.innerText.trim()).filter(Boolean).join(". "); // prettier-ignore
}

/** Begin or end speaking with the switch. */
export function followSwitch(): void {
  effect(() => {
    if (readAloud.value) untracked(() => say(shownText()));
    else if ("speechSynthesis" in window) speechSynthesis.cancel();
  });
}
