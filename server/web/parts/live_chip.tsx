/** Whether the page hears the shop as things happen: at first it only connects, it has lost nothing yet. */

import { useRef } from "preact/hooks";
import { t } from "./words.ts";

export function LiveChip({ linked }: { linked: boolean }) {
  const heard = useRef(false);
  heard.current ||= linked;
  return (
    <span class={linked ? "chip good" : heard.current ? "chip warn" : "chip"} role="status">
      {t(linked ? "state.live" : heard.current ? "state.reconnecting" : "state.connecting")}
    </span>
  );
}
