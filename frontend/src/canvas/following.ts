import type { Drawing, Edit, Level, Rename } from "../api/messages";

/** The names that a step has given besides those it says: a chain that branches gives its numbered nodes names. */
export function named(before: Drawing, after: Drawing): Rename[] {
  return before.levels.flatMap((level) => {
    const now = after.levels.find((one) => one.name === level.name);
    return now && level.chain && !now.chain ? pairs(level, now, after.selected) : [];
  });
}

function pairs(before: Level, after: Level, made: readonly string[]): Rename[] {
  const [old, now] = [namesOf(before), namesOf(after)];
  const gone = [...old].filter((name) => !now.has(name));
  const come = [...now].filter((name) => !old.has(name) && !made.includes(name));
  if (gone.length !== come.length) return [];
  return gone.map((node, place) => ({
    do: "rename",
    level: before.name,
    node,
    name: come[place] as string,
  }));
}

function namesOf(level: Level): Set<string> {
  return new Set(level.nodes.map(({ name }) => name));
}

/** An edit that was made before its node got another name, as it must be said now. */
export function following(edit: Edit, { level = "", node, name }: Rename): Edit {
  if ((("level" in edit && edit.level) || "") !== level) return edit;
  const now = (one: string) =>
    one === node ? name : one.startsWith(`${node}[`) ? name + one.slice(node.length) : one;
  const next: Record<string, unknown> = { ...edit };
  for (const key of ["node", "of", "source"]) if (typeof next[key] === "string") next[key] = now(next[key]);
  for (const key of ["nodes", "sources"])
    if (Array.isArray(next[key]))
      next[key] = next[key].map((one) => (typeof one === "string" ? now(one) : one));
  if ("feeds" in edit && edit.feeds) next.feeds = edit.feeds.map(([one, input]) => [now(one), input]);
  if (edit.do === "move")
    next.places = Object.fromEntries(Object.entries(edit.places).map(([one, place]) => [now(one), place]));
  return next as unknown as Edit;
}
