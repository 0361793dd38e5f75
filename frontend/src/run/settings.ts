/** One setting with its name as `--set` takes it. */
export type Flat = readonly [name: string, value: string];

/** Nested settings as a flat list; lists of layers and the like stay one value each item. */
export function flat(value: unknown, name = ""): Flat[] {
  if (Array.isArray(value) && value.some((item) => typeof item === "object" && item !== null))
    return value.flatMap((item, place) => flat(item, `${name}[${place}]`));
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value);
    if (entries.length > 0)
      return entries.flatMap(([key, item]) => flat(item, name ? `${name}.${key}` : key));
  }
  return [[name, shown(value)]];
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The settings in which every word of the filter occurs. */
export function filtered(list: readonly Flat[], filter: string): Flat[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return list.filter(([name, value]) => {
    const text = `${name} ${value}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** A command as it was: what needs quotes has them. */
export function quoted(command: readonly string[]): string {
  return command
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}

/** A command as one would type it: `torchwork train first.yaml`, wherever its programs lie. */
export function typed(command: readonly string[]): string {
  const module = command.findIndex((word, at) => word === "-m" && command[at + 1] === "torchwork");
  const [program = "", ...rest] = module < 0 ? command : command.slice(module + 1);
  const ours = /(^|[\\/])torchwork([\\/]__main__\.py|\.exe)?$/.test(program);
  const name = ours ? "torchwork" : (program.split(/[\\/]/).at(-1) ?? "");
  return quoted([name, ...rest]);
}
