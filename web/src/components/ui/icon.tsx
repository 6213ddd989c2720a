/** The icons of the dashboard, drawn on a 16 x 16 grid in the colour of the text. */
const PATHS = {
  high: "M8 1.8 15 14H1z",
  elevated: "M8 1.5 14.5 8 8 14.5 1.5 8z",
  normal: "M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3z",
} as const;

const STROKES = {
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M3 13l1.2-1.2M11.8 4.2 13 3",
  moon: "M13.4 9.6A5.8 5.8 0 0 1 6.4 2.6a5.8 5.8 0 1 0 7 7z",
  close: "m3.5 3.5 9 9M12.5 3.5l-9 9",
  left: "M10 3 5 8l5 5",
  right: "m6 3 5 5-5 5",
  down: "m3.5 6 4.5 4.5L12.5 6",
  check: "m3 8.5 3.2 3.2L13 4.8",
  warning: "M8 2 1.5 13.5h13zM8 6.5v3.2M8 11.6v.2",
  silent:
    "M2 2l12 12M5.2 10.8a4 4 0 0 1-.6-4.6M3 13A7 7 0 0 1 2.4 4.2M10.9 5.2a4 4 0 0 1 .4 4.6M13 3a7 7 0 0 1 .6 8.8",
} as const;

export type IconName = keyof typeof PATHS | keyof typeof STROKES;

export function Icon({ name, size = 16, className }: { name: IconName; size?: number; className?: string }) {
  const filled = name in PATHS;
  const path = filled ? PATHS[name as keyof typeof PATHS] : STROKES[name as keyof typeof STROKES];
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      className={className}
      fill={filled ? "currentColor" : "none"}
      stroke={filled ? "none" : "currentColor"}
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={path} />
    </svg>
  );
}
