import type { Runs } from "./state";
export function PlotsView(_: { runs: Runs }) {
  return null;
}
