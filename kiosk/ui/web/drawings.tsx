/** Drawings of what has no bar code: by its international number (PLU) or the shop's own word, else by its category. */

import type { JSX } from "preact";

type Drawing = JSX.Element;

const LEAF = "#4f8a3c";
const STEM = "#6b4a2b";

const leaf = (x: number, y: number): Drawing => <path d={`M${x} ${y}q10 -12 22 -6q-6 13 -22 6z`} fill={LEAF} />;

const apple = (skin: string, light: string): Drawing => (
  <g>
    <path d="M50 32C36 22 16 30 16 54s16 36 26 36c4 0 5-2 8-2s4 2 8 2c10 0 26-12 26-36S64 22 50 32z" fill={skin} />
    <path d="M28 46c2-7 7-10 12-11" fill="none" stroke={light} stroke-width="5" stroke-linecap="round" />
    <path d="M50 33c0-8 1-13 4-18" fill="none" stroke={STEM} stroke-width="4" stroke-linecap="round" />
    {leaf(54, 22)}
  </g>
);

const pear = (skin: string, light: string): Drawing => (
  <g>
    <path d="M50 22c-9 0-12 8-13 17-2 12-15 17-15 33 0 14 13 20 28 20s28-6 28-20c0-16-13-21-15-33-1-9-4-17-13-17z" fill={skin} />
    <path d="M32 70c0-8 4-12 8-17" fill="none" stroke={light} stroke-width="5" stroke-linecap="round" />
    <path d="M50 23c0-6 1-9 4-13" fill="none" stroke={STEM} stroke-width="4" stroke-linecap="round" />
    {leaf(54, 17)}
  </g>
);

const citrus = (skin: string, light: string): Drawing => (
  <g>
    <circle cx="50" cy="56" r="34" fill={skin} />
    <path d="M28 48c3-9 9-14 17-16" fill="none" stroke={light} stroke-width="5" stroke-linecap="round" />
    <circle cx="50" cy="24" r="3" fill={STEM} />
    {leaf(52, 22)}
  </g>
);

const lemon = (skin: string, light: string): Drawing => (
  <g transform="rotate(-24 50 52)">
    <path d="M10 52c4-2 6-4 9-8 7-11 18-18 31-18s24 7 31 18c3 4 5 6 9 8-4 2-6 4-9 8-7 11-18 18-31 18S26 71 19 60c-3-4-5-6-9-8z" fill={skin} />
    <path d="M28 44c5-7 10-9 16-10" fill="none" stroke={light} stroke-width="5" stroke-linecap="round" />
  </g>
);

const banana: Drawing = (
  <g>
    <path d="M24 16c-2 34 12 62 54 66 5 0 8-5 5-9C58 66 44 50 36 16c-2-5-11-5-12 0z" fill="#f1c232" />
    <path d="M34 22c2 30 18 48 42 54" fill="none" stroke="#c99a14" stroke-width="3" stroke-linecap="round" />
    <path d="M24 18c0-4 2-8 5-10l6 8" fill={STEM} />
  </g>
);

const grapes = (skin: string, light: string): Drawing => (
  <g>
    <path d="M50 30c0-8 2-13 6-18" fill="none" stroke={STEM} stroke-width="4" stroke-linecap="round" />
    {[[32, 38], [50, 38], [68, 38], [41, 53], [59, 53], [50, 68], [32, 62], [68, 62], [42, 79], [58, 79]].map(([x, y]) => (
      <g key={`${x}-${y}`}>
        <circle cx={x} cy={y} r="10.5" fill={skin} stroke={light} stroke-width="1.5" />
      </g>
    ))}
    {leaf(56, 22)}
  </g>
);

const kiwi: Drawing = (
  <g>
    <ellipse cx="50" cy="52" rx="36" ry="33" fill="#8a6a3f" />
    <ellipse cx="50" cy="52" rx="30" ry="27" fill="#9cc24b" />
    <ellipse cx="50" cy="52" rx="9" ry="8" fill="#f2f0d8" />
    {[0, 40, 80, 120, 160, 200, 240, 280, 320].map((turn) => (
      <ellipse key={turn} cx="50" cy="37" rx="1.7" ry="3.4" fill="#2c2a1e" transform={`rotate(${turn} 50 52)`} />
    ))}
  </g>
);

const avocado: Drawing = (
  <g>
    <path d="M50 12c-10 0-14 10-17 20-4 12-13 18-13 33 0 16 13 26 30 26s30-10 30-26c0-15-9-21-13-33-3-10-7-20-17-20z" fill="#3f5a2a" />
    <path d="M50 19c-7 0-10 8-13 17-4 12-11 17-11 29 0 13 10 20 24 20s24-7 24-20c0-12-7-17-11-29-3-9-6-17-13-17z" fill="#d5df8b" />
    <circle cx="50" cy="63" r="13" fill="#8b5a2b" />
  </g>
);

