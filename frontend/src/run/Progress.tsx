/** How much is done, 0 to 1; null where nobody knows. */
export function Progress({ share, label, color }: { share: number | null; label: string; color?: string }) {
  const percent = share === null ? 0 : Math.round(share * 1000) / 10;
  return (
    <div
      className="run-progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share === null ? undefined : percent}
    >
      <div style={{ width: `${percent}%`, background: color }} />
    </div>
  );
}
