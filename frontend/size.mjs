// The size of the built page as it is sent, gzipped: what everybody loads, and each part that comes later; fails above a limit.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** In bytes: of the first page, and of a part that comes when somebody wants it; large ones, as what both drawings of a network share, have their own. */
const [FIRST, PART] = [350_000, 40_000];
const LARGE = { Editor: 150_000, Draw: 140_000, Tools: 60_000, layout: 80_000 };
const folder = process.argv[2] ?? new URL("../torchwork/serve/static/", import.meta.url).pathname;
const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
const sizes = new Map(
  files.map((file) => {
    const path = join(file.parentPath, file.name);
    return [path.slice(join(folder, "/").length), gzipSync(readFileSync(path)).length];
  }),
);

/** The page itself, what it names, and what that imports at once. */
function loadedFirst() {
  const page = readFileSync(join(folder, "index.html"), "utf8");
  const found = new Set([...sizes.keys()].filter((name) => !name.startsWith("assets/")));
  const waiting = [...page.matchAll(/assets\/[\w.-]+/g)].map(([name]) => name);
  for (const name of waiting) {
    if (found.has(name) || !sizes.has(name)) continue;
    found.add(name);
    const text = name.endsWith(".js") ? readFileSync(join(folder, name), "utf8") : "";
    for (const [, other] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+)"/g))
      waiting.push(`assets/${other}`);
  }
  return found;
}

function tell(size, name, limit) {
  console.log(`${String(size).padStart(8)}  ${name}${limit ? `, at most ${limit}` : ""}`);
  if (limit && size > limit) process.exitCode = 1;
}

const first = loadedFirst();
for (const name of first) tell(sizes.get(name), name);
tell(
  [...first].reduce((sum, name) => sum + sizes.get(name), 0),
  "bytes gzipped that everybody loads",
  FIRST,
);
for (const [name, size] of sizes)
  if (!first.has(name)) tell(size, name, LARGE[/^assets\/(\w+)-/.exec(name)?.[1]] ?? PART);
