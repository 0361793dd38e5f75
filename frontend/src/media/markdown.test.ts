import { render } from "@testing-library/react";
import { createElement } from "react";
import { expect, test } from "vitest";
import { Markdown } from "./Markdown";

const html = (text: string) =>
  render(createElement(Markdown, { text })).container.firstElementChild as HTMLElement;

test("what people write in logs", () => {
  const found = html(
    "# Title\n\nsome **bold** and `code`\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | *2* |\n\n```\nx < y\n```",
  );
  expect(found.querySelector("h3")?.textContent).toBe("Title");
  expect(found.querySelector("strong")?.textContent).toBe("bold");
  expect([...found.querySelectorAll("li")].map((item) => item.textContent)).toEqual(["one", "two"]);
  expect(found.querySelectorAll("td").length).toBe(2);
  expect(found.querySelector("td em")?.textContent).toBe("2");
  expect(found.querySelector("pre")?.textContent).toBe("x < y");
});

test("HTML stays text, and a link leads nowhere but to the web", () => {
  const found = html("<img src=x onerror=alert(1)> [a](javascript:alert(1)) [b](https://example.org/x)");
  expect(found.querySelector("img")).toBeNull();
  expect(found.textContent).toContain("<img src=x onerror=alert(1)>");
  const links = [...found.querySelectorAll("a")];
  expect(links.map((link) => link.getAttribute("href"))).toEqual(["https://example.org/x"]);
});

test("names with underscores are no emphasis", () => {
  expect(html("learning_rate and batch_size").querySelector("em")).toBeNull();
});

test("long and hostile texts end", () => {
  for (const text of [
    "**a ".repeat(40_000),
    "`".repeat(50_000),
    "> ".repeat(20_000),
    "| - ".repeat(30_000),
    "# #".repeat(60_000),
  ])
    expect(html(text).textContent?.length).toBeGreaterThan(0);
});