const tomato = (long: boolean): Drawing => (
  <g>
    <ellipse cx="50" cy="56" rx={long ? 25 : 35} ry={long ? 35 : 31} fill="#d63a2c" />
    <path d={long ? "M36 46c2-7 5-10 9-12" : "M28 48c3-8 8-12 14-13"} fill="none" stroke="#f0897c" stroke-width="5" stroke-linecap="round" />
    <path d="M50 28l-14-4 8 9-9 7 12-3 3 9 5-9 12 2-9-7 8-8-13 4z" fill={LEAF} />
  </g>
);

const carrot: Drawing = (
  <g transform="rotate(34 50 50)">
    <path d="M38 30c-2 22 4 46 12 62 8-16 14-40 12-62-6-6-18-6-24 0z" fill="#ee7b22" />
    <path d="M42 44h9M52 56h7M43 66h7" stroke="#c45c10" stroke-width="3" stroke-linecap="round" />
    <path d="M50 28C42 20 42 12 44 6c5 4 7 9 6 14 1-7 5-12 11-13 1 8-3 16-11 21z" fill={LEAF} />
  </g>
);

const potato: Drawing = (
  <g>
    <path d="M18 60c-4-18 12-32 32-34 18-2 34 8 34 26s-12 34-34 34c-18 0-29-9-32-26z" fill="#c79a5b" />
    {[[36, 48], [58, 42], [66, 60], [42, 68]].map(([x, y]) => (
      <ellipse key={x} cx={x} cy={y} rx="3.4" ry="2.2" fill="#8f6731" />
    ))}
  </g>
);

const onion = (skin: string, line: string): Drawing => (
  <g>
    <path d="M50 12c0 14 6 16 16 23 10 6 18 14 18 26 0 17-16 27-34 27S16 78 16 61c0-12 8-20 18-26 10-7 16-9 16-23z" fill={skin} />
    <path d="M50 24c-3 18-16 26-16 62M50 24c3 18 16 26 16 62M50 24v64" fill="none" stroke={line} stroke-width="2.5" />
    <path d="M42 88l-3 6M50 89v6M58 88l3 6" stroke={STEM} stroke-width="2.5" stroke-linecap="round" />
  </g>
);

const stick = (skin: string, line: string): Drawing => (
  <g transform="rotate(-38 50 50)">
    <rect x="8" y="36" width="84" height="28" rx="14" fill={skin} />
    <path d="M20 45h58M24 55h50" stroke={line} stroke-width="3" stroke-linecap="round" stroke-dasharray="14 7" />
    <circle cx="92" cy="50" r="4.5" fill={LEAF} />
  </g>
);

const pepper = (skin: string, line: string): Drawing => (
  <g>
    <path d="M50 32c-6-6-30-6-30 20 0 24 10 38 18 38 5 0 7-3 12-3s7 3 12 3c8 0 18-14 18-38 0-26-24-26-30-20z" fill={skin} />
    <path d="M42 36c-4 14-4 32 0 48M58 36c4 14 4 32 0 48" fill="none" stroke={line} stroke-width="3" stroke-linecap="round" />
    <path d="M50 34c-2-8 0-16 6-22l6 4c-4 5-5 10-4 17z" fill={LEAF} />
  </g>
);

const broccoli: Drawing = (
  <g>
    <path d="M42 56l2 34h12l2-34z" fill="#9cbf6b" />
    {[[28, 48], [42, 34], [60, 34], [72, 48], [50, 48], [36, 58], [64, 58]].map(([x, y]) => (
      <circle key={`${x}-${y}`} cx={x} cy={y} r="14" fill="#3f7d3a" stroke="#5c9a4d" stroke-width="1.5" />
    ))}
  </g>
);

const lettuce: Drawing = (
  <g>
    <path d="M50 88c-26 0-40-16-38-34 6-2 8-6 8-12 8 0 10-4 12-12 8 2 12-2 18-8 6 6 10 10 18 8 2 8 4 12 12 12 0 6 2 10 8 12 2 18-12 34-38 34z" fill="#6fae4a" />
    <path d="M50 84V40M50 70L34 52M50 70l16-18M50 58l-9-12M50 58l9-12" fill="none" stroke="#d7ecb8" stroke-width="3" stroke-linecap="round" />
  </g>
);

const garlic: Drawing = (
  <g>
    <path d="M50 12c-1 14 4 18 14 26 10 7 16 15 16 27 0 14-13 23-30 23S20 79 20 65c0-12 6-20 16-27 10-8 15-12 14-26z" fill="#efe8df" stroke="#b9a797" stroke-width="2" />
    <path d="M50 36c-10 10-12 32-6 51M50 36c10 10 12 32 6 51" fill="none" stroke="#b08aa0" stroke-width="2.5" />
  </g>
);

