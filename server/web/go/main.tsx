/** `/go`: scan in the aisle with one's own phone, and finish here, at a till or with a colleague. */

import "./go.css";
import { computed, signal } from "@preact/signals";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { shopper } from "../me/account.ts";
import { Shell } from "../parts/shell.tsx";
import { Goods, Hindrance, LastScan, Sum } from "./basket.tsx";
import { SetBudget } from "./budget.tsx";
import { Camera } from "./camera.tsx";
import { DRAWER_PARTS } from "./draw.ts";
import { nativeReader, READER_PARTS } from "./eye.ts";
import { Done, Finish } from "./finish.tsx";
import { keepPage } from "./keep.ts";
import { Leave, Waiting } from "./leave.tsx";
import { PayHere, Settling } from "./pay_here.tsx";
import { away, lay, reprice } from "./prices.ts";
import { checkIn, otherDoor, store } from "./store.ts";
import { change, trip } from "./trip.ts";
import { TypeIn } from "./type_in.tsx";
import { t } from "./words.ts";

const hash = signal(location.hash);
addEventListener("hashchange", () => {
  hash.value = location.hash;
  scrollTo(0, 0);
});

/** What the basket itself is at goes before what was asked for. */
const view = computed(() => {
  const { paid, payment, left, begun, lines } = trip.value;
  if (paid !== null) return "done";
  if (payment !== null) return "settling";
  if (left !== null) return "waiting";
  if (!begun) return "check-in";
  const asked = hash.value.slice(1);
  return lines.length > 0 && ["finish", "pay", "code"].includes(asked) ? asked : "scan";
});

function GoPage() {
  useEffect(() => {
    checkIn().catch(() => (away.value = true));
    if (trip.value.lines.length > 0) void reprice();
    // The parts that this phone would load later are kept as well; without them it still opens and shows its basket.
    void nativeReader()
      .then((native) => keepPage([...(native === null ? READER_PARTS : []), ...DRAWER_PARTS]))
      .catch(() => undefined);
  }, []);
  return (
    <Shell title={t("go.title")}>
      <div class="go" data-view={view.value} data-away={away.value}>
        <View />
      </div>
    </Shell>
  );
}

function View() {
  const { paid, left } = trip.value;
  switch (view.value) {
    case "done":
      return <Done paid={paid!} />;
    case "settling":
      return <Settling />;
    case "waiting":
      return <Waiting left={left!} />;
    case "check-in":
      return <CheckIn />;
    case "finish":
      return <Finish />;
    case "pay":
      return <PayHere />;
    case "code":
      return <Leave />;
    default:
      return <Scan />;
  }
}

function CheckIn() {
  return (
    <div class="stack">
      <p class="soft">{t("go.here_is")}</p>
      <h1>{store.value?.payee ?? t("go.title")}</h1>
      {otherDoor !== null && <p class="notice bad">{t("go.other_store")}</p>}
      <p class="lead">{t("go.lead")}</p>
      <button type="button" class="primary big" onClick={() => change((now) => ({ ...now, begun: true }))}>
        {t("go.begin")}
      </button>
      <ul class="stack tight">
        <li>{t("go.promise_camera")}</li>
        <li>{t("go.promise_account")}</li>
        <li>{t("go.promise_offline")}</li>
      </ul>
    </div>
  );
}

function Scan() {
  const [typing, setTyping] = useState(false);
  const { lines } = trip.value;
  return (
    <div class="stack scan">
      <h1 class="visually-hidden">{t("go.title")}</h1>
      {otherDoor !== null && <p class="notice bad">{t("go.other_store")}</p>}
      <Camera onRead={lay} />
      <LastScan />
      <button type="button" aria-expanded={typing} onClick={() => setTyping(!typing)}>
        {t("go.no_code")}
      </button>
      {typing && <TypeIn />}
      <SetBudget />
      <Hindrance />
      {away.value && (
        <p class="notice warn" role="status">
          {t("go.away")}
        </p>
      )}
      <h2>{t("go.goods")}</h2>
      {lines.length === 0 ? <p class="soft">{t("go.empty")}</p> : <Goods />}
      {shopper.pass.value !== null && <p class="small soft">{t("go.signed_in", { name: shopper.pass.value.masked })}</p>}
      <div class="bar">
        <Sum />
        {lines.length > 0 ? (
          <a class="button accent" href="#finish">
            {t("go.finish")}
          </a>
        ) : (
          <button type="button" disabled>
            {t("go.finish")}
          </button>
        )}
      </div>
    </div>
  );
}

render(<GoPage />, document.getElementById("page")!);
