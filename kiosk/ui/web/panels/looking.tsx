/** The face camera is on for a moment: oval, hint, progress, arrow. */

import { Oval } from "../oval.tsx";
import { Actions, Heading } from "../parts.tsx";
import type { Panel } from "../screen.ts";
import { act, can } from "../state.ts";
import { t } from "../words.ts";

/** The other way to show that a face is alive, beside the flashes. */
export function TurnInstead({ challenge }: { challenge: string }) {
  if (challenge !== "flash" || !can("choose_challenge")) return null;
  return (
    <button type="button" onClick={() => void act("choose_challenge", { challenge: "turn" })}>
      {t("looking.rather_turn")}
    </button>
  );
}

export function Looking({ panel }: { panel: Extract<Panel, { name: "looking" }> }) {
  const over = can("look_again");
  return (
    <div class="panel looking">
      <Heading key={String(over)} title={over ? t("looking.over_title") : t("looking.title")} lead={over ? t("looking.over_lead") : t("looking.lead")} />
      <Oval hint={panel.hint} progress={panel.progress} challenge={panel.challenge} />
      <p class="chip tries">{t("looking.tries", { tries: panel.tries_left })}</p>
      <Actions back={false}>
        {can("back") && (
          <button type="button" class="back" onClick={() => void act("back")}>
            <span aria-hidden="true">‹</span> {t("looking.other")}
          </button>
        )}
        <TurnInstead challenge={panel.challenge} />
        <span class="spring" />
        {over && (
          <button type="button" class="primary big" onClick={() => void act("look_again")}>
            {t("looking.again")}
          </button>
        )}
      </Actions>
    </div>
  );
}
