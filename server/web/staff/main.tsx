/** `/staff`: who needs help now, and every kiosk at a glance. */

import "./staff.css";
import { effect } from "@preact/signals";
import { render, type ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../lib/dialog.tsx";
import type { Listening } from "../lib/events.ts";
import { crew, CrewSignIn, isMe, NoRole } from "../parts/crew.tsx";
import { FirstFactor, Security } from "../parts/security.tsx";
import { LiveChip } from "../parts/live_chip.tsx";
import { Shell } from "../parts/shell.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { t, type Key } from "../parts/crew_words.ts";
import { Badge } from "./badge.tsx";
import { byNeed, queue, type Board, type Need } from "./board.ts";
import { Books } from "./books.tsx";
import { CallCard, typeOf } from "./call_card.tsx";
import { board, follow, linked, newest } from "./live.ts";
import { chime, rememberSound, sounding, toggleSound } from "../parts/sound.ts";
import { Manage } from "./manage.tsx";
import { Privacy } from "./privacy.tsx";
import { Tile } from "./tile.tsx";
import { ToldKiosk } from "./told.tsx";

const FILTERS = ["all", "need", "busy"] as const;
type Filter = (typeof FILTERS)[number];
const SHOWN: Record<Filter, (need: Need) => boolean> = {
  all: () => true,
  need: (need) => need !== "busy" && need !== "free",
  busy: (need) => need === "busy" || need === "help",
};

interface Office {
  title: Key;
  roles: readonly string[];
  Page: ComponentType;
}

const OFFICES: Office[] = [
  { title: "manage.title", roles: ["staff_manager", "admin"], Page: Manage },
  { title: "books.title", roles: ["finance"], Page: Books },
  { title: "privacy.title", roles: ["privacy_officer"], Page: Privacy },
];

rememberSound();
effect(() => {
  if (newest.value !== null) chime();
});

function StaffPage() {
  const pass = crew.pass.value;
  if (pass === null) return <Shell title={t("staff.title")}>{<CrewSignIn title={t("staff.sign_in")} />}</Shell>;
  if (pass.must_enrol) return <Shell title={t("security.title")}>{<FirstFactor />}</Shell>;
  const held = OFFICES.filter((one) => one.roles.some((role) => pass.roles.includes(role)));
  if (pass.roles.includes("staff_assist")) return <Desk offices={held} />;
  if (held.length === 0) return <Shell title={t("staff.title")}>{<NoRole text={t("staff.no_role")} />}</Shell>;
  return <Back offices={held} />;
}

/** Who does not help at kiosks has no board, but each office of the roles held. */
function Back({ offices }: { offices: Office[] }) {
  const [chosen, setChosen] = useState(offices[0]!.title);
  const { title: key, Page } = offices.find((one) => one.title === chosen) ?? offices[0]!;
  const title = t(key);
  return (
    <Shell
      title={title}
      tools={
        <button type="button" onClick={crew.close}>
          {t("act.sign_out")}
        </button>
      }
    >
      <div class="stack">
        {offices.length > 1 && (
          <nav class="row filters" aria-label={t("staff.offices")}>
            {offices.map((one) => (
              <button key={one.title} type="button" aria-pressed={one.title === key} onClick={() => setChosen(one.title)}>
                {t(one.title)}
              </button>
            ))}
          </nav>
        )}
        <h1>{title}</h1>
        <Page />
      </div>
    </Shell>
  );
}

function Desk({ offices }: { offices: Office[] }) {
  const [error, setError] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  const [said, setSaid] = useState("");
  const [open, setOpen] = useState<Key | null>(null);
  useEffect(() => {
    let listening: Listening | null = null;
    let gone = false;
    setError(null);
    follow().then((opened) => {
      listening = opened;
      if (gone) opened.close();
    }, setError);
    return () => {
      gone = true;
      listening?.close();
    };
  }, [turn]);
  const Opened = offices.find((one) => one.title === open)?.Page;
  const names = new Map(board.value?.kiosks.map((kiosk) => [kiosk.kiosk_id, kiosk.name]));
  const nameOf = (kioskId: string): string => names.get(kioskId) ?? kioskId;
  const call = newest.value;
  useEffect(() => {
    if (call !== null) setSaid(t("staff.new", { type: typeOf(call), kiosk: nameOf(call.kiosk_id) }));
  }, [call]);
  const calls = board.value === null ? [] : queue(board.value.calls, isMe);
  const waiting = calls.filter((one) => one.state === "open").length;
  return (
    <Shell
      title={t("staff.title")}
      badge={waiting > 0 ? `(${waiting}) ` : ""}
      wide
      tools={
        <>
          <LiveChip linked={linked.value} />
          <button type="button" aria-pressed={sounding.value} onClick={toggleSound}>
            <span aria-hidden="true">{sounding.value ? "🔔" : "🔕"}</span> {t("staff.sound")}
          </button>
          <button type="button" onClick={() => setOpen("badge.title")}>
            {t("badge.title")}
          </button>
          <button type="button" onClick={() => setOpen("security.title")}>
            {t("security.title")}
          </button>
          {offices.map((one) => (
            <button key={one.title} type="button" onClick={() => setOpen(one.title)}>
              {t(one.title)}
            </button>
          ))}
          <button type="button" onClick={crew.close}>
            {t("act.sign_out")}
          </button>
        </>
      }
    >
      <Dialog open={open !== null} title={open === null ? "" : t(open)} onClose={() => setOpen(null)} actions={<button type="button" class="primary" onClick={() => setOpen(null)}>{t("act.close")}</button>}>
        {Opened !== undefined ? <Opened /> : open === "badge.title" ? <Badge /> : <Security />}
      </Dialog>
      <h1 class="visually-hidden">{t("staff.title")}</h1>
      {error !== null && <Trouble error={error} onRetry={() => setTurn(turn + 1)} />}
      <p role="status" class={said === "" ? "visually-hidden" : "notice said"}>
        {said}
      </p>
      {board.value === null && error === null && <p role="status">{t("state.loading")}</p>}
      {board.value !== null && (
        <div class="desk">
          <section class="stack" aria-labelledby="queue">
            <h2 id="queue">
              {t("staff.queue")} {waiting > 0 && <span class="count">{waiting}</span>}
            </h2>
            {calls.length === 0 ? (
              <div class="card stack">
                <p class="lead">{t("staff.queue_none")}</p>
                <p class="soft">{t("staff.queue_none_text")}</p>
              </div>
            ) : (
              <ul class="plain stack">
                {calls.map((one) => (
                  <CallCard key={one.intervention_id} call={one} kiosk={nameOf(one.kiosk_id)} onDone={setSaid} />
                ))}
              </ul>
            )}
          </section>
          <Kiosks board={board.value} />
        </div>
      )}
    </Shell>
  );
}

function Kiosks({ board }: { board: Board }) {
  const [filter, setFilter] = useState<Filter>("all");
  const [told, setTold] = useState<string | null>(null);
  const chosen = board.kiosks.find((kiosk) => kiosk.kiosk_id === told);
  const shown = byNeed(board).filter(({ need }) => SHOWN[filter](need));
  return (
    <section class="stack" aria-labelledby="board">
      <div class="row ends">
        <h2 id="board">{t("staff.board")}</h2>
        <div class="row filters" role="group" aria-label={t("staff.filter.label")}>
          {FILTERS.map((one) => (
            <button key={one} type="button" aria-pressed={filter === one} onClick={() => setFilter(one)}>
              {t(`staff.filter.${one}`)}
            </button>
          ))}
        </div>
      </div>
      {shown.length === 0 ? (
        <p class="soft">{t("staff.board_none")}</p>
      ) : (
        <ul class="plain tiles">
          {shown.map(({ kiosk, need }) => (
            <Tile key={kiosk.kiosk_id} kiosk={kiosk} need={need} onTell={() => setTold(kiosk.kiosk_id)} />
          ))}
        </ul>
      )}
      <Dialog open={chosen !== undefined} title={t("told.title", { name: chosen?.name ?? "" })} onClose={() => setTold(null)} actions={<button type="button" class="primary" onClick={() => setTold(null)}>{t("act.close")}</button>}>
        {chosen !== undefined && <ToldKiosk key={chosen.kiosk_id} kiosk={chosen} />}
      </Dialog>
    </section>
  );
}

render(<StaffPage />, document.getElementById("page")!);
