// The size of the built page as it is sent, gzipped; fails above the limit.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const LIMIT = 350_000;
const folder = new URL("../torchwork/serve/static/", import.meta.url).pathname;
const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
const sizes = files.map((file) => {
  const path = join(file.parentPath, file.name);
  return [path.slice(folder.length), gzipSync(readFileSync(path)).length];
});
const total = sizes.reduce((sum, [, size]) => sum + size, 0);
for (const [name, size] of sizes) console.log(`${String(size).padStart(8)}  ${name}`);
console.log(`${String(total).padStart(8)}  bytes gzipped, at most ${LIMIT}`);
if (total > LIMIT) process.exit(1);
