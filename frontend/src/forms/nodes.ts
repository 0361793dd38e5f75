import type { DrawnNode, Edit, Level, PartField, PartForm, SetNode } from "../api/messages";

/** A node as it will be when edits that wait are answered: its arguments show at once what was typed. */
export function foreseenNode(node: DrawnNode, level: string, edits: readonly Edit[]): DrawnNode {
  let found = node;
  for (const edit of edits)
    if (edit.do === "node" && (edit.level ?? "") === level && edit.node === node.name)
      found = changed(found, edit);
  return found;
}

function changed(node: DrawnNode, { part, args = {}, unset = [], repeat, note }: SetNode): DrawnNode {
  const all = Object.entries({ ...node.args, ...args }).filter(([name]) => !unset.includes(name));
  return {
    ...node,
    type: part ?? node.type,
    args: Object.fromEntries(all),
    repeat: repeat ?? node.repeat,
    note: note ?? node.note,
  };
}

/** Another class for a node: what the new one does not know goes. */
export function switching(
  node: DrawnNode,
  form: Pick<PartForm, "name" | "fields">,
): Pick<SetNode, "part" | "unset"> {
  const known = new Set(form.fields.map((field) => field.name));
  return { part: form.name, unset: Object.keys(node.args).filter((name) => !known.has(name)) };
}

/** One field as good as nothing is known of it. */
export function anyField(name: string, value: unknown): PartField {
  return {
    name,
    kind: "any",
    expected: "",
    default: value,
    required: value === null,
    choices: [],
    low: null,
    high: null,
    help: "",
    inferred: false,
    likely: true,
  };
}

/** The form of a definition's arguments: those without a default must be given. */
export function definitionForm({
  name,
  arguments: all,
}: Pick<Level, "name" | "arguments">): Pick<PartForm, "name" | "fields"> {
  return { name, fields: Object.entries(all).map(([argument, value]) => anyField(argument, value)) };
}
