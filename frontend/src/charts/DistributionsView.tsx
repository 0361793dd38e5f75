export function DistributionsView(_: { runs: readonly string[] }) {
  return null;
}
