export function MediaView(_: { runs: readonly string[] }) {
  return null;
}
