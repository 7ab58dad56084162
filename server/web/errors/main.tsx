/** `/errors`: every code the server refuses with, one anchor each (`/errors#coupon_expired`). */

import "./errors.css";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { createApi } from "../lib/api.ts";
import { Field } from "../lib/field.tsx";
import { useLoaded } from "../parts/loaded.ts";
import { Shell } from "../parts/shell.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { t } from "../parts/words.ts";

interface Refusal {
  code: string;
  status: number;
  title: string;
  hint: string;
}

const api = createApi();

function ErrorsPage() {
  const { value, error, again } = useLoaded(() => api.ask<{ items: Refusal[] }>("/v1/errors"));
  const [wanted, setWanted] = useState("");
  const needle = wanted.trim().toLowerCase();
  const all = [...(value?.items ?? [])].sort((one, other) => one.code.localeCompare(other.code));
  const found = all.filter((item) => `${item.code} ${item.status} ${item.title} ${item.hint}`.toLowerCase().includes(needle));
  useEffect(() => {
    // The rows come after the page: the browser's own jump to the anchor has found nothing yet.
    if (value !== null && location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView({ block: "center" });
  }, [value]);
  return (
    <Shell title={t("errors.title")}>
      <div class="stack">
        <h1>{t("errors.title")}</h1>
        <p>{t("errors.lead")}</p>
        {error !== null && <Trouble error={error} onRetry={again} />}
        {value === null && error === null && <p role="status">{t("state.loading")}</p>}
        {value !== null && (
          <>
            <Field label={t("errors.filter")} type="search" value={wanted} onValue={setWanted} />
            <p role="status" class="soft">
              {found.length === 0 ? t("errors.none") : t("errors.count", { count: found.length })}
            </p>
            <table class="errors" aria-label={t("errors.table")}>
              <thead>
                <tr>
                  <th scope="col">{t("errors.code")}</th>
                  <th scope="col">{t("errors.status")}</th>
                  <th scope="col">{t("errors.meaning")}</th>
                </tr>
              </thead>
              <tbody>
                {found.map((item) => (
                  <tr key={item.code} id={item.code}>
                    <th scope="row">
                      <a href={`#${item.code}`}>{item.code}</a>
                    </th>
                    <td>{item.status}</td>
                    <td lang="en">
                      <strong>{item.title}.</strong> {item.hint}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </>
        )}
      </div>
    </Shell>
  );
}

render(<ErrorsPage />, document.getElementById("page")!);
