// The size of the built page as it is sent, gzipped: what everybody loads, and what comes later; fails above a limit.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const FIRST = "what everybody loads";
/** In bytes; parts that come when somebody wants them are known by the beginning of their names. */
const LIMITS = { [FIRST]: 350_000, EditPage: 30_000, Editor: 150_000, Draw: 140_000 };
const folder = new URL("../torchwork/serve/static/", import.meta.url).pathname;
const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
const sizes = files.map((file) => {
  const path = join(file.parentPath, file.name);
  return [path.slice(folder.length), gzipSync(readFileSync(path)).length];
});
const partOf = (name) => Object.keys(LIMITS).find((part) => name.startsWith(`assets/${part}-`)) ?? FIRST;
for (const [part, limit] of Object.entries(LIMITS)) {
  const own = sizes.filter(([name]) => partOf(name) === part);
  const total = own.reduce((sum, [, size]) => sum + size, 0);
  for (const [name, size] of own) console.log(`${String(size).padStart(8)}  ${name}`);
  console.log(`${String(total).padStart(8)}  ${part}: bytes gzipped, at most ${limit}\n`);
  if (total > limit) process.exitCode = 1;
}
