import { Button, TextInput } from "@mantine/core";
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { get } from "../api/client";
import { follow } from "../api/live";
import type { ConsoleText } from "../api/messages";
import { bytes } from "../ui/format";
import { notify } from "../ui/notices";
import { useSay, type Words } from "../ui/words";
import { Lines, matches, plain, spans } from "./console";

const W = {
  search: ["Search (Enter: next, Shift+Enter: before)", "搜索（Enter 下一个，Shift+Enter 上一个）"],
  found: ["{place} of {count}", "第 {place} / {count} 个"],
  nothing: ["not found", "未找到"],
  copy: ["Copy all", "复制全部"],
  copied: ["Copied {count} lines.", "已复制 {count} 行。"],
  end: ["To the end", "跳到末尾"],
  empty: ["Nothing was printed yet.", "尚无输出。"],
  console: ["Console", "控制台"],
  lines: ["{count} lines", "{count} 行"],
  left: [
    "Scroll up for what came before ({size}); all of it stands in {file}.",
    "向上滚动可查看更早的内容（{size}），完整内容见文件 {file}。",
  ],
} satisfies Record<string, Words>;

const HEIGHT = 18;
const MARGIN = 20;

/** The lines of a run's console, live. `version` grows when they change. */
function useConsole(run: string) {
  const lines = useMemo(() => {
    run; // another run, other lines
    return new Lines();
  }, [run]);
  const [version, setVersion] = useState(0);
  const [left, setLeft] = useState(0);
  const asking = useRef<AbortController | null>(null);
  useEffect(() => {
    let frame = 0;
    let first = true;
    lines.clear();
    const draw = () => {
      frame = 0;
      setVersion((before) => before + 1);
    };
    const stop = follow({
      run,
      tags: [],
      console: 0,
      onConsole: (text, begin, restart) => {
        // of a long console the server sends the end
        if (restart || first) {
          asking.current?.abort();
          asking.current = null;
          lines.clear();
          setLeft(begin);
        }
        first = false;
        lines.add(text);
        frame ||= requestAnimationFrame(draw);
      },
    });
    return () => {
      stop();
      asking.current?.abort();
      asking.current = null;
      cancelAnimationFrame(frame);
    };
  }, [run, lines]);
  /** Asks for what was printed before; says how many lines came, before they are drawn. */
  const earlier = async (added: (count: number) => void): Promise<void> => {
    if (asking.current || left <= 0 || !lines.hasRoom) return;
    const abort = new AbortController();
    asking.current = abort;
    try {
      const found = await get<ConsoleText>("console", { run, before: left }, abort.signal);
      if (abort.signal.aborted) return;
      added(lines.addBefore(found.text));
      setLeft(found.text ? (found.begin ?? 0) : 0);
      setVersion((before) => before + 1);
    } catch {
      // the server is away: the next scrolling asks again
    } finally {
      if (asking.current === abort) asking.current = null;
    }
  };
  return { lines, version, left, earlier };
}

