/** A form for fingers: real fields (a keyboard works as ever) and, beside them, the screen keys of the active one. */

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Keypad } from "../../../server/web/lib/keypad.tsx";
import { accepted, allComplete, type Entries, type EntrySpec, nextOpen, shown } from "./entry.ts";
import { Letters } from "./letters.tsx";
import { t } from "./words.ts";

export interface EntryField extends EntrySpec {
  label: string;
  secret?: boolean;
  error?: string | undefined;
}

export interface EntryFormProps {
  fields: EntryField[];
  entries: Entries;
  onEntries: (entries: Entries) => void;
  onDone: () => void;
  /** Above the fields: a choice between ways, say. */
  children?: ComponentChildren;
  /** Below the fields: what goes with them and is not typed. */
  after?: ComponentChildren;
  /** The id that the main button names in its `form` attribute. */
  id: string;
}

export function EntryForm({ fields, entries, onEntries, onDone, children, after, id }: EntryFormProps) {
  const wrong = fields.find((field) => field.error)?.id;
  const [active, setActive] = useState(wrong ?? fields[0]?.id ?? "");
  const inputs = useRef(new Map<string, HTMLInputElement>());
  const current = fields.find((field) => field.id === active) ?? fields[0];
  const prefix = useId();

  const focus = (fieldId: string): void => {
    setActive(fieldId);
    inputs.current.get(fieldId)?.focus();
  };
  // Before the paint, not after it: a key that follows the first sight of the field at once must reach it.
  useLayoutEffect(() => {
    if (wrong) focus(wrong);
  }, [wrong]);
  // The fields may change under the form (phone or code): the first one is active then.
  useLayoutEffect(() => {
    if (!fields.some((field) => field.id === active) && fields[0]) focus(fields[0].id);
  }, [fields.map((field) => field.id).join()]);
  useLayoutEffect(() => {
    if (current) focus(wrong ?? nextOpen(fields, entries, "") ?? current.id);
  }, []);

  if (current === undefined) return null;
  const put = (field: EntrySpec, typed: string): void => onEntries({ ...entries, [field.id]: accepted(field, typed) });
  const go = (): void => {
    const next = nextOpen(fields, entries, current.id);
    if (allComplete(fields, entries)) onDone();
    else focus(next ?? current.id);
  };
  const value = entries[current.id] ?? "";

  return (
    <form
      id={id}
      class="entry"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        go();
      }}
    >
      <div class="entry-fields">
        {children}
        {fields.map((field) => (
          <div key={field.id} class={field.id === active ? "field active" : "field"}>
            <label for={prefix + field.id}>{field.label}</label>
            <input
              id={prefix + field.id}
              ref={(element) => {
                if (element) inputs.current.set(field.id, element);
              }}
              type={field.secret ? "password" : "text"}
              // The screen keys stand beside the field: no second keyboard may cover the page.
              inputMode="none"
              autocomplete="off"
              spellcheck={false}
              autofocus={field.id === active}
              value={shown(field, entries[field.id] ?? "")}
              onFocus={() => setActive(field.id)}
              onInput={(event) => put(field, event.currentTarget.value)}
              aria-invalid={field.error ? "true" : undefined}
              aria-describedby={field.error ? `${prefix}${field.id}-error` : undefined}
            />
            {field.error && (
              <p class="error" id={`${prefix}${field.id}-error`}>
                {field.error}
              </p>
            )}
          </div>
        ))}
        {after}
        {/* Enter must work whichever button lies outside the form. */}
        <button type="submit" hidden tabIndex={-1} />
      </div>
      {/* Keys must not take the focus from the field that they fill. */}
      <div class="entry-keys" onPointerDown={(event) => event.preventDefault()}>
        {current.kind === "letters" ? (
          <Letters value={value} onValue={(typed) => put(current, typed)} />
        ) : (
          <Keypad
            value={value}
            length={current.length}
            corner={current.kind === "phone" ? "+" : undefined}
            onValue={(typed) => put(current, typed)}
            words={{ erase: t("app.erase"), clear: t("app.clear"), keys: t("app.keys") }}
          />
        )}
      </div>
    </form>
  );
}
