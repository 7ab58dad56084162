/** The frame around every panel: comfort and languages above, what is going on, the panel, what the cameras do below. */

import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../../../server/web/lib/dialog.tsx";
import { LanguageSwitch } from "../../../server/web/lib/language_switch.tsx";
import { cameraWords } from "./basket_view.ts";
import { largeText, readAloud, strongContrast } from "./comfort.ts";
import { idleBody, warned } from "./idle.ts";
import { lent } from "./lend.ts";
import { noticeWords } from "./notice_words.ts";
import { Code } from "./panels/code.tsx";
import { Confirming } from "./panels/confirming.tsx";
import { Digits } from "./panels/digits.tsx";
import { EnrolCapture, EnrolCode, EnrolConsent, EnrolDetails, EnrolDone, EnrolTest } from "./panels/enrol.tsx";
import { Looking } from "./panels/looking.tsx";
import { Method } from "./panels/method.tsx";
import { Aside } from "./panels/aside.tsx";
import { Receipt } from "./panels/receipt.tsx";
import { Review } from "./panels/review.tsx";
import { Search } from "./panels/search.tsx";
import { Shopping } from "./panels/shopping.tsx";
import { Staff } from "./panels/staff.tsx";
import { Desk, OutOfOrder, Paused, Paying } from "./panels/waiting.tsx";
import { Welcome } from "./panels/welcome.tsx";
import { Withdraw, Withdrawn } from "./panels/withdraw.tsx";
import { scanWords } from "./scan_words.ts";
import type { Notice, Screen } from "./screen.ts";
import { settling } from "./settle.ts";
import { act, can, linked, notice, screen } from "./state.ts";
import { t, timeOrDate, words } from "./words.ts";

export function App() {
  const now = screen.value;
  if (now === null) return <Lost />;
  return (
    // Nobody may be there any more: what others could read of a basket, a name or a code is hidden until the answer.
    <div class="frame" data-panel={now.panel.name} data-masked={now.idle_seconds_left !== null && warned.value ? "" : undefined}>
      <Top screen={now} />
      <div class="messages">
        {now.shop === "offline" && (
          <p class="offline" role="status" data-say="notice">
            {now.prices_of === null ? t("app.offline") : t("app.offline_prices", { time: timeOrDate(now.prices_of) })}
          </p>
        )}
        {now.gathering !== null && (
          <p class="gathering" role="status" data-say="notice">
            {t("app.gathering", { of: now.gathering.of, missing: now.gathering.missing.join(", ") })}
          </p>
        )}
        {now.message !== "" && (
          <p class="notice told" role="status" data-say="notice">
            {now.message}
          </p>
        )}
        {/* What is said beside a field is not said twice. */}
        {!(now.panel.name === "enrol_details" && now.panel.problem_field) && <NoticeLine />}
      </div>
      <main data-settling={settling.value ? "" : undefined}>{panelOf(now)}</main>
      <Below screen={now} />
      <p class="visually-hidden" role="status">
        {scanWords(now)}
      </p>
      <IdleDialog seconds={now.idle_seconds_left} />
      {!linked.value && <Lost />}
    </div>
  );
}

function panelOf(now: Screen) {
  const { panel } = now;
  switch (panel.name) {
    case "welcome":
      return <Welcome />;
    case "shopping":
      return <Shopping screen={now} />;
    case "search":
      return <Search panel={panel} />;
    case "review":
      return <Review screen={now} />;
    case "method":
      return <Method panel={panel} screen={now} />;
    case "digits":
      return <Digits panel={panel} />;
    case "looking":
      return <Looking panel={panel} />;
    case "code":
      return <Code panel={panel} />;
    case "confirming":
      return <Confirming panel={panel} screen={now} />;
    case "paying":
    case "checking":
      return <Paying key={panel.name} panel={panel} />;
    case "desk":
      return <Desk panel={panel} />;
    case "aside":
      return <Aside panel={panel} screen={now} />;
    case "receipt":
      return <Receipt panel={panel} screen={now} />;
    case "enrol_consent":
      return <EnrolConsent panel={panel} />;
    case "enrol_details":
      return <EnrolDetails panel={panel} />;
    case "enrol_code":
      return <EnrolCode panel={panel} />;
    case "enrol_capture":
      return <EnrolCapture panel={panel} />;
    case "enrol_done":
      return <EnrolDone panel={panel} screen={now} />;
    case "enrol_test":
      return <EnrolTest panel={panel} />;
    case "withdraw":
      return <Withdraw />;
    case "withdrawn":
      return <Withdrawn panel={panel} screen={now} />;
    case "staff":
      return <Staff panel={panel} screen={now} />;
    case "paused":
      return <Paused panel={panel} />;
    case "out_of_order":
      return <OutOfOrder panel={panel} />;
    default:
      return assertNever(panel);
  }
}

