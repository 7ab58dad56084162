/** Sign-in of the shop's own people: one session for the board and for campaigns, told apart by roles. */

import { useState } from "preact/hooks";
import { ProblemError } from "../lib/api.ts";
import { Field } from "../lib/field.tsx";
import { canPasskey, signWithPasskey, type SignOptions } from "../lib/passkey.ts";
import { createSession, type Pass } from "./session.ts";
import { Trouble } from "./trouble.tsx";
import { t } from "./crew_words.ts";

export interface CrewPass extends Pass {
  /** As typed at sign-in; a call is claimed under the login or the name. */
  login: string;
  name: string;
  roles: string[];
  /** True while nothing may be done but adding a second factor. */
  must_enrol?: boolean;
  store_id?: string;
}

export const crew = createSession<CrewPass>("sesame.crew");

/** Return whether a name on a call is that of the person signed in here. */
export const isMe = (name: string | null): boolean =>
  name !== null && (name === crew.pass.value?.name || name === crew.pass.value?.login);

/** The store whose events this page follows; a server holds one store, `demo` unless its session says otherwise. */
export const storeId = (): string => crew.pass.value?.store_id ?? "demo";

export function CrewSignIn({ title }: { title: string }) {
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [needsCode, setNeedsCode] = useState(false);
  const [bad, setBad] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const enter = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBad(true);
    if (login.trim() === "" || password === "") return;
    setBusy(true);
    try {
      const shown = code.replaceAll(" ", "");
      const body = { login: login.trim(), password, ...(needsCode && shown !== "" ? { code: shown } : {}) };
      const pass = await crew.api.ask<Omit<CrewPass, "login">>("/v1/staff/sessions", { body });
      crew.open({ ...pass, login: login.trim() });
    } catch (problem) {
      const asks = problem instanceof ProblemError && problem.code === "second_factor_needed";
      if (asks) setNeedsCode(true);
      setError(asks ? null : problem);
    } finally {
      setBusy(false);
    }
  };
  const enterByPasskey = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const options = await crew.api.ask<SignOptions>("/v1/staff/passkey-challenges", { method: "POST" });
      const credential = await signWithPasskey(options);
      const pass = await crew.api.ask<Omit<CrewPass, "login">>("/v1/staff/passkey-sessions", { body: { credential } });
      crew.open({ ...pass, login: pass.name });
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="card narrow stack" noValidate onSubmit={(event) => void enter(event)}>
      <h1>{title}</h1>
      {crew.ended.value && error === null && <p class="notice warn">{t("problem.session")}</p>}
      {error !== null && <Trouble error={error} />}
      <Field
        label={t("staff.login")}
        name="login"
        autoComplete="username"
        autoCapitalize="none"
        value={login}
        onValue={setLogin}
        error={bad && login.trim() === "" ? t("problem.required") : undefined}
      />
      <Field
        label={t("staff.password")}
        name="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onValue={setPassword}
        error={bad && password === "" ? t("problem.required") : undefined}
      />
      {needsCode && (
        <Field
          label={t("staff.code")}
          hint={t("staff.code_hint")}
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          autoFocus
          value={code}
          onValue={setCode}
        />
      )}
      <button type="submit" class="primary" disabled={busy}>
        {t("staff.enter")}
      </button>
      {canPasskey() && (
        <button type="button" disabled={busy} onClick={() => void enterByPasskey()}>
          {t("staff.passkey")}
        </button>
      )}
    </form>
  );
}

/** Signed in, but without the role that a page needs. */
export function NoRole({ text }: { text: string }) {
  return (
    <div class="card narrow stack">
      <h1>{text}</h1>
      <button type="button" class="primary" onClick={crew.close}>
        {t("act.sign_out")}
      </button>
    </div>
  );
}
