/** The first panel: scan, and you have begun. */

import { useState } from "preact/hooks";
import { CameraWindow } from "../camera_window.tsx";
import { Heading } from "../parts.tsx";
import { act, can } from "../state.ts";
import { TypeCode } from "../type_code.tsx";
import { t } from "../words.ts";

export function Welcome() {
  const [typing, setTyping] = useState(false);
  return (
    <div class="panel welcome">
      <div class="welcome-words">
        <Heading title={t("welcome.title")} lead={t("welcome.lead")} />
        <ol class="plain steps">
          <Step number={1} title={t("welcome.step_scan")} more={t("welcome.step_scan_more")} />
          <Step number={2} title={t("welcome.step_check")} more={t("welcome.step_check_more")} />
          <Step number={3} title={t("welcome.step_pay")} more={t("welcome.step_pay_more")} />
        </ol>
      </div>
      <div class="welcome-camera">
        <CameraWindow role="scan">
          <span class="aim" aria-hidden="true" />
        </CameraWindow>
        <div class="row">
          {can("scan") && (
            <button type="button" onClick={() => setTyping(true)}>
              {t("welcome.type")}
            </button>
          )}
          {can("open_search") && (
            <button type="button" onClick={() => void act("open_search")}>
              {t("welcome.search")}
            </button>
          )}
        </div>
      </div>
      <div class="welcome-face">
        {can("enrol") && (
          <button type="button" class="accent" onClick={() => void act("enrol")}>
            {t("welcome.enrol")}
          </button>
        )}
        {can("enrol") && <p class="soft small">{t("welcome.enrol_more")}</p>}
        <span class="spring" />
        {can("withdraw") && (
          <button type="button" class="quiet" onClick={() => void act("withdraw")}>
            {t("welcome.withdraw")}
          </button>
        )}
      </div>
      <TypeCode open={typing} onClose={() => setTyping(false)} />
    </div>
  );
}

function Step({ number, title, more }: { number: number; title: string; more: string }) {
  return (
    <li>
      <span class="number" aria-hidden="true">
        {number}
      </span>
      <span>
        <b>{title}</b> <span class="soft">{more}</span>
      </span>
    </li>
  );
}
