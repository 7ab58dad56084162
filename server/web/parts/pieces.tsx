/** Lines of a ticket, and how many pieces of each come back. */

export interface PiecesProps {
  lines: { id: string; label: string; most: number }[];
  chosen: Record<string, number>;
  onChosen: (chosen: Record<string, number>) => void;
}

export function Pieces({ lines, chosen, onChosen }: PiecesProps) {
  return (
    <ul class="plain stack">
      {lines.map(({ id, label, most }) => (
        <li key={id}>
          <label class="row ends">
            <span>{label}</span>
            <select value={chosen[id] ?? 0} onChange={(event) => onChosen({ ...chosen, [id]: Number(event.currentTarget.value) })}>
              {Array.from({ length: most + 1 }, (_unused, count) => (
                <option key={count} value={count}>
                  {count}
                </option>
              ))}
            </select>
          </label>
        </li>
      ))}
    </ul>
  );
}
