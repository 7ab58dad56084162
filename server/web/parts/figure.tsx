/** One number of a list of figures, with what it counts. */

export function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd class="money">{value}</dd>
    </div>
  );
}
