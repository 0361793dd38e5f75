import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const SOURCES = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) =>
  /\.tsx?$/.test(name),
);
const MANTINE = /import \{([^}]*)\} from "@mantine\/core"/g;

/** The components of Mantine that the page imports. */
function used(): string[] {
  const texts = SOURCES.map((name) => readFileSync(`src/${name}`, "utf8"));
  const lists = texts.flatMap((text) => [...text.matchAll(MANTINE)].map((match) => match[1] as string));
  return [...new Set(lists.flatMap((list) => list.split(",").map((name) => name.trim())))].filter(Boolean);
}

test("every component of Mantine that is used has its styles", () => {
  const styles = readFileSync("src/ui/styles.ts", "utf8");
  const own = used().filter((name) => existsSync(`node_modules/@mantine/core/styles/${name}.css`));
  expect(own.length).toBeGreaterThan(3);
  expect(own.filter((name) => !styles.includes(`styles/${name}.css`))).toEqual([]);
});