const baguette: Drawing = (
  <g transform="rotate(-38 50 50)">
    <rect x="2" y="36" width="96" height="28" rx="14" fill="#d99a4a" />
    {[18, 36, 54, 72].map((x) => (
      <path key={x} d={`M${x} 57l12-14`} stroke="#f6dba8" stroke-width="6" stroke-linecap="round" />
    ))}
  </g>
);

const loaf: Drawing = (
  <g>
    <ellipse cx="50" cy="56" rx="40" ry="28" fill="#b87535" />
    {[34, 50, 66].map((x) => (
      <path key={x} d={`M${x - 6} 62c2-10 6-17 12-21`} fill="none" stroke="#f0cf98" stroke-width="5" stroke-linecap="round" />
    ))}
  </g>
);

const round: Drawing = (
  <g>
    <circle cx="50" cy="54" r="35" fill="#9c6a35" />
    <path d="M50 32v44M28 54h44" stroke="#eccb94" stroke-width="5" stroke-linecap="round" />
  </g>
);

const croissant: Drawing = (
  <g>
    <path d="M8 66c0-26 18-44 42-44s42 18 42 44c-8 4-14 0-18-6-6-8-14-12-24-12s-18 4-24 12c-4 6-10 10-18 6z" fill="#dd9a45" />
    <path d="M30 30l8 19M50 23v25M70 30l-8 19M16 46l14 11M84 46L70 57" stroke="#a8682a" stroke-width="3.5" stroke-linecap="round" />
  </g>
);

const chocolate: Drawing = (
  <g>
    <rect x="14" y="30" width="72" height="46" rx="16" fill="#dd9a45" />
    <path d="M32 31v44M50 30v46M68 31v44" stroke="#b87430" stroke-width="3" />
    <ellipse cx="15" cy="46" rx="4" ry="5" fill="#4a2c17" />
    <ellipse cx="15" cy="61" rx="4" ry="5" fill="#4a2c17" />
  </g>
);

const turnover: Drawing = (
  <g>
    <path d="M10 70C12 40 28 24 50 24s38 16 40 46c0 5-6 8-12 8H22c-6 0-12-3-12-8z" fill="#e0a250" />
    <path d="M24 66c4-16 12-25 26-30M42 68c2-9 7-15 14-20M62 68c1-6 3-10 7-14" fill="none" stroke="#a8682a" stroke-width="3.5" stroke-linecap="round" />
  </g>
);

const basket: Drawing = (
  <g>
    <path d="M24 46c4-24 16-34 26-34s22 10 26 34" fill="none" stroke={STEM} stroke-width="5" />
    <path d="M12 46h76l-9 42H21z" fill="#c08a4a" />
    <path d="M17 60h66M20 74h60M36 46l3 42M64 46l-3 42M50 46v42" stroke="#8f6128" stroke-width="3" />
  </g>
);

const BY_CODE: Record<string, Drawing> = {
  "4011": banana,
  "4133": apple("#cf3b33", "#f0998f"),
  "4139": apple("#86b53a", "#cfe69a"),
  "4409": pear("#c8c23c", "#ecea9d"),
  "4012": citrus("#f08a1d", "#fbc98a"),
  "4053": lemon("#f4d130", "#fbf0a6"),
  "4048": lemon("#79b43a", "#c4e495"),
  "4030": kiwi,
  "4023": grapes("#8a2f56", "#c27597"),
  "4022": grapes("#a9c254", "#dcebac"),
  "4046": avocado,
  "4087": tomato(true),
  "4664": tomato(false),
  "4562": carrot,
  "4083": potato,
  "4093": onion("#d9a441", "#a87520"),
  "4082": onion("#8f3a62", "#c58aa8"),
  "4062": stick("#3f7d3a", "#7fb56a"),
  "4067": stick("#6d9a3c", "#b9d488"),
  "4688": pepper("#cf3129", "#9c1f1a"),
  "4065": pepper("#5d9a3a", "#3f7326"),
  "4060": broccoli,
  "4061": lettuce,
  "4608": garlic,
  BAGUETTE: baguette,
  CAMPAGNE: loaf,
  PAINROND: round,
  CROISSANT: croissant,
  CHOCOLATINE: chocolate,
  CHAUSSON: turnover,
};

const BY_CATEGORY: Record<string, Drawing> = {
  fruit: apple("#cf3b33", "#f0998f"),
  vegetables: carrot,
  bread: baguette,
  pastries: croissant,
  nuts: basket,
  herbs: lettuce,
};

/** The drawing of a product, or of its category where it has none of its own; names stand beside it, so it is silent. */
export function Picture({ code = "", category }: { code?: string; category: string }) {
  return (
    <svg class="drawing" viewBox="0 0 100 100" aria-hidden="true">
      {BY_CODE[code] ?? BY_CATEGORY[category] ?? basket}
    </svg>
  );
}
