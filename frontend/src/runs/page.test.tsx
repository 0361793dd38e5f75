import { MantineProvider } from "@mantine/core";
import { act, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { useLive } from "../api/live";
import { FilterBox } from "./FilterBox";
import { RunsList } from "./RunsList";
import { run } from "./samples";
import { useRuns } from "./state";

function Left() {
  const runs = useRuns();
  return (
    <MantineProvider env="test">
      <FilterBox runs={runs} />
      <RunsList runs={runs} />
      <output>{runs.picked.map(({ id }) => id).join(" ")}</output>
    </MantineProvider>
  );
}

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const all = Array.from({ length: 8 }, (_, place) =>
  run(`r${place}`, { started: at(place), settings: { place } }),
);
const picked = () => document.querySelector("output")?.textContent;
const rows = () =>
  [...document.querySelectorAll(".runs-row")].map((row) => row.querySelector("a")?.textContent);

beforeEach(() => {
  history.replaceState(null, "", "/runs");
  window.dispatchEvent(new PopStateEvent("popstate"));
  useLive.setState({ runs: new Map(all.map((one) => [one.id, one])) });
  render(<Left />);
});

describe("list of runs", () => {
  it("shows the newest first, five of them chosen", () => {
    expect(rows()).toEqual(["r7", "r6", "r5", "r4", "r3", "r2", "r1", "r0"]);
    expect(picked()).toBe("r7 r6 r5 r4 r3");
  });

  it("is worked by keyboard, and the address holds what is chosen", () => {
    const list = screen.getByRole("listbox");
    fireEvent.keyDown(list, { key: "ArrowDown" });
    fireEvent.keyDown(list, { key: " " });
    expect(picked()).toBe("r6 r5 r4 r3");
    fireEvent.keyDown(list, { key: "End" });
    fireEvent.keyDown(list, { key: " " });
    expect(new URLSearchParams(location.search).getAll("sel")).toEqual(["r6", "r5", "r4", "r3", "r0"]);
    fireEvent.keyDown(list, { key: "Enter" });
    expect(location.pathname + location.search).toBe("/run?run=r0");
  });

  it("lets go of a run that is deleted while it is chosen", () => {
    fireEvent.click(screen.getByRole("checkbox", { name: "Show all" }));
    act(() => useLive.setState({ runs: new Map(all.slice(1, 7).map((one) => [one.id, one])) }));
    expect(picked()).toBe("r6 r5 r4 r3 r2 r1");
    fireEvent.click(screen.getByRole("checkbox", { name: "Show none" }));
    expect(picked()).toBe("");
  });

  it("filters as is typed; what cannot be read is said and changes nothing", async () => {
    const box = screen.getByRole("combobox", { name: "Filter runs" });
    fireEvent.change(box, { target: { value: "place >= 3 and place < 5" } });
    await waitFor(() => expect(rows()).toEqual(["r4", "r3"]));
    expect(new URLSearchParams(location.search).get("q")).toBe("place >= 3 and place < 5");
    fireEvent.change(box, { target: { value: "place >=" } });
    fireEvent.blur(box);
    expect(screen.getByText("Expected a value after >=.")).toBeTruthy();
    expect(rows()).toEqual(["r4", "r3"]);
  });
});
