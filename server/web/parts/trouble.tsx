/** What a refused or lost request means to the person in front of the page. */

import { ProblemError } from "../lib/api.ts";
import { byCode, t } from "./words.ts";

/** Return the sentence of an error; what no dictionary knows is told with its code. */
export function sentence(error: unknown): string {
  if (!(error instanceof ProblemError)) return t("problem.unexpected", { code: "page" });
  const { code, problem } = error;
  const facts: Record<string, string | number> = { code };
  for (const [name, fact] of Object.entries(problem)) {
    if (typeof fact === "string" || typeof fact === "number") facts[name] = fact;
  }
  return byCode("problem", code, facts, "problem.unexpected");
}

export function Trouble({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div class="notice bad" role="alert">
      <p>{sentence(error)}</p>
      {onRetry && (
        <button type="button" onClick={onRetry}>
          {t("act.retry")}
        </button>
      )}
    </div>
  );
}
