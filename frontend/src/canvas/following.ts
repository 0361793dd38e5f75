import type { Edit, Rename } from "../api/messages";

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
