/** Name what a form asks for: the same wish keeps its id after a lost answer, so that it is done once. */

import { useRef } from "preact/hooks";
import { newId } from "../lib/api.ts";

export interface Attempt {
  /** Return the id of a wish: the one it had, if nothing in it is other than the last time. */
  idOf(wish: unknown): string;
  /** It is answered: the same wish again is another one. */
  end(): void;
}

export function useAttempt(): Attempt {
  const last = useRef<{ id: string; body: string } | null>(null);
  return {
    idOf: (wish) => {
      const body = JSON.stringify(wish);
      if (last.current?.body !== body) last.current = { id: newId(), body };
      return last.current.id;
    },
    end: () => {
      last.current = null;
    },
  };
}
