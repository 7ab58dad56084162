/**
 * Tell a keyboard-wedge scanner from a person: the scanner types a whole code within a blink and ends with Enter.
 *
 * Pure: a key and the time it came go in, the next state comes out, with the code once one is complete.
 */

export interface Wedge {
  text: string;
  /** When the last key came, milliseconds of any steady clock. */
  at: number;
}

export interface WedgeStep {
  wedge: Wedge;
  /** The whole code, when this key was the Enter that ended it. */
  code: string | null;
}

export const NO_KEYS: Wedge = { text: "", at: 0 };
// A wedge sends a key each 1 to 30 ms; the fastest typists stay above 60 ms.
export const LONGEST_GAP_MS = 50;
const SHORTEST_CODE = 6; // UPC-E without its check digit is the shortest that shops print
const LONGEST_CODE = 512; // a Digital Link or a hand-over QR; anything longer is noise

/** Tell whether a key that comes now would go on with what was begun. */
export function typing(wedge: Wedge, at: number): boolean {
  return wedge.text !== "" && at - wedge.at <= LONGEST_GAP_MS;
}

export function pressed(wedge: Wedge, key: string, at: number): WedgeStep {
  const going = typing(wedge, at);
  if (key === "Enter") {
    const whole = going && wedge.text.length >= SHORTEST_CODE && wedge.text.length <= LONGEST_CODE;
    return { wedge: NO_KEYS, code: whole ? wedge.text : null };
  }
  // Shift and the like come between the letters of a code and say nothing by themselves.
  if (key.length !== 1) return { wedge: going ? { ...wedge, at } : wedge, code: null };
  return { wedge: { text: going ? (wedge.text + key).slice(-LONGEST_CODE - 1) : key, at }, code: null };
}

/** A field in which a code may have begun, and what stood in it before. */
interface Spoilt {
  field: HTMLInputElement;
  before: string;
}

/**
 * Listen to the whole page. Returns what stops it.
 *
 * In a field the keys are let through, as nobody knows yet who types; where they turn out to be a code that may be
 * scanned now, they are taken out again.
 */
export function catchScans(isWanted: () => boolean, onCode: (code: string) => void): () => void {
  let wedge = NO_KEYS;
  let spoilt: Spoilt | null = null;
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const goesOn = typing(wedge, event.timeStamp);
    if (!goesOn) spoilt = isField(event.target) ? { field: event.target, before: event.target.value } : null;
    // A panel may put a field under a code that is half typed: the rest of it belongs to the code.
    else if (isField(event.target) && spoilt === null) event.preventDefault();
    const step = pressed(wedge, event.key, event.timeStamp);
    wedge = step.wedge;
    if (step.code === null || (spoilt !== null && !isWanted())) return;
    // Without this the Enter would press whichever button has the focus.
    event.preventDefault();
    event.stopPropagation();
    if (spoilt !== null) {
      spoilt.field.value = spoilt.before;
      spoilt.field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (isWanted()) onCode(step.code);
  };
  document.addEventListener("keydown", onKey, { capture: true });
  return () => document.removeEventListener("keydown", onKey, { capture: true });
}

function isField(target: EventTarget | null): target is HTMLInputElement {
  return target instanceof HTMLInputElement && target.type !== "checkbox";
}
