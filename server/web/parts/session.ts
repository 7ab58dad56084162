/** Who is signed in on this tab. Kept in sessionStorage: it survives a reload and ends with the tab. */

import { signal, type ReadonlySignal } from "@preact/signals";
import { createApi, ProblemError, type Api } from "../lib/api.ts";

export interface Pass {
  token: string;
  expires_at: string;
}

export interface Session<P extends Pass> {
  pass: ReadonlySignal<P | null>;
  /** True after the server refused the token: the sign-in page then says why it shows. */
  ended: ReadonlySignal<boolean>;
  api: Api;
  token(): string | null;
  open(pass: P): void;
  close(): void;
  /** Close the session because the server no longer takes its token. */
  expire(): void;
}

/** Make the session kept under `name`; an ask that meets 401 ends it. */
export function createSession<P extends Pass>(name: string): Session<P> {
  const pass = signal<P | null>(kept<P>(name));
  const ended = signal(false);
  const token = (): string | null => pass.value?.token ?? null;
  const bare = createApi({ token });
  const close = (): void => {
    pass.value = null;
    sessionStorage.removeItem(name);
  };
  const expire = (): void => {
    close();
    ended.value = true;
  };
  const watched = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof ProblemError && error.code === "unauthorized" && pass.value !== null) expire();
      throw error;
    }
  };
  return {
    pass,
    ended,
    token,
    close,
    expire,
    api: { ask: (path, ask) => watched(bare.ask(path, ask)), answer: (path, ask) => watched(bare.answer(path, ask)), file: (path) => watched(bare.file(path)) },
    open(fresh) {
      ended.value = false;
      pass.value = fresh;
      sessionStorage.setItem(name, JSON.stringify(fresh));
    },
  };
}

function kept<P extends Pass>(name: string): P | null {
  const text = sessionStorage.getItem(name);
  if (text === null) return null;
  const pass = JSON.parse(text) as P; // written by `open` above and by nobody else
  return Date.parse(pass.expires_at) > Date.now() ? pass : null;
}
