/** Two soft notes for a new call or sale. Off until asked for: browsers want a touch first, and shops are loud enough. */

import { signal } from "@preact/signals";

const MEMORY = "sesame.staff.sound";
let context: AudioContext | null = null;

export const sounding = signal(false);

/** Turn the sound on or off; turning it on plays it once, so that one hears what will come. */
export function toggleSound(): void {
  sounding.value = !sounding.value;
  localStorage.setItem(MEMORY, sounding.value ? "on" : "off");
  if (sounding.value) chime();
}

/** A choice of last time takes effect with the first touch of the page. */
export function rememberSound(): void {
  if (localStorage.getItem(MEMORY) !== "on") return;
  addEventListener("pointerdown", () => (sounding.value = true), { once: true });
}

export function chime(): void {
  if (!sounding.value) return;
  context ??= new AudioContext();
  void context.resume();
  [660, 880].forEach((hertz, place) => {
    const start = context!.currentTime + place * 0.18;
    const note = context!.createOscillator();
    const volume = context!.createGain();
    note.frequency.value = hertz;
    volume.gain.setValueAtTime(0.12, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.35);
    note.connect(volume).connect(context!.destination);
    note.start(start);
    note.stop(start + 0.36);
  });
}

/** Chime, and say a few words in a language, where the browser has a voice for it. */
export function announce(words: string, tag: string): void {
  chime();
  if (!sounding.value || !("speechSynthesis" in globalThis)) return;
  const said = new SpeechSynthesisUtterance(words);
  said.lang = tag;
  speechSynthesis.speak(said);
}
