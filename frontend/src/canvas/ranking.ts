/** What a search can find: its name decides, other words help. */
export interface Findable {
  name: string;
  words?: string;
  /** other names of it, in small letters */
  also?: readonly string[] | undefined;
  /** found first among equals */
  common?: boolean;
  /** found behind others that fit as well */
  rare?: boolean;
}

const capital = /[A-Z0-9]/;

/** How well a name fits what was typed: 0 not at all; the whole name, its beginning, its capitals, a part, letters in order. */
export function fitness(typed: string, name: string): number {
  const [wanted, text] = [typed.toLowerCase(), name.toLowerCase()];
  if (!wanted) return 1;
  if (text === wanted) return 100;
  if (text.startsWith(wanted)) return 80 - Math.min(20, text.length - wanted.length);
  if (initials(name).startsWith(wanted)) return 55;
  const at = text.indexOf(wanted);
  if (at > 0) return 45 - Math.min(10, at) + (begins(name, at) ? 8 : 0);
  return wanted.length > 1 ? inOrder(wanted, name) : 0;
}

function initials(name: string): string {
  return [...name]
    .filter((letter, at) => begins(name, at) && letter !== "_")
    .join("")
    .toLowerCase();
}

/** A word begins here: `BatchNorm2d`, `batch_norm`. */
function begins(name: string, at: number): boolean {
  const [before, here] = [name[at - 1], name[at] ?? ""];
  return at === 0 || before === "_" || before === "." || (capital.test(here) && !capital.test(before ?? ""));
}

function inOrder(wanted: string, name: string): number {
  let [at, gaps] = [0, 0];
  for (const letter of wanted) {
    const found = name.toLowerCase().indexOf(letter, at);
    if (found < 0) return 0;
    gaps += begins(name, found) ? 0 : found - at;
    at = found + 1;
  }
  return Math.max(1, 30 - gaps);
}

/** What fits, the best first; among equals the common, then the shorter. */
export function ranked<T extends Findable>(typed: string, items: readonly T[], most = 200): T[] {
  const wanted = typed.trim();
  const rated = items.map((item, place) => ({
    item,
    place,
    rate: rate(wanted, item),
    length: fitness(wanted, item.name) ? item.name.length : 0,
  }));
  return rated
    .filter(({ rate }) => rate > 0)
    .sort((a, b) => b.rate - a.rate || (wanted ? a.length - b.length : 0) || a.place - b.place)
    .slice(0, most)
    .map(({ item }) => item);
}

const ALIAS = 60;

function rate(wanted: string, item: Findable): number {
  const own = item.also?.includes(wanted.toLowerCase()) ? ALIAS : fitness(wanted, item.name);
  const other = own || !item.words ? 0 : item.words.toLowerCase().includes(wanted.toLowerCase()) ? 5 : 0;
  return own + other > 0 ? 10 + own + other + (item.common ? 10 : item.rare ? -9 : 0) : 0;
}
