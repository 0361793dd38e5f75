const PATHS = {
  add: "M8 3v10M3 8h10",
  undo: "M3.5 6.5h6a3.5 3.5 0 0 1 0 7H6M6 3.5l-3 3 3 3",
  redo: "M12.5 6.5h-6a3.5 3.5 0 0 0 0 7H10M10 3.5l3 3-3 3",
  fit: "M2.5 5.5v-3h3M10.5 2.5h3v3M13.5 10.5v3h-3M5.5 13.5h-3v-3",
  tidy: "M3 3h4v3H3zM9 3h4v3H9zM6 10h4v3H6zM5 6v2h6V6M8 8v2",
  down: "M8 2.5v10M4.5 9.5 8 13l3.5-3.5",
  right: "M2.5 8h10M9.5 4.5 13 8l-3.5 3.5",
  picture: "M2.5 3h11v10h-11zM5 11l2.5-3 2 2 2-2.5 2 3.5M5.5 5.8h.01",
  side: "M2.5 3h11v10h-11zM9.5 3v10",
  commands: "M3 4.5 6 7.5 3 10.5M8 11h5",
  link: "M6.8 9.2 9.2 6.8M7.5 5l1-1a2.5 2.5 0 0 1 3.5 3.5l-1 1M8.5 11l-1 1A2.5 2.5 0 0 1 4 8.5l1-1",
  code: "M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5",
  list: "M2.5 4h11M2.5 8h11M2.5 12h11",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  note: "M3 3h10v7l-3 3H3zM10 13v-3h3",
  tensor: "M3 3h10v10H3zM3 8h10M8 3v10",
} as const;

/** A small drawn sign of the canvas. */
export function Sign({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden strokeWidth={1.4}>
      <path d={PATHS[name]} fill="none" />
    </svg>
  );
}
