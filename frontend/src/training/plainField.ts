import type { PartField } from "../api/messages";

/** A field that stands in no form of the catalog: of this kind, without range, choices or words. */
export function plainField(name: string, kind: string): PartField {
  return {
    name,
    kind,
    expected: "",
    default: null,
    required: false,
    choices: [],
    low: null,
    high: null,
    help: "",
    inferred: false,
    likely: true,
  };
}
