/** Finish elsewhere: the basket waits under a code that any till, or a colleague at one, takes up. */

import { useEffect, useState } from "preact/hooks";
import { newId, ProblemError } from "../lib/api.ts";
import { shopper } from "../me/account.ts";
import { useLoaded } from "../parts/loaded.ts";
import { minute } from "../parts/words.ts";
import { Dearer, Goods, Sum } from "./basket.tsx";
import { writeBasket } from "./carried.ts";
import { drawn } from "./draw.ts";
import { storeId } from "./store.ts";
import { change, fresh, onTheWire, stampOf, trip, type Left } from "./trip.ts";
import { sentence, t } from "./words.ts";

const LOOK_MS = 6000; // how soon the phone knows that a till has it; sixty phones of one network may wait so
const PATIENCE_MS = 6000;

/** Leave the basket with the store; where the store cannot be asked, write it into codes. */
async function leave(): Promise<void> {
  const { lines, coupons, leaving } = trip.value;
  const stamp = stampOf(trip.value, shopper.pass.value?.masked ?? "");
  const key = leaving?.stamp === stamp ? leaving.key : newId();
  change((now) => ({ ...now, leaving: { key, stamp } }));
  let left: Left;
  try {
    const body = { lines: onTheWire({ lines }), coupons };
    const ask = { key, body, signal: AbortSignal.timeout(PATIENCE_MS) };
    const given = await shopper.api.ask<{ code: string; url: string; expires_at: string; texts: string[] }>("/v1/baskets:suspend", ask);
    left = { code: given.code, url: given.url, until: given.expires_at, texts: given.texts };
  } catch (error) {
    if (error instanceof ProblemError && error.problem.status > 0 && error.problem.status < 500 && error.problem.status !== 429) throw error;
    left = { code: null, url: null, until: null, texts: await writeBasket(storeId, lines) };
  }
  change((now) => ({ ...now, left }));
}

export function Leave() {
  const { left } = trip.value;
  const { error, again } = useLoaded(async () => (left === null ? leave() : undefined));
  if (left !== null) return <Waiting left={left} />;
  return (
    <div class="stack">
      <a class="button" href="#finish">
        {t("go.back")}
      </a>
      {error === null ? (
        <p role="status">{t("go.leaving")}</p>
      ) : (
        <div class="notice bad" role="alert">
          <p>{sentence(error)}</p>
          <button type="button" onClick={again}>
            {t("act.retry")}
          </button>
        </div>
      )}
    </div>
  );
}

/** The code, until a till has taken the basket. */
export function Waiting({ left }: { left: Left }) {
  const [taken, setTaken] = useState(false);
  useEffect(() => {
    if (left.url === null) return;
    const address = left.url.replace("/b/", "/v1/handovers/");
    const look = (): void => {
      shopper.api.ask(address, { tries: 1 }).catch((error: unknown) => {
        if (error instanceof ProblemError && error.code === "handover_taken") setTaken(true);
      });
    };
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [left.url]);
  const goOn = (): void => {
    change((now) => ({ ...now, left: null, leaving: null }));
    location.hash = "";
  };
  const end = (): void => {
    change(() => fresh());
    location.hash = "";
  };
  if (taken) {
    return (
      <div class="stack">
        <h1>{t("go.taken")}</h1>
        <p role="status">{t("go.taken_text")}</p>
        <button type="button" class="primary big" onClick={end}>
          {t("go.new")}
        </button>
      </div>
    );
  }
  return (
    <div class="stack">
      <h1>{t("go.left")}</h1>
      <p>{t(left.code === null ? "go.left_offline" : "go.left_text")}</p>
      {left.code !== null && (
        <>
          <Code text={left.code} label={t("go.left_code")} />
          {left.until !== null && <p class="small soft">{t("go.left_until", { moment: minute(left.until) })}</p>}
        </>
      )}
      {left.code === null && left.texts.length === 0 && <p class="notice bad">{t("go.left_too_large")}</p>}
      {left.code === null && <Parts texts={left.texts} />}
      {left.code !== null && left.texts.length > 0 && (
        <details>
          <summary>{t("go.left_no_network")}</summary>
          <Parts texts={left.texts} />
        </details>
      )}
      <Dearer leaving />
      <Sum />
      <div class="row">
        <button type="button" onClick={goOn}>
          {t("go.go_on")}
        </button>
        <button type="button" onClick={end}>
          {t("go.till_has_it")}
        </button>
      </div>
      <details>
        <summary>{t("go.goods")}</summary>
        <Goods fixed />
      </details>
    </div>
  );
}

function Parts({ texts }: { texts: string[] }) {
  return (
    <>
      {texts.map((text, place) => (
        <Code key={text} text={text} label={t("go.part", { number: place + 1, of: texts.length })} shown={texts.length > 1} />
      ))}
    </>
  );
}

/** A QR code that stays readable without a network. */
export function Code({ text, label, shown = false }: { text: string; label: string; shown?: boolean }) {
  const { value, error } = useLoaded(() => drawn(text));
  return (
    <figure class="code">
      {shown && <figcaption>{label}</figcaption>}
      {value !== null && <img class="qr" src={value} alt={label} data-text={text} />}
      {error !== null && <p class="code-text">{text}</p>}
    </figure>
  );
}
