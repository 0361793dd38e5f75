import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { Diagnosis, FindingView } from "../api/messages";
import DoctorPanel, { placeOf } from "./DoctorPanel";

const finding: FindingView = {
  rule: "softmax twice",
  severity: "alarm",
  sentence: "The network ends with Softmax.",
  because: "the loss cannot fall below 1.46",
  advice: "Remove it.",
  layers: ["10"],
  step: 40,
  tags: ["step/loss", "weights/0.weight"],
  source: "torch's documentation",
  fixes: [{ label: "remove Softmax", edits: [{ do: "remove", nodes: ["10"] }] }],
};

interface Asked {
  readOnly: string;
  onFix: () => void;
  ask: (() => void) | null;
}

function shown(diagnosis: Diagnosis, more: Partial<Asked> = {}) {
  const close = vi.fn();
  const { readOnly, onFix = () => undefined, ask = () => undefined } = more;
  render(
    <MantineProvider>
      <DoctorPanel
        diagnosis={diagnosis}
        trying={{ busy: false, ask }}
        looked="49 rules looked at it"
        run="runs/a"
        onFix={onFix}
        readOnly={readOnly}
        close={close}
      />
    </MantineProvider>,
  );
  return close;
}

it("says what is wrong, why, what to do, and where it shows; its button mends it", async () => {
  const onFix = vi.fn();
  const close = shown({ findings: [finding], checked: 49, skipped: [] }, { onFix });
  for (const text of [
    "The network ends with Softmax.",
    "Remove it.",
    /from step 40 on/,
    /torch's documentation/,
  ])
    expect(screen.getByText(text)).toBeTruthy();
  expect(screen.getByRole("link", { name: "step/loss" }).getAttribute("href")).toBe(
    placeOf("runs/a", "step/loss"),
  );
  fireEvent.click(screen.getByRole("button", { name: "remove Softmax" }));
  await vi.waitFor(() => expect(close).toHaveBeenCalled());
  expect(onFix).toHaveBeenCalledWith(finding.fixes[0]);
});
it("offers nothing in a folder that is read-only", () => {
  shown({ findings: [finding], checked: 49, skipped: [] }, { readOnly: "read-only" });
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "remove Softmax" }).disabled).toBe(true);
});
it("says what it looked at where it found nothing", () => {
  shown({ findings: [], checked: 49, skipped: ["dead units: no statistics were recorded"] });
  expect(screen.getByText(/Nothing found/)).toBeTruthy();
  expect(screen.getByText("49 rules looked at it")).toBeTruthy();
  expect(screen.getByText("dead units: no statistics were recorded")).toBeTruthy();
});
it("tries the network when it is asked to", () => {
  const ask = vi.fn();
  shown({ findings: [], checked: 49, skipped: [] }, { ask });
  fireEvent.click(screen.getByRole("button", { name: "Try it on a few samples" }));
  expect(ask).toHaveBeenCalledOnce();
});
it("does not offer to try what it cannot open", () => {
  shown({ findings: [], checked: 49, skipped: [] }, { ask: null });
  expect(screen.queryByRole("button")).toBeNull();
});
it("leads to the view that draws a tag", () => {
  expect(placeOf("runs/a", "valid/loss")).toBe("/run?run=runs%2Fa&tag=valid%2Floss");
  expect(placeOf("runs/a", "weights/fc.weight")).toContain("tab=distributions");
});
