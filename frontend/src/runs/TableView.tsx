import type { Runs } from "./state";
export function TableView(_: { runs: Runs }) {
  return null;
}
