import type { PartField } from "../api/messages";
import { alternatives, at, type Schema } from "../experiment/schema";

interface Numbers extends Schema {
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  exclusiveMaximum?: number;
}

/** The fields of a section as the schema has them: their types, ranges, defaults and words come from Python. */
export function plainFields(
  root: Schema | null,
  place: readonly string[],
  names?: readonly string[],
): PartField[] {
  if (!root) return [];
  const properties = Object.assign({}, ...at(root, place).map((schema) => schema.properties ?? {})) as Record<
    string,
    Schema
  >;
  const wanted = names ?? Object.keys(properties);
  return wanted.flatMap((name) => (properties[name] ? [fieldOf(root, name, properties[name])] : []));
}

function fieldOf(root: Schema, name: string, schema: Schema): PartField {
  const kinds = alternatives(root, schema) as Numbers[];
  const some = kinds.filter((kind) => kind.type !== "null");
  const numeric = some.find((kind) => kind.type === "integer" || kind.type === "number");
  return {
    name,
    kind: kindOf(some),
    expected: "",
    default: schema.default ?? null,
    required: false,
    choices: some.flatMap((kind) => kind.enum ?? ("const" in kind ? [kind.const] : [])),
    low: numeric?.minimum ?? (numeric?.exclusiveMinimum === 0 && numeric.type === "integer" ? 1 : null),
    high: numeric?.maximum ?? null,
    help: schema.description ?? "",
    inferred: false,
    likely: true,
  };
}

function kindOf(kinds: readonly Schema[]): string {
  const [first] = kinds;
  if (kinds.length !== 1 || !first) return "any";
  if (first.enum) return "choice";
  const names: Record<string, string> = {
    integer: "int",
    number: "float",
    boolean: "bool",
    string: "text",
    array: "values",
  };
  return names[String(first.type)] ?? "any";
}
