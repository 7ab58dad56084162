/** A colleague at this kiosk: who they are, then what they change. Every act asks for its reason. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Keypad } from "../../../../server/web/lib/keypad.tsx";
import { useDigitKeys } from "../digit_keys.ts";
import { type EntryField, EntryForm } from "../entry_form.tsx";
import { Actions, Heading } from "../parts.tsx";
import type { BasketLine, Panel, Screen } from "../screen.ts";
import { act, can } from "../state.ts";
import { price, t } from "../words.ts";

type StaffPanel = Extract<Panel, { name: "staff" }>;
const AMEND = ["miscounted", "wrong_product", "changed_mind", "damaged"] as const;
const PRICE = ["shelf_label", "damaged", "near_date", "goodwill"] as const;
const PAUSE = ["cleaning", "repair", "closed"] as const;
const PRICE_DIGITS = 6;
const PIECES_AT_MOST = 99;

export function Staff({ panel, screen }: { panel: StaffPanel; screen: Screen }) {
  if (panel.attendant === null || panel.second) return <SignIn key={String(panel.second)} second={panel.second} />;
  return <Attended panel={panel} lines={screen.basket?.lines ?? []} name={panel.attendant.name} alone={panel.attendant.alone_minor} />;
}

const NOBODY = { number: "", pin: "" };

function SignIn({ second }: { second: boolean }) {
  const [entries, setEntries] = useState<Record<string, string>>(NOBODY);
  const fields: EntryField[] = [
    { id: "number", kind: "digits", length: 4, least: 4, label: t("staff.number") },
    { id: "pin", kind: "pin", length: 6, least: 6, label: t("staff.pin"), secret: true },
  ];
  const send = (): void => {
    void act("staff_sign_in", { number: entries["number"], pin: entries["pin"] });
    setEntries(NOBODY);
  };
  return (
    <div class="panel code">
      <Heading
        title={second ? t("staff.second_title") : t("staff.sign_title")}
        lead={second ? t("staff.second_lead") : t("staff.sign_lead")}
      />
      <EntryForm id="staff-form" fields={fields} entries={entries} onEntries={setEntries} onDone={send} />
      <Actions>
        <button type="submit" form="staff-form" class="primary big" disabled={!can("staff_sign_in")}>
          {t("app.continue")} <span aria-hidden="true">›</span>
        </button>
      </Actions>
    </div>
  );
}

function Attended({ panel, lines, name, alone }: { panel: StaffPanel; lines: BasketLine[]; name: string; alone: number }) {
  const [picked, setPicked] = useState<string | null>(null);
  const [pausing, setPausing] = useState(false);
  const line = lines.find((one) => one.line_id === picked);
  if (line !== undefined) return <Change key={line.line_id} line={line} onDone={() => setPicked(null)} />;
  return (
    <div class="panel staff">
      <Heading title={t("staff.title", { name })} lead={t("staff.alone", { alone_minor: alone })} />
      <ul class="plain lines" tabIndex={0} aria-label={t("shopping.lines")}>
        {lines.length === 0 && <li class="line soft">{t("shopping.empty")}</li>}
        {lines
          .filter((one) => !one.line_id.endsWith(":deposit"))
          .map((one) => (
            <li key={one.line_id}>
              <button
                type="button"
                class="staff-line"
                onClick={() => {
                  setPausing(false);
                  setPicked(one.line_id);
                }}
              >
                <span>
                  {one.weight_g === null ? `${one.quantity} × ` : ""}
                  {one.name}
                </span>
                <b class="money">{price(one.due_minor)}</b>
              </button>
            </li>
          ))}
      </ul>
      <section class="staff-sheet">
        {pausing ? (
          <Reasons
            label={t("staff.pause_why")}
            reasons={PAUSE}
            chosen={null}
            onChoose={(reason) => {
              setPausing(false);
              void act("staff_pause", { reason });
            }}
          />
        ) : (
          <>
            {lines.length > 0 && <p class="soft">{t("staff.pick")}</p>}
            {panel.age !== null && <Age age={panel.age} />}
            {panel.check && (
              <div class="card" role="group" aria-label={t("staff.check")}>
                <p class="lead">{t("staff.check")}</p>
                <button type="button" class="primary" disabled={!can("staff_checked")} onClick={() => void act("staff_checked")}>
                  {t("staff.checked")}
                </button>
              </div>
            )}
            {panel.paused && <p class="chip warn">{t("staff.closing")}</p>}
            {can("staff_pause") && (
              <button type="button" onClick={() => setPausing(true)}>
                {t("staff.pause")}
              </button>
            )}
            {can("staff_open") && (
              <button type="button" class="primary" onClick={() => void act("staff_open")}>
                {t("staff.open")}
              </button>
            )}
          </>
        )}
      </section>
      <Actions back={false}>
        {can("back") && (
          <button type="button" class="primary big" onClick={() => void act("back")}>
            {t("staff.done")}
          </button>
        )}
      </Actions>
    </div>
  );
}

function Age({ age }: { age: number }) {
  const say = (approved: boolean) => (): void => void act("staff_age", { approved });
  return (
    <div class="card" role="group" aria-label={t("staff.age", { age })}>
      <p class="lead">{t("staff.age", { age })}</p>
      <div class="row">
        <button type="button" class="danger" disabled={!can("staff_age")} onClick={say(false)}>
          {t("staff.age_no")}
        </button>
        <button type="button" class="primary" disabled={!can("staff_age")} onClick={say(true)}>
          {t("staff.age_yes")}
        </button>
      </div>
    </div>
  );
}

/** One line: how many of it, or what it costs. Once it is sent the lines are shown, with what came of it. */
function Change({ line, onDone }: { line: BasketLine; onDone: () => void }) {
  const [kind, setKind] = useState<"quantity" | "price">("quantity");
  const tabs = (
    <div class="tabs" role="group" aria-label={line.name}>
      {(["quantity", "price"] as const).map((one) => (
        <button key={one} type="button" aria-pressed={kind === one} onClick={() => setKind(one)}>
          {t(`staff.${one}`)}
        </button>
      ))}
    </div>
  );
  return (
    <div class={`panel staff-change of-${kind}`}>
      <Heading title={line.name} lead={`${howMuch(line)} · ${price(line.due_minor)}`} />
      {kind === "quantity" ? <Amount line={line} tabs={tabs} onDone={onDone} /> : <Price line={line} tabs={tabs} onDone={onDone} />}
    </div>
  );
}

