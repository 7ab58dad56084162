/** A field for a PIN: dots, the digits' own keyboard, nothing that a browser would keep unless it is told to. */

import { Field, type FieldProps } from "../lib/field.tsx";

export const PIN_MOST = 6;

export function PinField({ autoComplete = "off", ...field }: FieldProps) {
  return <Field type="password" inputMode="numeric" autoComplete={autoComplete} maxLength={PIN_MOST} {...field} />;
}
