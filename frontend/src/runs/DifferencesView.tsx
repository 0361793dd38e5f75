import type { Runs } from "./state";
export function DifferencesView(_: { runs: Runs }) {
  return null;
}
