/** Joining with a face: the text and two empty boxes, who you are, three pictures, the receipt. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Qr } from "../../../../server/web/lib/qr.tsx";
import { type EntryField, EntryForm } from "../entry_form.tsx";
import { noticeWords } from "../notice_words.ts";
import { Oval } from "../oval.tsx";
import { PageQr } from "../page_qr.tsx";
import { Actions, Heading } from "../parts.tsx";
import { TurnInstead } from "./looking.tsx";
import type { Panel, Screen } from "../screen.ts";
import { act, can, notice } from "../state.ts";
import { dateAndTime, t } from "../words.ts";

export function EnrolConsent({ panel }: { panel: Extract<Panel, { name: "enrol_consent" }> }) {
  const { consent } = panel;
  const [given, setGiven] = useState(false);
  const [over15, setOver15] = useState(false);
  return (
    <div class="panel consent">
      <Heading title={consent.title} />
      <div class="consent-text" tabIndex={0} role="region" aria-label={consent.title} data-say>
        {consent.paragraphs.map((paragraph) => (
          <Clause key={paragraph} text={paragraph} />
        ))}
        <p>
          <b>{t("enrol.keep")}</b> {consent.retention}
        </p>
        <p>
          <b>{t("enrol.stop")}</b> {consent.withdraw}
        </p>
      </div>
      <div class="ticks">
        <Tick label={consent.tick_label} checked={given} onChange={setGiven} />
        <Tick label={consent.age_label} checked={over15} onChange={setOver15} />
        {!(given && over15) && <p class="soft">{t("enrol.both")}</p>}
      </div>
      <Actions back={false}>
        {can("back") && (
          <button type="button" onClick={() => void act("back")}>
            {t("enrol.no")}
          </button>
        )}
        <span class="spring" />
        <button
          type="button"
          class="primary big"
          disabled={!given || !over15 || !can("consent")}
          onClick={() => void act("consent", { given, over_15: over15 })}
        >
          {t("enrol.agree")} <span aria-hidden="true">›</span>
        </button>
      </Actions>
    </div>
  );
}

/** A paragraph that begins with its subject ("How long. ...") shows the subject as such: nobody reads a wall. */
function Clause({ text }: { text: string }) {
  const [, subject, rest] = /^([^.。]{2,40}[.。])(.+)$/su.exec(text) ?? [];
  return <p>{subject === undefined ? text : [<b key="subject">{subject}</b>, rest]}</p>;
}

