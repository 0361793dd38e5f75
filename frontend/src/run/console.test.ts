import { describe, expect, it } from "vitest";
import { folded, Lines, matches, plain, spans } from "./console";

const ESC = String.fromCharCode(27);

describe("escape codes", () => {
  it("are left out of plain text, also titles and cursor movements", () => {
    expect(plain(`${ESC}[31mred${ESC}[0m ${ESC}[2K${ESC}]0;title\u0007end`)).toBe("red end");
  });
  it("become colours", () => {
    expect(spans(`a${ESC}[1;31mb${ESC}[0mc`)).toEqual([
      { text: "a", color: null, bold: false },
      { text: "b", color: "red", bold: true },
      { text: "c", color: null, bold: false },
    ]);
  });
});

describe("lines", () => {
  it("fold a progress bar to its last state, whatever the pieces it comes in", () => {
    const lines = new Lines();
    for (const piece of ["start\n10%", "\r20", "%\r", "30%", "\ndone"]) lines.add(piece);
    expect(lines.list).toEqual(["start", "30%", "done"]);
  });
  it("show the state of a bar whose line has not ended", () => {
    const lines = new Lines();
    lines.add(" 10%\r 20%\r");
    expect(lines.list).toEqual([" 20%"]);
    lines.add(" 30%");
    expect(lines.list).toEqual([" 30%"]);
  });
  it("end with CR LF as with LF", () => {
    expect(folded("text\r")).toBe("text");
  });
  it("keep the end when there are too many", () => {
    const lines = new Lines();
    for (let part = 0; part < 3; part++) lines.add("x\n".repeat(100_000));
    lines.add("end\n");
    expect(lines.list.at(-1)).toBe("end");
    expect(lines.dropped + lines.list.length).toBe(300_001);
    expect(lines.list.length).toBeLessThanOrEqual(220_000);
  });
  it("begin again after clear", () => {
    const lines = new Lines();
    lines.add("half");
    lines.clear();
    lines.add("new\n");
    expect(lines.list).toEqual(["new"]);
  });
});

it("finds text in any case, not its codes", () => {
  expect(matches(["Error: x", `${ESC}[31mno`, "an ERROR"], "error")).toEqual([0, 2]);
  expect(matches(["31m", `${ESC}[31mno`], "31m")).toEqual([0]);
});

it("takes what was printed before, and goes on at its end", () => {
  const lines = new Lines();
  lines.add("c\nd");
  expect(lines.addBefore("a\nb\n")).toBe(2);
  lines.add("e\n");
  expect(lines.list).toEqual(["a", "b", "c", "de"]);
});
