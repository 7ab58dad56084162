/** Who looked at one's data or tried to pass for one: nothing of it is kept from its owner. */

import { useLoaded } from "../parts/loaded.ts";
import { placeOf } from "../parts/place.ts";
import { byCode, minute, t } from "../parts/words.ts";
import { shopper } from "./account.ts";

interface Line {
  at: string;
  act: string;
  where: string;
}

export function Diary({ customerId }: { customerId: string }) {
  const { value } = useLoaded(() => shopper.api.ask<{ refused_lately: number; items: Line[] }>("/v1/customers/me/diary"));
  if (value === null) return null;
  return (
    <section class="card stack" aria-labelledby="diary">
      <h2 id="diary">{t("me.diary")}</h2>
      {value.refused_lately > 0 && <p class="notice warn">{t("me.someone_tried", { count: value.refused_lately })}</p>}
      <p class="soft">{t(value.items.length === 0 ? "me.diary_none" : "me.diary_text")}</p>
      <ol class="plain entries">
        {value.items.map((line, index) => (
          <li key={index}>
            <span>
              <strong>{byCode("me", `diary_act.${line.act}`, undefined, "me.diary")}</strong>
              <br />
              <span class="small soft">{placeOf(line.where)}</span>
            </span>
            <time class="end small soft" dateTime={line.at}>
              {minute(line.at)}
            </time>
          </li>
        ))}
      </ol>
      <p class="small soft">
        {t("me.diary_number")} <code>{customerId}</code>
      </p>
    </section>
  );
}
