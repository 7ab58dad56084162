/** Let a keyboard fill a keypad that has no field: digits, Backspace, and Enter where no button has the focus. */

import { useLayoutEffect, useRef } from "preact/hooks";

export function useDigitKeys(value: string, onValue: (value: string) => void, length: number, onDone: () => void): void {
  // Keys may come faster than the screen is drawn: each builds on the key before it, not on what was last drawn.
  const latest = useRef({ value, onDone });
  latest.current = { value, onDone };
  useLayoutEffect(() => {
    const put = (next: string): void => {
      latest.current.value = next;
      onValue(next);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
      const before = latest.current.value;
      if (/^\d$/.test(event.key) && before.length < length) put(before + event.key);
      else if (event.key === "Backspace") put(before.slice(0, -1));
      else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) latest.current.onDone();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [length]);
}
