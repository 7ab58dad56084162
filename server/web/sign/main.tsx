/** `/sign`: the page for the door and the trolleys, A4, whose code opens `/go` in this store. It speaks every language at once. */

import "../parts/poster.css";
import { render } from "preact";
import { createApi } from "../lib/api.ts";
import { LOCALES } from "../lib/i18n.ts";
import { Qr } from "../lib/qr.tsx";
import { useLoaded } from "../parts/loaded.ts";
import { Shell } from "../parts/shell.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { EACH, t } from "./sign_words.ts";

const STEPS = ["step_scan", "step_go", "step_pay"] as const;
const api = createApi();
const storeId = encodeURIComponent(document.documentElement.dataset["store"] ?? "");

function SignPage() {
  const { value: store, error, again } = useLoaded(() => api.ask<{ payee: string }>(`/v1/stores/${storeId}`));
  return (
    <Shell title={t("sign.title")}>
      <div class="stack">
        <div class="stack no-print">
          <h1>{t("sign.title")}</h1>
          <p>{t("sign.text")}</p>
          {!isSecureContext && <p class="notice bad">{t("sign.insecure")}</p>}
          <div class="row">
            <button type="button" class="primary" disabled={store === null} onClick={() => print()}>
              {t("sign.print")}
            </button>
          </div>
        </div>
        {error !== null && <Trouble error={error} onRetry={again} />}
        {store !== null && (
          <article class="poster a4" aria-label={t("sign.label")}>
            <h2 class="lead">{store.payee}</h2>
            <Qr text={`${location.origin}/go?store=${storeId}`} label={t("sign.qr")} />
            {LOCALES.map((one) => (
              <section key={one} lang={one}>
                <h3>{EACH[one].sign.head}</h3>
                <ol>
                  {STEPS.map((step) => (
                    <li key={step}>{EACH[one].sign[step]}</li>
                  ))}
                </ol>
              </section>
            ))}
          </article>
        )}
      </div>
    </Shell>
  );
}

render(<SignPage />, document.getElementById("page")!);
