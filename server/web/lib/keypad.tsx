/** Twelve keys for digits, and the boxes that show how many are in. */

export interface KeypadProps {
  value: string;
  onValue: (value: string) => void;
  /** Digits at most. */
  length: number;
  words: { erase: string; clear: string; keys: string };
  disabled?: boolean;
  /** What the lower left key types, instead of erasing all: "+" for phone numbers. */
  corner?: string | undefined;
}

export function Keypad({ value, onValue, length, words, disabled = false, corner }: KeypadProps) {
  const add = (digit: string): void => {
    if (value.length < length) onValue(value + digit);
  };
  return (
    <div class="keypad" role="group" aria-label={words.keys}>
      {["1", "2", "3", "4", "5", "6", "7", "8", "9"].map((digit) => (
        <button key={digit} type="button" disabled={disabled} onClick={() => add(digit)}>
          {digit}
        </button>
      ))}
      {corner === undefined ? (
        <button type="button" disabled={disabled} aria-label={words.clear} onClick={() => onValue("")}>
          <span aria-hidden="true">C</span>
        </button>
      ) : (
        <button type="button" disabled={disabled} onClick={() => add(corner)}>
          {corner}
        </button>
      )}
      <button type="button" disabled={disabled} onClick={() => add("0")}>
        0
      </button>
      <button type="button" disabled={disabled} aria-label={words.erase} onClick={() => onValue(value.slice(0, -1))}>
        <span aria-hidden="true">⌫</span>
      </button>
    </div>
  );
}

/** One box a digit; `secret` shows dots instead. `label` says to a screen reader what is being entered. */
export function Boxes({ value, length, label, secret = false }: { value: string; length: number; label: string; secret?: boolean }) {
  return (
    <div class="boxes" role="img" aria-label={`${label}: ${value.length}/${length}`}>
      {Array.from({ length }, (_unused, place) => (
        <span key={place} class={place === value.length ? "next" : ""} aria-hidden="true">
          {place < value.length ? (secret ? "•" : value[place]) : ""}
        </span>
      ))}
    </div>
  );
}
