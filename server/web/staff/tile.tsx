/** One kiosk at a glance: how much it needs a person, what it shows, what is in the basket, which camera is on. */

import { now } from "../parts/now.ts";
import { byCode, t, type Key } from "../parts/crew_words.ts";
import { amount, labelled, span } from "../parts/words.ts";
import { TROUBLED, type Kiosk, type Need } from "./board.ts";

const MARKS: Record<Need, string> = { help: "!", device: "⚠", offline: "×", busy: "●", free: "○" };
const DEVICES: { name: string; label: Key }[] = [
  { name: "scan_camera", label: "staff.device.scan_camera" },
  { name: "face_camera", label: "staff.device.face_camera" },
  { name: "scanner", label: "staff.device.scanner" },
  { name: "scale", label: "staff.device.scale" },
  { name: "printer", label: "staff.device.printer" },
  { name: "lamp", label: "staff.device.lamp" },
];

export function Tile({ kiosk, need, onTell }: { kiosk: Kiosk; need: Need; onTell: () => void }) {
  const { state } = kiosk;
  return (
    <li class={`tile ${need}`}>
      <div class="row ends">
        <h3>{kiosk.name}</h3>
        <span class="need">
          <span aria-hidden="true">{MARKS[need]}</span> {t(`staff.need.${need}`)}
        </span>
      </div>
      {kiosk.paused && (
        <p class="chip warn">{t("told.is_closed", { reason: byCode("told", `reason.${kiosk.pause_reason}`, undefined, "told.reason.closed") })}</p>
      )}
      {kiosk.message !== "" && <p class="soft">« {kiosk.message} »</p>}
      {kiosk.online && state !== null ? (
        <>
          <p>
            <strong>{byCode("staff", `screen.${state.screen}`, undefined, "staff.need.busy")}</strong>{" "}
            {state.since !== null && <span class="soft">{t("staff.since", { time: span(now.value - Date.parse(state.since)) })}</span>}
          </p>
          <p class="row ends">
            <span>{state.items > 0 ? t("staff.items", { count: state.items }) : t("staff.items_none")}</span>
            {state.items > 0 && <strong class="money">{amount(state.total_minor)}</strong>}
          </p>
          <ul class="plain devices">
            {DEVICES.filter(({ name }) => name in state.devices).map(({ name, label }) => (
              <li key={name} class={TROUBLED.includes(state.devices[name] ?? "") ? "lost" : ""}>
                {labelled(t(label))}
                <strong>{byCode("staff", `device_state.${state.devices[name]}`, undefined, "staff.device_state.none")}</strong>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p class="soft">
          {kiosk.last_seen_at === null
            ? t("staff.never_seen")
            : t("staff.seen", { time: span(now.value - Date.parse(kiosk.last_seen_at)) })}
        </p>
      )}
      <button type="button" aria-label={`${labelled(t("told.tell"))}${kiosk.name}`} onClick={onTell}>
        {t("told.tell")}
      </button>
    </li>
  );
}