interface ChangeProps {
  line: BasketLine;
  tabs: ComponentChildren;
  onDone: () => void;
}

function Amount({ line, tabs, onDone }: ChangeProps) {
  const [quantity, setQuantity] = useState(line.weight_g === null ? line.quantity : 0);
  const [reason, setReason] = useState<(typeof AMEND)[number] | null>(null);
  const isSame = line.weight_g === null && quantity === line.quantity;
  const send = (): void => {
    void act("staff_quantity", { line_id: line.line_id, quantity, reason });
    onDone();
  };
  return (
    <>
      <section class="staff-what">
        {tabs}
        {line.weight_g === null && (
          <Stepper label={t("staff.quantity")} value={quantity} least={0} most={PIECES_AT_MOST} onValue={setQuantity} />
        )}
      </section>
      <Reasons label={t("staff.why")} reasons={AMEND} chosen={reason} onChoose={setReason} />
      <Sending onDone={onDone}>
        <button
          type="button"
          class={quantity === 0 ? "danger big" : "primary big"}
          disabled={reason === null || isSame || !can("staff_quantity")}
          onClick={send}
        >
          {quantity === 0 ? t("staff.take_out") : t("staff.set_quantity", { quantity })}
        </button>
      </Sending>
    </>
  );
}

/** Digits fill in from the right, as on every till: 1 5 0 is 1.50. */
function Price({ line, tabs, onDone }: ChangeProps) {
  const most = line.weight_g === null ? line.quantity : 1;
  const [digits, setDigits] = useState("");
  const [pieces, setPieces] = useState(most);
  const [reason, setReason] = useState<(typeof PRICE)[number] | null>(null);
  const price_minor = Number(digits || "0");
  const isReady = reason !== null && digits !== "" && can("staff_price");
  const send = (): void => {
    if (!isReady) return;
    void act("staff_price", { line_id: line.line_id, pieces, price_minor, reason });
    onDone();
  };
  useDigitKeys(digits, setDigits, PRICE_DIGITS, send);
  return (
    <>
      <section class="staff-what">
        {tabs}
        <p class="staff-amount" role="status" aria-label={t("staff.new_price")}>
          {price(price_minor)}
        </p>
        {most > 1 && <Stepper label={t("staff.pieces")} value={pieces} least={1} most={most} onValue={setPieces} />}
      </section>
      <Reasons label={t("staff.why")} reasons={PRICE} chosen={reason} onChoose={setReason} />
      <Keypad
        value={digits}
        onValue={setDigits}
        length={PRICE_DIGITS}
        words={{ erase: t("app.erase"), clear: t("app.clear"), keys: t("app.keys") }}
      />
      <Sending onDone={onDone}>
        <button type="button" class="primary big" disabled={!isReady} onClick={send}>
          {t("staff.set_price", { price_minor })}
        </button>
      </Sending>
    </>
  );
}

/** The lower edge of a line's page: the way back to the lines, and the one next step. */
function Sending({ onDone, children }: { onDone: () => void; children: ComponentChildren }) {
  return (
    <div class="actions-bar">
      <button type="button" class="back" onClick={onDone}>
        <span aria-hidden="true">‹</span> {t("app.back")}
      </button>
      <span class="spring" />
      {children}
    </div>
  );
}

/** "2 × 1.95 €"; what a weighed line's own text says of its weight. */
function howMuch(line: BasketLine): string {
  return line.weight_g === null ? `${line.quantity} × ${price(line.unit_price_minor)}` : line.unit_text || price(line.unit_price_minor);
}

interface StepperProps {
  label: string;
  value: number;
  least: number;
  most: number;
  onValue: (value: number) => void;
}

function Stepper({ label, value, least, most, onValue }: StepperProps) {
  return (
    <div class="quantity staff-stepper" role="group" aria-label={label}>
      <span class="spring">{label}</span>
      <button type="button" aria-label={t("staff.less")} disabled={value <= least} onClick={() => onValue(value - 1)}>
        <span aria-hidden="true">−</span>
      </button>
      <span class="count" role="status">
        {value}
      </span>
      <button type="button" aria-label={t("staff.more")} disabled={value >= most} onClick={() => onValue(value + 1)}>
        <span aria-hidden="true">+</span>
      </button>
    </div>
  );
}

type Reason = (typeof AMEND)[number] | (typeof PRICE)[number] | (typeof PAUSE)[number];

interface ReasonsProps<R extends Reason> {
  label: string;
  reasons: readonly R[];
  chosen: R | null;
  onChoose: (reason: R) => void;
}

function Reasons<R extends Reason>({ label, reasons, chosen, onChoose }: ReasonsProps<R>) {
  return (
    <div class="staff-reasons" role="group" aria-label={label}>
      <span>{label}</span>
      {reasons.map((one) => (
        <button key={one} type="button" aria-pressed={chosen === one} onClick={() => onChoose(one)}>
          {t(`staff.reason_${one}`)}
        </button>
      ))}
    </div>
  );
}
