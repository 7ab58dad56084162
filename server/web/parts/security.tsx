/** One's own sign-in: authenticator app, passkeys, codes for recovery, and where one is signed in. */

import { useState } from "preact/hooks";
import { Field } from "../lib/field.tsx";
import { canPasskey, makePasskey, type MakeOptions } from "../lib/passkey.ts";
import { crew, type CrewPass } from "./crew.tsx";
import { useLoaded } from "./loaded.ts";
import { agentWords } from "./agent.ts";
import { Trouble } from "./trouble.tsx";
import { t } from "./crew_words.ts";
import { minute } from "./words.ts";

interface Me {
  totp: boolean;
  recovery_left: number;
  passkeys: { credential_id: string; name: string; used_at: string | null }[];
  sessions: { session_id: string; opened_at: string | null; factor: string; agent: string; is_this: boolean }[];
}

type Fresh = Omit<CrewPass, "login"> & { recovery_codes: string[] };

/** What a second factor looks like to one who has none yet, or who adds another. */
export function Security({ first = false }: { first?: boolean }) {
  const { value, error, again } = useLoaded(() => crew.api.ask<Me>("/v1/staff/me"));
  const [refusal, setRefusal] = useState<unknown>(null);
  const [codes, setCodes] = useState<{ codes: string[]; fresh: CrewPass } | null>(null);
  const take = (fresh: Fresh): void => {
    const pass = { ...fresh, login: crew.pass.value?.login ?? fresh.name };
    if (fresh.recovery_codes.length > 0) setCodes({ codes: fresh.recovery_codes, fresh: pass });
    else {
      crew.open(pass);
      again();
    }
  };
  const act = async (work: () => Promise<void>): Promise<void> => {
    setRefusal(null);
    try {
      await work();
    } catch (problem) {
      setRefusal(problem);
    }
  };
  const addPasskey = (): Promise<void> =>
    act(async () => {
      const options = await crew.api.ask<MakeOptions>("/v1/staff/passkeys:options", { method: "POST" });
      const credential = await makePasskey(options);
      take(await crew.api.ask<Fresh>("/v1/staff/passkeys", { body: { name: navigator.platform || "passkey", credential } }));
    });
  const drop = (path: string): Promise<void> =>
    act(async () => {
      await crew.api.ask(path, { method: "DELETE" });
      again();
    });
  if (codes !== null) {
    return (
      <Recovery
        codes={codes.codes}
        onKept={() => {
          crew.open(codes.fresh);
          setCodes(null);
          again();
        }}
      />
    );
  }
  return (
    <div class="stack">
      {first && <p class="lead">{t("security.first")}</p>}
      {error !== null && <Trouble error={error} onRetry={again} />}
      {refusal !== null && <Trouble error={refusal} />}
      {value !== null && (
        <>
          <App has={value.totp} onAdded={take} />
          <section class="card stack" aria-labelledby="passkeys">
            <h3 id="passkeys">{t("security.passkeys")}</h3>
            <p class="soft">{t(canPasskey() ? "security.passkeys_text" : "security.passkeys_not_here")}</p>
            <ul class="plain stack">
              {value.passkeys.map((one) => (
                <li key={one.credential_id} class="row ends">
                  <span>{one.name}</span>
                  <button type="button" onClick={() => void drop(`/v1/staff/passkeys/${one.credential_id}`)}>
                    {t("security.remove")}
                  </button>
                </li>
              ))}
            </ul>
            {canPasskey() && (
              <button type="button" class="primary" onClick={() => void addPasskey()}>
                {t("security.add_passkey")}
              </button>
            )}
          </section>
          {(value.totp || value.passkeys.length > 0) && <p class="soft">{t("security.recovery_left", { count: value.recovery_left })}</p>}
          {!first && (
            <section class="card stack" aria-labelledby="sessions">
              <h3 id="sessions">{t("security.sessions")}</h3>
              <ul class="plain stack">
                {value.sessions.map((one) => (
                  <li key={one.session_id} class="row ends">
                    <span>
                      {one.opened_at !== null && minute(one.opened_at)} <span class="soft small">{agentWords(one.agent)}</span>
                    </span>
                    {one.is_this ? (
                      <span class="chip good">{t("security.this_one")}</span>
                    ) : (
                      <button type="button" onClick={() => void drop(`/v1/staff/sessions/${one.session_id}`)}>
                        {t("security.end")}
                      </button>
                    )}
                  </li>
                ))}
              </ul>
            </section>
          )}
        </>
      )}
    </div>
  );
}

function App({ has, onAdded }: { has: boolean; onAdded: (fresh: Fresh) => void }) {
  const [offer, setOffer] = useState<{ secret: string; qr: string } | null>(null);
  const [code, setCode] = useState("");
  const [error, setError] = useState<unknown>(null);
  const ask = async (): Promise<void> => {
    setError(null);
    try {
      setOffer(await crew.api.ask("/v1/staff/totp", { method: "POST" }));
    } catch (problem) {
      setError(problem);
    }
  };
  const confirm = async (event: Event): Promise<void> => {
    event.preventDefault();
    setError(null);
    try {
      const fresh = await crew.api.ask<Fresh>("/v1/staff/totp:confirm", { body: { code: code.replaceAll(" ", "") } });
      setOffer(null);
      onAdded(fresh);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <section class="card stack" aria-labelledby="app">
      <h3 id="app">{t("security.app")}</h3>
      <p class="soft">{t(has ? "security.app_on" : "security.app_text")}</p>
      {error !== null && <Trouble error={error} />}
      {offer === null ? (
        <button type="button" class={has ? "" : "primary"} onClick={() => void ask()}>
          {t(has ? "security.app_again" : "security.app_add")}
        </button>
      ) : (
        <form class="stack" noValidate onSubmit={(event) => void confirm(event)}>
          <img src={offer.qr} alt={t("security.app_qr")} width="220" height="220" />
          <p>
            {t("security.app_secret")} <code>{offer.secret}</code>
          </p>
          <Field label={t("staff.code")} name="code" inputMode="numeric" autoComplete="one-time-code" value={code} onValue={setCode} />
          <button type="submit" class="primary">
            {t("security.app_confirm")}
          </button>
        </form>
      )}
    </section>
  );
}

function Recovery({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  return (
    <section class="card stack" aria-labelledby="recovery">
      <h3 id="recovery">{t("security.recovery")}</h3>
      <p>{t("security.recovery_text")}</p>
      <ul class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <button type="button" class="primary" onClick={onKept}>
        {t("security.recovery_kept")}
      </button>
    </section>
  );
}

/** The whole page of one who has yet to add a second factor. */
export function FirstFactor() {
  return (
    <div class="narrow stack">
      <h1>{t("security.title")}</h1>
      <Security first />
      <button type="button" onClick={crew.close}>
        {t("act.sign_out")}
      </button>
    </div>
  );
}