/** Which part of the lines is seen; at the end it stays there when more come. */
function useWindow(version: number, earlier: (added: (count: number) => void) => Promise<void>) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const [atEnd, setAtEnd] = useState(true);
  const added = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: lines that came before push the others down
  useLayoutEffect(() => {
    if (added.current && box.current) box.current.scrollTop += added.current * HEIGHT;
    added.current = 0;
  }, [version]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines move the end
  useEffect(() => {
    if (atEnd && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [version, atEnd, view.height]);
  useEffect(() => {
    if (!box.current) return;
    const watch = new ResizeObserver(([entry]) =>
      setView((before) => ({ ...before, height: entry?.contentRect.height ?? before.height })),
    );
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current as HTMLDivElement;
    setView({ top: scrollTop, height: clientHeight });
    setAtEnd(scrollHeight - scrollTop - clientHeight < HEIGHT);
    if (scrollTop < clientHeight)
      void earlier((count) => {
        added.current += count;
      });
  };
  const toLine = (line: number) => {
    setAtEnd(false);
    box.current?.scrollTo({ top: Math.max(0, line * HEIGHT - view.height / 2) });
  };
  const first = Math.max(0, Math.floor(view.top / HEIGHT) - MARGIN);
  const behind = Math.ceil((view.top + view.height) / HEIGHT) + MARGIN;
  return { box, first, behind, atEnd, onScroll, toLine, toEnd: () => setAtEnd(true) };
}

/** What a run printed: only the lines that are seen are in the page, so that 100,000 are as quick as ten. */
export function ConsoleView({ run }: { run: string }) {
  const say = useSay();
  const { lines, version, left, earlier } = useConsole(run);
  const seen = useWindow(version, earlier);
  const search = useSearch(lines, version, seen.toLine);
  return (
    <div className="run-console panel">
      <Bar lines={lines} search={search} seen={seen} />
      <div
        ref={seen.box}
        className="run-console-lines mono"
        onScroll={seen.onScroll}
        role="log"
        aria-label={say(W.console)}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
      >
        {left > 0 && (
          <p className="faint">{say(W.left, { size: bytes(left), file: `${run}/console.log` })}</p>
        )}
        {lines.list.length === 0 && <p className="faint">{say(W.empty)}</p>}
        <div style={{ height: lines.list.length * HEIGHT, position: "relative" }}>
          <div style={{ position: "absolute", top: seen.first * HEIGHT }}>
            {lines.list.slice(seen.first, seen.behind).map((line, place) => (
              <Line
                // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
                key={seen.first + place}
                line={line}
                found={search.text}
                current={seen.first + place === search.line}
              />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}

interface BarProps {
  lines: Lines;
  search: ReturnType<typeof useSearch>;
  seen: ReturnType<typeof useWindow>;
}

function Bar({ lines, search, seen }: BarProps) {
  const say = useSay();
  const copy = async () => {
    await navigator.clipboard.writeText(lines.list.map(plain).join("\n"));
    notify(say(W.copied, { count: lines.list.length }));
  };
  const { text, place, count } = search;
  return (
    <div className="run-bar">
      <TextInput
        aria-label={say(W.search)}
        placeholder={say(W.search)}
        value={text}
        onChange={(event) => search.setText(event.currentTarget.value)}
        onKeyDown={search.onKeyDown}
        w={320}
      />
      <span className="faint" aria-live="polite">
        {text && (count ? say(W.found, { place, count }) : say(W.nothing))}
      </span>
      <span className="faint run-bar-rest">{say(W.lines, { count: lines.list.length + lines.dropped })}</span>
      <Button onClick={seen.toEnd} disabled={seen.atEnd}>
        {say(W.end)}
      </Button>
      <Button onClick={copy} disabled={lines.list.length === 0}>
        {say(W.copy)}
      </Button>
    </div>
  );
}

function useSearch(lines: Lines, version: number, onLine: (line: number) => void) {
  const [text, setText] = useState("");
  const [place, setPlace] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list changes in place, version says so
  const found = useMemo(() => matches(lines.list, text), [lines, version, text]);
  const to = (next: number) => {
    if (found.length === 0) return;
    const wrapped = (next + found.length) % found.length;
    setPlace(wrapped);
    onLine(found[wrapped] as number);
  };
  return {
    text,
    count: found.length,
    place: found.length ? Math.min(place, found.length - 1) + 1 : 0,
    line: found[Math.min(place, found.length - 1)],
    setText: (next: string) => {
      setText(next);
      setPlace(0);
      const [first] = matches(lines.list, next);
      if (first !== undefined) onLine(first);
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "Enter") to(place + (event.shiftKey ? -1 : 1));
    },
  };
}

function Line({ line, found, current }: { line: string; found: string; current: boolean }) {
  const parts = spans(line);
  const hit = found && plain(line).toLowerCase().includes(found.toLowerCase());
  return (
    <div className={`run-console-line${hit ? " hit" : ""}${current && hit ? " current" : ""}`}>
      {parts.map(({ text, color, bold }, place) =>
        color || bold ? (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a line have no other name
            key={place}
            style={{
              color: color ? `var(--mantine-color-${color}-text)` : undefined,
              fontWeight: bold ? 700 : undefined,
            }}
          >
            {text}
          </span>
        ) : (
          text
        ),
      )}
    </div>
  );
}
