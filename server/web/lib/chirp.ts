/** Short chirps for a scan and for a question that waits, drawn by WebAudio: no files, and silent where the browser does not allow sound. */

export type Chirp = "added" | "coupon" | "unknown" | "misread" | "refused" | "waiting";

// (frequency Hz, start s, length s): rising is good, falling asks for a look; told apart without any words.
const NOTES: Record<Chirp, readonly (readonly [number, number, number])[]> = {
  added: [[1180, 0, 0.07]],
  coupon: [[880, 0, 0.07], [1320, 0.08, 0.12]], // prettier-ignore
  unknown: [[440, 0, 0.1], [330, 0.12, 0.18]], // prettier-ignore
  misread: [[880, 0, 0.06], [590, 0.08, 0.09]], // prettier-ignore
  refused: [[330, 0, 0.12], [330, 0.16, 0.12]], // prettier-ignore
  waiting: [[660, 0, 0.12], [880, 0.18, 0.12], [660, 0.36, 0.18]], // prettier-ignore
};
const LOUDNESS = 0.18; // of full scale: heard beside a conveyor belt, not across the shop

let context: AudioContext | null = null;

export function chirp(kind: Chirp): void {
  try {
    context ??= new AudioContext();
    if (context.state === "suspended") void context.resume();
    for (const [frequency, start, length] of NOTES[kind]) play(context, frequency, context.currentTime + start, length);
  } catch {
    // No sound device: the flash and the words say the same.
  }
}

function play(audio: AudioContext, frequency: number, at: number, length: number): void {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = frequency;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.001, at + length);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + length);
}
