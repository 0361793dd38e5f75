/** Grey boxes where something will stand, so that nothing jumps when it comes. */
export function Skeleton({ rows, height = 14 }: { rows: number; height?: number }) {
  return (
    <div className="form-skeleton" aria-hidden>
      {Array.from({ length: rows }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <i key={at} style={{ height, width: `${92 - ((at * 17) % 45)}%` }} />
      ))}
    </div>
  );
}
