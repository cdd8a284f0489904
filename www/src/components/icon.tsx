/** The page's few icons, drawn on a 20 × 20 grid in the colour of the text beside them. */

const PATHS = {
  check: "M4 10.5l4 4 8-9",
  cross: "M5 5l10 10M15 5L5 15",
  dash: "M5 10h10",
  dots: "M10 4.5v.01M10 10v.01M10 15.5v.01",
  plus: "M10 4v12M4 10h12",
  copy: "M7 7h9v9H7zM4 13V4h9",
  sun: "M10 6.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 0 1 0-7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M15.7 4.3l-1.1 1.1M5.4 14.6l-1.1 1.1",
  moon: "M15.5 12.2A6.2 6.2 0 0 1 7.8 4.5a6.2 6.2 0 1 0 7.7 7.7z",
  arrow: "M4 10h12M11 5l5 5-5 5",
  note: "M10 2.5a7.5 7.5 0 1 1 0 15a7.5 7.5 0 0 1 0-15zM10 9.2v4.6M10 6.3v.01",
  send: "M3 10l14-7-5 14-3-6z",
  warn: "M10 3l8 14H2zM10 8v4M10 14.6v.01",
} as const;

/** The name of an icon. */
export type IconName = keyof typeof PATHS;

/** An icon; decoration only, so the text beside it must say the same. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      class={`icon icon-${name}`}
      viewBox="0 0 20 20"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      stroke-width={name === "dots" ? 2.6 : 1.7}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

/** Keyward's mark: a key whose bit is cut to two wards. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 20" width="38" height="24" aria-hidden="true">
      <g fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round">
        <circle cx="8" cy="9" r="5.6" />
        <path d="M13.6 9H30M21.5 9v6M28 9v4.4" />
      </g>
    </svg>
  );
}
