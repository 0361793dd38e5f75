import { Button } from "@mantine/core";
import { memo, useEffect, useMemo, useRef } from "react";
import type { Drawing } from "../api/messages";
import { notify, tellError } from "../ui/notices";
import { say as said, useSay, type Words } from "../ui/words";
import { type Bench, reveal } from "./bench";
import { coloured, type Piece } from "./python";
import { select, useDesk } from "./state";

const W = {
  code: ["Code", "代码"],
  copy: ["Copy", "复制"],
  copied: ["The code is in the clipboard.", "代码已复制到剪贴板。"],
  none: [
    "The code stands here as soon as there is a network that can be printed.",
    "网络可以生成代码后，会显示在这里。",
  ],
  old: ["This is the code of the last drawing that was right.", "这是上一次没有错误时的代码。"],
} satisfies Record<string, Words>;

/** The PyTorch code of the drawing: a node lights its lines, a line selects its node. */
export function CodePane({ bench }: { bench: Bench }) {
  const say = useSay();
  const { code } = bench.drawing;
  const old = useMemo(() => isOld(bench.drawing), [bench.drawing]);
  const pane = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => (code ? coloured(code) : []), [code]);
  const owners = useOwners(bench);
  useLit(pane, bench);
  const pick = (line: number) => {
    const name = owners.get(line);
    if (!name || document.getSelection()?.isCollapsed === false) return;
    select([name]);
    reveal(bench, [name], true);
  };
  return (
    <section className="draw-code" aria-label={say(W.code)}>
      <div className="draw-side-head">
        <h2>{say(W.code)}</h2>
        <Button disabled={!code} onClick={() => copyCode(code)}>
          {say(W.copy)}
        </Button>
      </div>
      {!code && <p className="faint">{say(W.none)}</p>}
      {old && <p className="draw-old">{say(W.old)}</p>}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the same is reached on the sheet by arrows */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: see above */}
      <div
        ref={pane}
        className={old ? "draw-lines old" : "draw-lines"}
        onMouseOver={(event) => useDesk.setState({ hovered: owners.get(lineOf(event.target)) ?? "" })}
        onMouseLeave={() => useDesk.setState({ hovered: "" })}
        onFocus={() => undefined}
        onClick={(event) => pick(lineOf(event.target))}
      >
        {lines.map((pieces, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
          <Line key={at} number={at + 1} pieces={pieces} owned={owners.has(at + 1)} />
        ))}
      </div>
    </section>
  );
}

/** While something is wrong, the last code that could be printed is shown: no node has a line in it. */
export function isOld({ code, faults, levels }: Drawing): boolean {
  const printed = levels.some(({ nodes }) => nodes.some((node) => node.lines || node.made));
  return code !== "" && faults.length > 0 && !printed;
}

const Line = memo(
  ({ number, pieces, owned }: { number: number; pieces: Piece[]; owned: boolean }) => (
    <div data-line={number} className={owned ? "owned" : undefined}>
      {pieces.map((piece, at) =>
        piece.kind ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no name
          <i key={at} className={piece.kind}>
            {piece.text}
          </i>
        ) : (
          piece.text
        ),
      )}
      {pieces.length === 0 && "\n"}
    </div>
  ),
  (a, b) => a.owned === b.owned && JSON.stringify(a.pieces) === JSON.stringify(b.pieces),
);

function lineOf(target: EventTarget): number {
  return Number((target as Element).closest<HTMLElement>("[data-line]")?.dataset.line ?? 0);
}

/** The node of the shown level that a line is of. */
function useOwners({ level }: Bench): ReadonlyMap<number, string> {
  return useMemo(() => {
    const found = new Map<number, string>();
    for (const { name, lines, made } of level.nodes) {
      if (made) found.set(made, name);
      if (lines) for (let line = lines[0]; line <= lines[1]; line++) found.set(line, name);
    }
    return found;
  }, [level]);
}

/** The lines of the node under the pointer and of the selected ones are lit, without drawing the code again. */
function useLit(pane: { current: HTMLDivElement | null }, { level, drawing }: Bench): void {
  const hovered = useDesk((desk) => desk.hovered);
  const selected = useDesk((desk) => desk.selected);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another code has other lines
  useEffect(() => {
    const mark = (name: string, kind: string) => {
      const node = level.nodes.find((one) => one.name === name);
      const numbers = node ? [node.made, ...range(node.lines)] : [];
      const lines = numbers.map((line) => pane.current?.querySelector(`[data-line="${line}"]`));
      for (const line of lines) line?.classList.add(kind);
      return lines[0] ?? null;
    };
    for (const line of pane.current?.querySelectorAll(".lit, .chosen") ?? [])
      line.classList.remove("lit", "chosen");
    const first = selected.map((name) => mark(name, "chosen"))[0];
    mark(hovered, "lit");
    if (!hovered) first?.scrollIntoView({ block: "nearest" });
  }, [pane, hovered, selected, level, drawing.code]);
}

function range(lines: readonly [number, number] | null): number[] {
  return lines ? Array.from({ length: lines[1] - lines[0] + 1 }, (_, at) => lines[0] + at) : [];
}

function copyCode(code: string): void {
  navigator.clipboard.writeText(code).then(() => notify(said(W.copied)), tellError);
}
