import type { Level, ParameterView } from "../api/messages";

/** A rule of `parameters:` as it is written. */
export interface Rule {
  match?: string;
  set?: Record<string, unknown>;
  freeze?: boolean;
  init?: unknown;
  optimizer?: unknown;
}

export function rulesOf(value: unknown): Rule[] {
  return Array.isArray(value)
    ? value.filter((rule): rule is Rule => typeof rule === "object" && rule !== null)
    : [];
}

/** Whether a rule does anything. */
function says(rule: Rule): boolean {
  return Boolean(
    rule.freeze ||
      rule.init !== undefined ||
      rule.optimizer !== undefined ||
      Object.keys(rule.set ?? {}).length,
  );
}

/** The rules with the one for exactly this pattern changed; it is made where there is none, and goes when it says nothing. */
export function changed(rules: readonly Rule[], match: string, change: (rule: Rule) => Rule): Rule[] {
  const at = rules.findLastIndex((rule) => rule.match === match);
  const next = change(rules[at] ?? { match });
  if (at < 0) return says(next) ? [...rules, next] : [...rules];
  return says(next) ? rules.with(at, next) : rules.filter((_, place) => place !== at);
}

export function frozen(rule: Rule, on: boolean): Rule {
  const { freeze: _, ...rest } = rule;
  return on ? { ...rest, freeze: true } : rest;
}

/** A setting of the optimizer; undefined: as everywhere. */
export function setting(rule: Rule, name: string, value: unknown): Rule {
  const { set = {}, ...rest } = rule;
  const { [name]: _, ...others } = set;
  const next = value === undefined ? others : { ...set, [name]: value };
  return Object.keys(next).length ? { ...rest, set: next } : rest;
}

export function begun(rule: Rule, init: unknown): Rule {
  const { init: _, ...rest } = rule;
  return init === undefined ? rest : { ...rest, init };
}

/** How many parameters each rule matches. */
export function matched(parameters: readonly ParameterView[], rules: number): number[] {
  return Array.from(
    { length: rules },
    (_, number) => parameters.filter((one) => one.rules.includes(number)).length,
  );
}

/** A line of the tree of parameters: a node with all below it, or a parameter. */
export interface Line {
  name: string;
  label: string;
  depth: number;
  /** the pattern that is exactly this line */
  match: string;
  parameters: ParameterView[];
  leaf: ParameterView | null;
  /** names of the nodes around it */
  around: string[];
}

/** Parameters by the nodes that have them, a node before what is in it; a node that has one thing only stands with it. */
export function treeOf(parameters: readonly ParameterView[]): Line[] {
  const lines: Line[] = [];
  const known = new Map<string, Line>();
  for (const one of parameters) {
    const steps = one.name.split(".");
    const around: string[] = [];
    for (let count = 1; count < steps.length; count += 1) {
      const name = steps.slice(0, count).join(".");
      let line = known.get(name);
      if (!line) {
        const label = steps[count - 1] ?? "";
        line = {
          name,
          label,
          depth: count - 1,
          match: `${name}.*`,
          parameters: [],
          leaf: null,
          around: [...around],
        };
        known.set(name, line);
        lines.push(line);
      }
      line.parameters.push(one);
      around.push(name);
    }
    const label = steps.at(-1) ?? one.name;
    lines.push({
      name: one.name,
      label,
      depth: steps.length - 1,
      match: one.name,
      parameters: [one],
      leaf: one,
      around,
    });
  }
  return lines;
}

/** What all have in common; null: they differ. */
export function common<T>(values: readonly T[]): T | null {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : null;
}

/** The last rule that freezes a parameter, but for the one of exactly this pattern; -1: none. */
export function freezer(rules: readonly Rule[], parameter: ParameterView, match: string): number {
  return parameter.rules.findLast((number) => rules[number]?.freeze && rules[number]?.match !== match) ?? -1;
}

/** What each node of the whole network is, by its full name: `layer1.0.conv1` is a Conv2d. */
export function typesOf(levels: readonly Level[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, instances, nodes } of levels)
    for (const instance of name ? instances : [""])
      for (const node of nodes) found.set(instance ? `${instance}.${node.name}` : node.name, node.type);
  return found;
}
