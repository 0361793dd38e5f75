const PATHS = {
  moon: "M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1Z",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1.1 1.1M11.9 11.9 13 13M13 3l-1.1 1.1M4.1 11.9 3 13",
  enlarge: "M9.5 2.5h4v4M13.5 2.5 9 7M6.5 13.5h-4v-4M2.5 13.5 7 9",
  shrink: "M13 7H9V3M9 7l4.5-4.5M3 9h4v4M7 9l-4.5 4.5",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  star: "m8 2 1.8 3.8 4.2.5-3.1 2.9.8 4.1L8 11.3l-3.7 2 .8-4.1L2 6.3l4.2-.5Z",
  close: "m4 4 8 8M12 4l-8 8",
  play: "M5 3.5v9l7.5-4.5Z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  before: "M9.5 4 5.5 8l4 4",
  after: "m6.5 4 4 4-4 4",
  up: "M8 13V3.5M4.5 7 8 3.5 11.5 7",
  down: "M8 3v9.5M4.5 9 8 12.5 11.5 9",
  help: "M5.8 6a2.2 2.2 0 1 1 3.4 1.9c-.8.5-1.2.9-1.2 1.8M8 12.3h.01",
} as const;

/** A small drawn sign: the glyphs of fonts look different on each machine. */
export function Icon({ name }: { name: keyof typeof PATHS }) {
  const dots = name === "more";
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden strokeWidth={dots ? 2.2 : 1.5}>
      <path d={PATHS[name]} fill={name === "play" || name === "star" ? "currentColor" : "none"} />
    </svg>
  );
}
