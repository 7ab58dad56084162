/** The camera in an oval with a ring of progress around it, and the arrow of a challenge. */

import { CameraWindow } from "./camera_window.tsx";
import { FlashLight } from "./flash.tsx";
import type { Challenge } from "./screen.ts";
import { look, screen } from "./state.ts";
import { find, t } from "./words.ts";

export interface OvalProps {
  hint: string;
  progress: number;
  challenge?: Challenge;
}

/** What the watcher saw last comes before what the screen said when it was made. */
export function Oval({ hint, progress, challenge = "none" }: OvalProps) {
  const seen = look.value?.role === "face" ? look.value : null;
  const camera = screen.value?.cameras.find(({ role }) => role === "face");
  const on = camera?.sees === "face" && camera.state !== "lost" && camera.state !== "frozen";
  const part = Math.round(Math.min(1, Math.max(0, on ? (seen?.progress ?? progress) : 0)) * 100);
  const code = seen?.hint ?? hint;
  return (
    <>
      {/* That it is off, the oval itself says. */}
      {on && (
        <p class="chip on-sign" data-face>
          <span class="lamp" aria-hidden="true" /> {t("looking.on")}
        </p>
      )}
      {challenge === "flash" && <FlashLight />}
      <div class="oval-row">
        <span class="arrow" data-on={challenge === "turn_left"} aria-hidden="true">
          ←
        </span>
        <div class="oval">
          <CameraWindow role="face" />
          <svg
            viewBox="0 0 120 150"
            role="progressbar"
            aria-label={t("looking.progress")}
            aria-valuenow={part}
            aria-valuemin={0}
            aria-valuemax={100}
          >
            <ellipse class="track" cx="60" cy="75" rx="56" ry="71" />
            {/* From the top, like a clock's hand. A round end would leave a dot where nothing has begun. */}
            <ellipse
              class="bar"
              visibility={part === 0 ? "hidden" : "visible"}
              cx="60"
              cy="75"
              rx="56"
              ry="71"
              pathLength={100}
              stroke-dasharray={`${part} ${100 - part}`}
              stroke-dashoffset={25}
            />
          </svg>
        </div>
        <span class="arrow" data-on={challenge === "turn_right"} aria-hidden="true">
          →
        </span>
      </div>
      <p class="hint-now" role="status" data-say hidden={!on}>
        {challenge !== "none" && (code === "ok" || code === "face_camera" || code === challenge)
          ? t(`hints.${challenge}`)
          : (find("hints", code) ?? t("hints.no_face"))}
      </p>
    </>
  );
}
