import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Fault } from "./Fault";

afterEach(cleanup);

function Broken(): never {
  throw new Error("no such field");
}

test("a part that fails says so in its place, and another place is shown again", () => {
  const quiet = vi.spyOn(console, "error").mockImplementation(() => {});
  const shown = (place: string, child: React.ReactNode) => (
    <MantineProvider env="test">
      <p>header</p>
      <Fault place={place}>{child}</Fault>
    </MantineProvider>
  );
  const { rerender } = render(shown("/edit", <Broken />));
  expect(screen.getByText("header")).toBeTruthy();
  expect(screen.getByRole("alert").textContent).toContain("no such field");
  rerender(shown("/runs", <p>runs</p>));
  expect(screen.getByText("runs")).toBeTruthy();
  quiet.mockRestore();
});
