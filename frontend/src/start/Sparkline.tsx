/** A curve without axes, to be read at a glance: where it went, not what it was. */
export function Sparkline({ values }: { values: ArrayLike<number> }) {
  const line = points(values);
  return (
    <svg className="start-spark" viewBox="0 0 64 18" aria-hidden>
      {line && <polyline points={line} />}
    </svg>
  );
}

/** The points in a box of 64 by 18; empty where there are fewer than two. */
export function points(values: ArrayLike<number>): string {
  const known = Array.from(values).filter(Number.isFinite);
  if (known.length < 2) return "";
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const place = (value: number, at: number) => {
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return `${((at / (known.length - 1)) * 62 + 1).toFixed(1)},${(16.5 - share * 15).toFixed(1)}`;
  };
  return known.map(place).join(" ");
}
