/** Let a keyboard fill a keypad that has no field: digits, Backspace, and Enter where no button has the focus. */

import { useEffect } from "preact/hooks";

export function useDigitKeys(value: string, onValue: (value: string) => void, length: number, onDone: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
      if (/^\d$/.test(event.key) && value.length < length) onValue(value + event.key);
      else if (event.key === "Backspace") onValue(value.slice(0, -1));
      else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) onDone();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [value, length, onDone]);
}