function assertNever(panel: never): never {
  throw new Error(`No view for ${JSON.stringify(panel)}`);
}

function Top({ screen: now }: { screen: Screen }) {
  return (
    <header class="top">
      <p class="brand">
        <b>Sésame</b>
        <span class="small">{now.kiosk.store}</span>
      </p>
      <LanguageSwitch
        locale={words.locale.value}
        label={t("app.language")}
        onChoose={(locale) => void act("choose_locale", { locale })}
      />
      <div class="comfort" role="group" aria-label={t("app.comfort")}>
        <Comfort on={largeText} label={t("app.text_size")} sign="A" />
        <Comfort on={strongContrast} label={t("app.contrast")} sign="◐" />
        <Comfort on={readAloud} label={t("app.speech")} sign="♪" />
      </div>
      <button type="button" class="accent help" disabled={now.help_waiting} onClick={() => void act("ask_help")}>
        <span aria-hidden="true">?</span> {now.help_waiting ? t("app.help_called") : t("app.help")}
      </button>
    </header>
  );
}

function Comfort({ on, label, sign }: { on: { value: boolean }; label: string; sign: string }) {
  return (
    <button
      type="button"
      aria-pressed={on.value}
      aria-label={label}
      title={label}
      onClick={() => {
        on.value = !on.value;
      }}
    >
      <span aria-hidden="true">{sign}</span>
    </button>
  );
}

function hidden(now: Screen | null, said: Notice | null): boolean {
  return (now?.shop === "offline" && said?.code === "offline") || (now?.gathering != null && said?.code === "carried_part");
}

function NoticeLine() {
  // A banner above says already that the network is away, or which codes are missing.
  const said = hidden(screen.value, notice.value) ? null : notice.value;
  const urgent = said?.kind === "error" || said?.kind === "warn";
  return (
    // The element stays while its words change: readers announce changes, not newcomers.
    <p class={said ? `notice ${said.kind}` : "notice"} role={urgent ? "alert" : "status"} data-say="notice" key={urgent ? "alert" : "status"}>
      {said && noticeWords(said)}
    </p>
  );
}

function Below({ screen: now }: { screen: Screen }) {
  const [asking, setAsking] = useState(false);
  useEffect(() => setAsking(false), [now.panel.name]);
  return (
    <footer class="below">
      <ul class="plain cameras">
        {now.cameras.map((camera) => {
          const key = cameraWords(camera);
          const refused = lent.value[camera.role]?.state === "refused";
          const active = !refused && (key.endsWith("_on") || key === "scan_face" || key === "face_bars");
          return (
            <li key={camera.role} class="chip" data-active={active} data-face={active && camera.sees === "face"}>
              <span class="lamp" aria-hidden="true" /> {refused ? t(`cameras.${camera.role}_lost`) : t(`cameras.${key}`)}
            </li>
          );
        })}
      </ul>
      {now.kiosk.demo_prices && <span class="soft small">{t("app.demo_prices")}</span>}
      <div class="below-acts">
        {can("attend") && (
          <button type="button" class="quiet stop" onClick={() => void act("attend")}>
            {t("staff.enter")}
          </button>
        )}
        {can("cancel_visit") && (
          <button type="button" class="quiet stop" onClick={() => setAsking(true)}>
            {t("app.stop")}
          </button>
        )}
      </div>
      <Dialog
        open={asking}
        title={t("app.stop_title")}
        onClose={() => setAsking(false)}
        actions={
          <>
            <button
              type="button"
              class="danger"
              onClick={() => {
                setAsking(false);
                void act("cancel_visit");
              }}
            >
              {t("app.stop_yes")}
            </button>
            <button type="button" class="primary" autofocus onClick={() => setAsking(false)}>
              {t("app.stop_no")}
            </button>
          </>
        }
      >
        <p>{t("app.stop_body")}</p>
      </Dialog>
    </footer>
  );
}

function IdleDialog({ seconds }: { seconds: number | null }) {
  return (
    <Dialog
      open={seconds !== null && warned.value}
      title={t("idle.title")}
      onClose={() => void act("stay")}
      actions={
        <>
          {can("cancel_visit") && (
            <button type="button" onClick={() => void act("cancel_visit")}>
              {screen.value?.basket ? t("idle.leave") : t("idle.leave_plain")}
            </button>
          )}
          <button type="button" class="primary big" autofocus onClick={() => void act("stay")}>
            {t("idle.stay")}
          </button>
        </>
      }
    >
      <p role="timer">{idleBody(seconds ?? 0)}</p>
    </Dialog>
  );
}

/** Covers the page while the kiosk process cannot be heard: what lies beneath may be old. */
function Lost() {
  return (
    <div class="lost" role="alert">
      <span class="spinner" aria-hidden="true" />
      <p class="lost-title">{t("app.lost_title")}</p>
      <p>{t("app.lost_body")}</p>
    </div>
  );
}
