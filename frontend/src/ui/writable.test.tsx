import { fireEvent, render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { useLive } from "../api/live";
import { InPlace } from "../run/InPlace";

const session = { version: "1", instance: "a", folder: "/runs", name: "runs" };

test("in a folder that cannot be written nothing is edited, and the tip says why", () => {
  useLive.setState({ session: { ...session, writable: false } });
  render(<InPlace value="lenet" label="Rename the run" onSave={() => expect.unreachable()} />);
  const button = screen.getByRole("button", { name: "lenet" });
  expect(button.getAttribute("data-tip")).toContain("read-only");
  fireEvent.click(button);
  expect(screen.queryByRole("textbox")).toBeNull();
});

test("elsewhere a click edits", () => {
  useLive.setState({ session: { ...session, writable: true } });
  render(<InPlace value="lenet" label="Rename the run" onSave={() => undefined} />);
  expect(screen.getByRole("button", { name: "lenet" }).getAttribute("data-tip")).toBe("Rename the run");
  fireEvent.click(screen.getByRole("button", { name: "lenet" }));
  expect(screen.getByRole("textbox", { name: "Rename the run" })).toBeTruthy();
});