function Tick({ label, checked, onChange }: { label: string; checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <label class="tick">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

export function EnrolDetails({ panel }: { panel: Extract<Panel, { name: "enrol_details" }> }) {
  const [entries, setEntries] = useState<Record<string, string>>({ name: panel.typed_name, phone: panel.typed_phone, pin: "", pin_again: "" });
  const [ownKey, setOwnKey] = useState(false);
  // A PIN that was refused is typed anew: what stands there is dots, and nobody can mend dots.
  useEffect(() => {
    if (panel.problem_field?.startsWith("pin")) setEntries((before) => ({ ...before, pin: "", pin_again: "" }));
  }, [panel.problem_field, notice.value?.id]);
  const said = notice.value === null ? undefined : noticeWords(notice.value);
  const wrong = (field: string): string | undefined => (panel.problem_field === field ? said : undefined);
  const fields: EntryField[] = [
    { id: "name", kind: "letters", length: 60, least: 2, label: t("enrol.name"), error: wrong("name") },
    { id: "phone", kind: "phone", length: 20, least: 8, label: t("enrol.phone"), error: wrong("phone") },
    { id: "pin", kind: "pin", length: 6, least: 4, label: t("enrol.pin"), secret: true, error: wrong("pin") },
    { id: "pin_again", kind: "pin", length: 6, least: 4, label: t("enrol.pin_again"), secret: true, error: wrong("pin_again") },
  ];
  return (
    <div class="panel details">
      <Heading title={t("enrol.details_title")} lead={t("enrol.details_lead")} />
      <EntryForm id="details-form" fields={fields} entries={entries} onEntries={setEntries} onDone={() => void act("details", { ...entries, own_key: ownKey })} after={<Tick label={t("enrol.own_key")} checked={ownKey} onChange={setOwnKey} />} />
      <Actions>
        <button
          type="submit"
          form="details-form"
          class="primary big"
          disabled={!can("details")}
        >
          {t("app.continue")} <span aria-hidden="true">›</span>
        </button>
      </Actions>
    </div>
  );
}

/** The number is shown to be theirs: six digits that came by message. */
export function EnrolCode({ panel }: { panel: Extract<Panel, { name: "enrol_code" }> }) {
  const [entries, setEntries] = useState<Record<string, string>>({ code: "" });
  const fields: EntryField[] = [{ id: "code", kind: "digits", length: 6, least: 6, label: t("enrol.code") }];
  const send = (): void => {
    void act("phone_code", entries);
    setEntries({ code: "" });
  };
  const sent = panel.masked_phone !== "";
  return (
    <div class="panel code">
      <Heading
        title={t("enrol.code_title")}
        lead={panel.sending ? t("enrol.code_sending") : sent ? t("enrol.code_sent", { phone: panel.masked_phone }) : t("enrol.code_none")}
      />
      {sent && (
        <EntryForm
          id="phone-code-form"
          fields={fields}
          entries={entries}
          onEntries={setEntries}
          onDone={send}
          after={
            panel.sandbox_code !== null && (
              <p class="notice info" role="status" data-say>
                {t("enrol.code_sandbox", { code: panel.sandbox_code })}
              </p>
            )
          }
        />
      )}
      <Actions>
        <button type="button" class="big" disabled={!can("resend_code")} onClick={() => void act("resend_code")}>
          {t("enrol.code_again")}
        </button>
        <button type="submit" form="phone-code-form" class="primary big" disabled={!can("phone_code")}>
          {t("app.continue")} <span aria-hidden="true">›</span>
        </button>
      </Actions>
    </div>
  );
}

export function EnrolCapture({ panel }: { panel: Extract<Panel, { name: "enrol_capture" }> }) {
  return (
    <div class="panel looking">
      <Heading title={t("enrol.capture_title")} lead={t("enrol.capture_lead")} />
      <Oval hint={panel.hint} progress={panel.progress} />
      {panel.searching && (
        <p class="hint-now" role="status" data-say>
          {t("enrol.searching")}
        </p>
      )}
      <p class="dots" role="img" aria-label={t("enrol.capture_count", { taken: panel.taken, wanted: panel.wanted })}>
        {Array.from({ length: panel.wanted }, (_unused, place) => (
          <span key={place} data-taken={place < panel.taken} aria-hidden="true" />
        ))}
      </p>
      <Actions>
        {can("capture") && (
          <button type="button" class={panel.searching ? "big" : "primary big"} onClick={() => void act("capture")}>
            {panel.searching ? t("enrol.search_go") : t("enrol.capture_go", { next: panel.taken + 1, wanted: panel.wanted })}
          </button>
        )}
      </Actions>
    </div>
  );
}

export function EnrolDone({ panel, screen }: { panel: Extract<Panel, { name: "enrol_done" }>; screen: Screen }) {
  return (
    <div class={panel.card === null ? "panel proof" : "panel proof two"}>
      <Heading title={t("enrol.done_title", { masked: panel.masked })} lead={t("enrol.done_lead")} />
      <div class="slip">
        <dl>
        <Fact label={t("enrol.given")} value={dateAndTime(panel.given_at)} />
        <Fact label={t("enrol.version")} value={panel.version} />
        <Fact label={t("enrol.phone_end")} value={panel.phone_last4} />
        <Fact label={t("enrol.receipt")} value={panel.receipt_id} long />
        </dl>
        {panel.look_alike && (
          <p class="notice info" data-say>
            {t("enrol.look_alike")}
          </p>
        )}
      </div>
      <div class="cards">
        {panel.card !== null && (
          <section class="card">
            <Qr text={panel.card} label={t("enrol.card_qr")} />
            <p>{t("enrol.card_more")}</p>
          </section>
        )}
        <section class="card">
          <PageQr server={screen.kiosk.server_url} path={panel.withdraw_url} label={t("enrol.withdraw_qr")} />
          <p>{t("enrol.withdraw_qr")}</p>
        </section>
      </div>
      <Finish>
        {panel.tested === "recognised" && <p class="chip works">{t("enrol.tested")}</p>}
        {can("test_face") && (
          <button type="button" class="big" onClick={() => void act("test_face")}>
            {panel.tested === "not" ? t("enrol.test_again") : t("enrol.test")}
          </button>
        )}
      </Finish>
    </div>
  );
}

/** The face that was just joined is looked for, as at a payment. */
export function EnrolTest({ panel }: { panel: Extract<Panel, { name: "enrol_test" }> }) {
  return (
    <div class="panel looking">
      <Heading title={t("enrol.test_title")} lead={t("enrol.test_lead")} />
      <Oval hint={panel.hint} progress={panel.progress} challenge={panel.challenge} />
      <Actions>
        <TurnInstead challenge={panel.challenge} />
      </Actions>
    </div>
  );
}

export function Fact({ label, value, long = false }: { label: string; value: string; long?: boolean }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd class={long ? "long" : ""}>{value}</dd>
    </div>
  );
}

/** One button: on with the open basket where there is one, else to the beginning. */
export function Finish({ children }: { children?: ComponentChildren }) {
  const next = can("back") ? "back" : "new_visit";
  return (
    <Actions back={false}>
      {children}
      <button type="button" class="primary big" onClick={() => void act(next)}>
        {t("enrol.finish")}
      </button>
    </Actions>
  );
}
