/** `/`: which page is for whom. */

import "./index.css";
import { render } from "preact";
import { Shell } from "../parts/shell.tsx";
import { t, type Key } from "../parts/words.ts";

const DOORS: { href: string; who: Key; text: Key; act: Key }[] = [
  { href: "/go", who: "index.go", text: "index.go_text", act: "index.go_act" },
  { href: "/me", who: "index.shopper", text: "index.shopper_text", act: "index.shopper_act" },
  { href: "/staff", who: "index.staff", text: "index.staff_text", act: "index.staff_act" },
  { href: "/marketing", who: "index.marketing", text: "index.marketing_text", act: "index.marketing_act" },
  { href: "/merchant", who: "index.merchant", text: "index.merchant_text", act: "index.merchant_act" },
  { href: "/sponsor", who: "index.sponsor", text: "index.sponsor_text", act: "index.sponsor_act" },
];

function IndexPage() {
  return (
    <Shell title={t("index.title")}>
      <div class="stack">
        <h1>{t("index.title")}</h1>
        <p class="lead">{t("index.lead")}</p>
        <p class="notice warn">{t("index.honest")}</p>
        <ul class="plain doors">
          {DOORS.map((door) => (
            <li key={door.href} class="card">
              <h2>{t(door.who)}</h2>
              <p>{t(door.text)}</p>
              <a class="button primary" href={door.href}>
                {t(door.act)}
              </a>
            </li>
          ))}
        </ul>
        <nav class="stack builders" aria-labelledby="builders">
          <h2 id="builders">{t("index.builders")}</h2>
          <div class="row">
            <a href="/docs">{t("index.api")}</a>
            <a href="/errors">{t("index.errors")}</a>
            <a href="/health">{t("index.health")}</a>
          </div>
        </nav>
      </div>
    </Shell>
  );
}

render(<IndexPage />, document.getElementById("page")!);
