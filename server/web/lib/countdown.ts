/** Seconds left until an instant, as a signal-like hook that ticks once a second and stops at zero. */

import { useEffect, useState } from "preact/hooks";

export function useSecondsLeft(until: string | null): number | null {
  const left = (): number | null => (until === null ? null : Math.max(0, Math.ceil((Date.parse(until) - Date.now()) / 1000)));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    setSeconds(left());
    if (until === null) return;
    const timer = setInterval(() => setSeconds(left()), 1000);
    return () => clearInterval(timer);
  }, [until]);
  return seconds;
}
