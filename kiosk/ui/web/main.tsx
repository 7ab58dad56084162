/** Put the page together: words follow the screen, scans chirp, speech follows panels, the wedge scanner is heard. */

import "../../../server/web/lib/tokens.css";
import "../../../server/web/lib/base.css";
import "./kiosk.css";
import "./panels.css";
import { effect, untracked } from "@preact/signals";
import { render } from "preact";
import { App } from "./app.tsx";
import { freshScan } from "./basket_view.ts";
import { applyComfort, forgetComfort } from "./comfort.ts";
import { receiveFlash, watchFlashes } from "./flash.tsx";
import { idleBody, warned, watchPresence } from "./idle.ts";
import { lendWhenAsked } from "./lend.ts";
import { noticeWords } from "./notice_words.ts";
import { scanWords } from "./scan_words.ts";
import type { Screen } from "./screen.ts";
import { watchPresses } from "./settle.ts";
import { chirp } from "../../../server/web/lib/chirp.ts";
import { followSwitch, say, shownText } from "./speech.ts";
import { act, can, screen, start } from "./state.ts";
import { catchScans } from "./wedge.ts";
import { t, words } from "./words.ts";

let before: Screen | null = null;

effect(() => {
  const now = screen.value;
  if (now === null) return;
  if (words.locale.peek() !== now.locale) words.choose(now.locale);
  const past = before;
  before = now;
  const scan = freshScan(past, now);
  if (scan !== null) chirp(scan.outcome);
  if (past !== null && now.panel.name === "welcome" && hasGone(past)) forgetComfort();
  // What is said once must not be said again because the switch or the words that it reads have changed.
  untracked(() => speakOf(past, now, scan !== null));
});

/** Panels from which somebody comes back to the welcome who has not finished: their comfort stays. */
const RETURNING = new Set(["welcome", "search", "enrol_consent", "enrol_done", "withdraw", "withdrawn"]);

const hasGone = (past: Screen): boolean => !RETURNING.has(past.panel.name) || past.idle_seconds_left !== null;

function speakOf(past: Screen | null, now: Screen, scanned: boolean): void {
  if (past?.panel.name !== now.panel.name || past.locale !== now.locale) {
    // After the new panel has been drawn.
    requestAnimationFrame(() => say(shownText()));
  } else if (now.notice !== null && now.notice.id !== past.notice?.id) say(noticeWords(now.notice));
  else if (scanned) say(scanWords(now));
}

// The warning reaches two senses: who looks away hears it, and who is read to hears what it asks.
effect(() => {
  if (!warned.value) return;
  chirp("waiting");
  untracked(() => say(`${t("idle.title")} ${idleBody(screen.value?.idle_seconds_left ?? 0)}`));
});

applyComfort();
followSwitch();
watchPresence();
watchPresses();
lendWhenAsked();
catchScans(
  () => can("scan"),
  (code) => void act("scan", { code }),
);
watchFlashes();
start(receiveFlash);

const page = document.getElementById("page");
if (page === null) throw new Error("index.html has no #page");
render(<App />, page);
