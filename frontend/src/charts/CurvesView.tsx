export function CurvesView(_: { runs: readonly string[] }) {
  return null;
}
