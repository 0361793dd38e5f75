import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import type { Edit, Fault, PartField } from "../api/messages";
import { FormContext } from "./context";
import { Field } from "./Field";
import { anyField } from "./nodes";

afterEach(cleanup);

function shown(more: Partial<PartField>, value: unknown, faults: Fault[] = [], readOnly?: string) {
  const sent: unknown[] = [];
  const edits: Edit[][] = [];
  const field = { ...anyField("lr", 0.001), kind: "float", ...more };
  const desk = {
    parts: [],
    faults,
    readOnly,
    edit: (all: Edit[]) => edits.push(all),
    undo: () => sent.push("undo"),
  };
  const draw = (now: unknown) => (
    <FormContext value={desk}>
      <Field field={field} value={now} faults={faults} onChange={(next) => sent.push(next)} />
    </FormContext>
  );
  const { rerender } = render(draw(value));
  return { sent, edits, again: (now: unknown) => rerender(draw(now)) };
}

const line = () => screen.getByRole<HTMLInputElement>("textbox", { name: "lr" });
const type = (text: string) => fireEvent.change(line(), { target: { value: text } });

describe("a field", () => {
  it("keeps what is being written when the value changes elsewhere, and shows the new value else", () => {
    const { sent, again } = shown({}, 0.1);
    again(0.2);
    expect(line().value).toBe("0.2");
    type("0.7");
    again(0.3);
    expect(line().value).toBe("0.7");
    fireEvent.keyDown(line(), { key: "Enter" });
    expect(sent).toEqual([0.7]);
    again(0.7);
    again(0.4);
    expect(line().value).toBe("0.4");
  });

  it("shows its default as a placeholder and sends what is typed on Enter", () => {
    const { sent } = shown({}, undefined);
    expect(line().placeholder).toBe("0.001");
    type("0.01");
    expect(sent).toEqual([]);
    fireEvent.keyDown(line(), { key: "Enter" });
    expect(sent).toEqual([0.01]);
  });
  it("takes back what is typed on Escape, and follows the document", () => {
    const { sent, again } = shown({}, 0.1);
    type("9");
    fireEvent.keyDown(line(), { key: "Escape" });
    expect(line().value).toBe("0.1");
    again(0.2);
    expect(line().value).toBe("0.2");
    expect(sent).toEqual([]);
  });
  it("does not store its default, and empties to it", () => {
    const { sent } = shown({}, 0.1);
    type("0.001");
    fireEvent.blur(line());
    type("");
    fireEvent.keyDown(line(), { key: "Enter" });
    fireEvent.click(screen.getByRole("button", { name: /back to the default/ }));
    expect(sent).toEqual([undefined, undefined, undefined]);
  });
  it("goes up and down by the arrows, from its default on; several steps are one edit", () => {
    const { sent } = shown({ kind: "int", default: 4, low: 1 }, undefined);
    fireEvent.keyDown(line(), { key: "ArrowUp" });
    fireEvent.keyDown(line(), { key: "ArrowUp" });
    expect(line().value).toBe("6");
    fireEvent.keyDown(line(), { key: "ArrowDown", shiftKey: true });
    expect(line().value).toBe("1");
    expect(sent).toEqual([]);
    fireEvent.blur(line());
    expect(sent).toEqual([1]);
  });
  it("undoes the document while nothing is typed in it", () => {
    const { sent } = shown({}, 0.1);
    type("5");
    fireEvent.keyDown(line(), { key: "z", ctrlKey: true });
    expect(sent).toEqual([]);
    fireEvent.keyDown(line(), { key: "Escape" });
    fireEvent.keyDown(line(), { key: "z", ctrlKey: true });
    expect(sent).toEqual(["undo"]);
  });
  it("tells what is wrong with it, and mends it by a click", () => {
    const fix = { label: "set lr to 0.1", edits: [{ do: "unset" as const, path: "a" }] };
    const fault = {
      message: "expected a number",
      place: "a",
      line: 1,
      fix: "",
      level: "",
      node: "",
      field: "lr",
      input: null,
      fixes: [fix],
    };
    const { edits } = shown({}, "x", [fault]);
    expect(line().getAttribute("aria-invalid")).toBe("true");
    fireEvent.click(screen.getByRole("button", { name: "set lr to 0.1" }));
    expect(edits).toEqual([fix.edits]);
  });
  it("is a box or a choice where it can be nothing else; their defaults are not stored", () => {
    const { sent } = shown({ kind: "bool", default: true }, false);
    fireEvent.click(screen.getByRole("checkbox", { name: "lr" }));
    cleanup();
    const other = shown({ kind: "choice", choices: ["zeros", "reflect"], default: "zeros" }, undefined);
    fireEvent.change(screen.getByRole("combobox", { name: "lr" }), { target: { value: "1" } });
    expect([...sent, ...other.sent]).toEqual([undefined, "reflect"]);
  });
  it("cannot be changed where nothing can", () => {
    shown({}, 0.1, [], "read-only");
    expect(line().disabled).toBe(true);
    expect(screen.getByRole<HTMLButtonElement>("button").disabled).toBe(true);
  });
});
