import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useLive } from "../api/live";
import type { RunChange } from "../api/messages";
import { run } from "../runs/samples";
import { InPlace } from "./InPlace";
import { NotesConflict } from "./NotesConflict";
import { saveNotes, useUnkept } from "./notes";

let stored = "";
let down = false;

/** The rule of the server: notes that somebody has not seen are not replaced. */
function server(_path: string, init: RequestInit): Promise<Response> {
  if (down) return Promise.reject(new TypeError("no network"));
  const { notes, notes_before: before } = JSON.parse(String(init.body)) as RunChange;
  if (before !== stored && notes !== stored)
    return Promise.resolve(Response.json({ message: "changed", problems: [], stored }, { status: 409 }));
  stored = notes ?? "";
  return Promise.resolve(Response.json(run("a", { notes: stored })));
}

beforeEach(async () => {
  [stored, down] = ["", false];
  useUnkept.setState({ list: [] });
  useLive.setState({ session: null, runs: new Map([["a", run("a")]]) });
  vi.stubGlobal("fetch", server);
  render(
    <MantineProvider env="test">
      <NotesConflict />
    </MantineProvider>,
  );
});
afterEach(() => vi.unstubAllGlobals());

const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));

it.each([
  ["Keep mine", "mine"],
  ["Take theirs", "theirs"],
  ["Join (mine below theirs)", "theirs\nmine"],
])("of notes that somebody else changed both are shown: %s", async (choice, kept) => {
  stored = "theirs";
  await saveNotes("a", "mine", "");
  expect((await screen.findByRole("alertdialog")).textContent).toMatch(/mine.*theirs/);
  press(choice);
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
  expect(stored).toBe(kept);
});

it("asks again where they were changed once more", async () => {
  stored = "theirs";
  await saveNotes("a", "mine", "");
  await screen.findByText("theirs");
  stored = "newer";
  press("Keep mine");
  await screen.findByText("newer");
  expect(screen.getByText("mine")).toBeTruthy();
});

it("loses nothing while the server is away", async () => {
  down = true;
  await saveNotes("a", "mine", "");
  await screen.findByText("mine");
  down = false;
  press("Try again");
  await waitFor(() => expect(stored).toBe("mine"));
});

it("sends what the edit began with, not what came meanwhile", () => {
  const saved = vi.fn();
  const { rerender } = render(<InPlace value="old" label="Notes" lines onSave={saved} />);
  press("old");
  rerender(<InPlace value="theirs" label="Notes" lines onSave={saved} />);
  const field = screen.getByRole("textbox", { name: "Notes" });
  fireEvent.change(field, { target: { value: "mine" } });
  fireEvent.keyDown(field, { key: "Enter" });
  expect(saved).toHaveBeenCalledWith("mine", "old");
});
