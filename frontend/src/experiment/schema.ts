import { ITEM, type Place } from "./place";

/** What is used of JSON Schema (draft 2020-12). */
export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  anyOf?: Schema[];
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  description?: string;
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
}

/** Something that could stand at the cursor. */
export interface Option {
  label: string;
  kind: "key" | "part" | "value";
  /** its type and default, in short */
  detail: string;
  /** what it is, in a sentence or more */
  info: string;
  /** what is written; `|` is where the cursor goes */
  apply: string;
}

/** What is known of a word. */
export interface Help {
  label: string;
  kind: "key" | "part" | "value";
  detail: string;
  info: string;
}

/** References followed and alternatives laid out beside each other. */
export function alternatives(root: Schema, schema: Schema): Schema[] {
  const { $ref, anyOf, ...rest } = schema;
  const own = Object.keys(rest).some(
    (name) => name !== "description" && name !== "default" && name !== "title",
  );
  const target = $ref ? root.$defs?.[$ref.slice($ref.lastIndexOf("/") + 1)] : undefined;
  return [
    ...(own || (!$ref && !anyOf) ? [rest] : []),
    ...(target ? alternatives(root, target) : []),
    ...(anyOf ?? []).flatMap((part) => alternatives(root, part)),
  ];
}

/** The alternatives at a path. */
export function at(root: Schema, path: readonly string[]): Schema[] {
  let found: Schema[] = alternatives(root, root);
  for (const key of path)
    found = found.flatMap((schema) => step(schema, key)).flatMap((next) => alternatives(root, next));
  return found;
}

function step(schema: Schema, key: string): Schema[] {
  if (key === ITEM) return schema.items ? [schema.items] : [];
  const own = schema.properties?.[key];
  if (own) return [own];
  const pattern = Object.entries(schema.patternProperties ?? {}).find(([name]) =>
    new RegExp(name, "u").test(key),
  );
  if (pattern) return [pattern[1]];
  return typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : [];
}

/** What could stand at a place, keys that are there already left out. */
export function options(root: Schema, place: Place): Option[] {
  const found = new Map<string, Option>();
  const put = (option: Option) => {
    if (!found.has(option.label)) found.set(option.label, option);
  };
  const schemas = at(root, place.path);
  if (place.at !== "value") for (const schema of schemas) keys(root, schema, place).forEach(put);
  if (place.at !== "key")
    [...schemas.flatMap((one) => parts(root, one)), ...schemas.flatMap(values)].forEach(put);
  return [...found.values()];
}

function keys(root: Schema, schema: Schema, place: Place): Option[] {
  return Object.entries(schema.properties ?? {})
    .filter(([label]) => !place.before.includes(label))
    .map(([label, property]) => ({
      ...described(root, label, property),
      apply: keyed(label, property, place.at === "start"),
    }));
}

/** A part's name with its arguments as they may be written: bare where nothing must be given. */
function keyed(label: string, property: Schema, bare: boolean): string {
  if (!isPart(label, property)) return `${label}: |`;
  return bare && !demanding(property) ? label : `${label}: {|}`;
}

/** Names of parts as values: `optimizer: Adam`. */
function parts(root: Schema, schema: Schema): Option[] {
  return Object.entries(schema.properties ?? {})
    .filter(([label, property]) => isPart(label, property))
    .map(([label, property]) => ({
      ...described(root, label, property),
      apply: demanding(property) ? `{${label}: {|}}` : label,
    }));
}

function values(schema: Schema): Option[] {
  const type = typeOf(schema);
  const listed = [
    ...(schema.enum ?? []),
    ...("const" in schema ? [schema.const] : []),
    ...[...(/^one of ((?:'[^']*'(?:, | or )?)+)/.exec(type)?.[1] ?? "").matchAll(/'([^']*)'/g)].map(
      (match) => match[1],
    ),
    ...(schema.type === "boolean" || /\btrue or false\b/.test(type) ? [true, false] : []),
    ...(schema.type === "null" || /\bor null$/.test(type) ? [null] : []),
  ];
  return listed.map((value) => ({
    label: written(value),
    kind: "value",
    detail: "",
    info: "",
    apply: written(value),
  }));
}

/** What is known of a word at a path: a key, or a part's name. */
export function help(root: Schema, path: readonly string[], word: string): Help | null {
  for (const schema of at(root, path)) {
    const property = schema.properties?.[word];
    if (property) return described(root, word, property);
  }
  return null;
}

function described(root: Schema, label: string, property: Schema): Help {
  const all = [property, ...alternatives(root, property)];
  const info = all.find((schema) => schema.description)?.description ?? "";
  const type = typeOf(property) || kinds(all);
  const first = all.find((schema) => "default" in schema)?.default;
  const simple =
    first !== undefined &&
    first !== null &&
    !(typeof first === "object" && JSON.stringify(first).length > 24);
  return {
    label,
    kind: isPart(label, property) ? "part" : "key",
    detail: [type, simple ? `= ${written(first)}` : ""].filter(Boolean).join(" "),
    info: type && info.startsWith(type) ? info.slice(type.length).replace(/^\.\s*/, "") : info,
  };
}

/** The type of an argument of torch's: the first sentence of its description; a schema of ours says it itself. */
function typeOf(schema: Schema): string {
  const own = Object.keys(schema).some((name) => name !== "description" && name !== "default");
  return own ? "" : (/^(.*?)(?:\.(?=\s|$)|$)/.exec(schema.description ?? "")?.[1] ?? "");
}

function kinds(all: readonly Schema[]): string {
  const names = all
    .flatMap((schema) => (schema.enum ? [] : (schema.type ?? [])))
    .filter((name) => name !== "null");
  return [...new Set(names)].filter((name) => name !== "object").join(" | ");
}

/** A part of torch's: its value is a mapping of arguments, or nothing. */
function isPart(label: string, property: Schema): boolean {
  const [first] = property.anyOf ?? [];
  return (
    Array.isArray(first?.type) &&
    first.type.includes("object") &&
    first.properties !== undefined &&
    label !== ""
  );
}

/** Whether a part has arguments that must be given: those whose default is null, but whose type is not. */
function demanding(property: Schema): boolean {
  const given = Object.values(property.anyOf?.[0]?.properties ?? {});
  return given.some((one) => one.default === null && !/\bnull\b|^any |^$/.test(typeOf(one)));
}

function written(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
