import { ActionIcon, TextInput } from "@mantine/core";
import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from "react";
import { Icon } from "../ui/Icon";
import { Popup } from "../ui/Popup";
import { setParams } from "../ui/route";
import { tip } from "../ui/tips";
import { useSay, type Words } from "../ui/words";
import { complete } from "./query/complete";
import { parse } from "./query/parse";
import { QueryError } from "./query/tokens";
import type { Runs } from "./state";

const W = {
  filter: ["Filter runs", "筛选运行"],
  placeholder: ["Filter: valid/accuracy > 0.9", "筛选：valid/accuracy > 0.9"],
  help: ["How to filter", "筛选语法"],
  clear: ["Clear the filter", "清除筛选"],
  introduction: [
    "Words search names, notes and tags. Conditions compare anything that a run has: settings, metrics, facts.",
    "直接输入文字可搜索名称、备注和标签；条件可比较任意字段：设置、指标和基本信息。",
  ],
  end: [
    "The end of a setting's path will do (lr). Metrics mean the last value; best:valid/loss the best one. * stands for anything. Times: 10min, 2h.",
    "设置只写路径末尾即可（lr）。指标取最新值；best:valid/loss 表示最佳值。* 代表任意内容。时间写作 10min、2h。",
  ],
  metric: ["last value of a metric, and a setting", "指标的最新值与某个设置"],
  status: ["what is running now", "正在运行的"],
  name: ["the name contains lenet", "名称包含 lenet"],
  tag: ["those tagged baseline", "带有 baseline 标签的"],
  either: ["either seed, without the tag old", "两个种子之一，且不带 old 标签"],
  long: ["longer than ten minutes", "时长超过十分钟的"],
  nan: ["whose loss became NaN", "损失变为 NaN 的"],
} satisfies Record<string, Words>;

const EXAMPLES: [string, Words][] = [
  ["valid/accuracy > 0.9 and lr <= 0.01", W.metric],
  ["status = running", W.status],
  ["name ~ lenet", W.name],
  ["tag = baseline", W.tag],
  ["(seed = 1 or seed = 2) and not tag = old", W.either],
  ["duration > 10min", W.long],
  ["train/loss = nan", W.nan],
];

const PAUSE = 250;

/** The filter of runs: completed as it is typed, with what is wrong in words below it. */
export function FilterBox({ runs }: { runs: Runs }) {
  const say = useSay();
  const [text, setText] = useDraft(runs.query);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const { list, active, ...completion } = useCompletion(runs, text, setText, input);
  return (
    <div className="runs-filter">
      <TextInput
        ref={input}
        value={text}
        placeholder={say(W.placeholder)}
        aria-label={say(W.filter)}
        role="combobox"
        aria-expanded={list.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
        aria-invalid={runs.problem !== null}
        aria-describedby={`${id}-problem`}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          setText(event.currentTarget.value);
          completion.look(event.currentTarget.selectionStart);
        }}
        onKeyDown={completion.press}
        onBlur={() => completion.look(null)}
        rightSectionWidth={44}
        rightSection={<Buttons text={text} setText={setText} />}
      />
      {list.length > 0 && (
        <div id={`${id}-list`} role="listbox" className="runs-options" aria-label={say(W.filter)}>
          {list.map((option, place) => (
            <div
              key={option}
              id={`${id}-${place}`}
              role="option"
              tabIndex={-1}
              aria-selected={place === active}
              onPointerDown={(event) => {
                event.preventDefault();
                completion.put(option);
              }}
            >
              {option}
            </div>
          ))}
        </div>
      )}
      <Problem id={`${id}-problem`} text={text} unknown={runs.problem} typing={list.length > 0} />
    </div>
  );
}

/** What can be put in at the caret, and the keys that do it; no caret: nothing is offered. */
function useCompletion(
  runs: Runs,
  text: string,
  setText: (text: string) => void,
  input: RefObject<HTMLInputElement | null>,
) {
  const [caret, setCaret] = useState<number | null>(null);
  const [active, setActive] = useState(-1);
  const found = caret === null ? null : complete(text, caret, runs.names, runs.all ?? []);
  const list = found?.options ?? [];
  const look = (place: number | null) => {
    setCaret(place);
    setActive(-1);
  };
  const put = (option: string) => {
    if (!found) return;
    setText(`${text.slice(0, found.at)}${option} ${text.slice(found.end)}`);
    const place = found.at + option.length + 1;
    look(place);
    requestAnimationFrame(() => input.current?.setSelectionRange(place, place));
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" && list.length) setActive((active + 1) % list.length);
    else if (event.key === "ArrowUp" && list.length) setActive(active <= 0 ? list.length - 1 : active - 1);
    else if ((event.key === "Enter" || event.key === "Tab") && list[active] !== undefined) put(list[active]);
    else if (event.key === "Enter" || event.key === "Escape") look(null);
    else return;
    if (event.key !== "Escape") event.preventDefault();
  };
  return { list, active, look, put, press };
}

/** What is typed; it goes to the address after a pause, if it can be read. Going back brings the text back too. */
function useDraft(address: string): [string, (text: string) => void] {
  const [text, setText] = useState(address);
  const told = useRef(address);
  useEffect(() => {
    if (address === told.current) return;
    told.current = address;
    setText(address);
  }, [address]);
  useEffect(() => {
    if (text.trim() === told.current) return;
    const timer = setTimeout(() => {
      if (problemOf(text)) return;
      told.current = text.trim();
      setParams({ q: text.trim() || null });
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return [text, setText];
}

function problemOf(text: string): QueryError | null {
  try {
    parse(text);
    return null;
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
}

function Problem(props: { id: string; text: string; unknown: QueryError | null; typing: boolean }) {
  const say = useSay();
  const problem = problemOf(props.text) ?? (props.typing ? null : props.unknown);
  if (!problem) return null;
  return (
    <div id={props.id} className="runs-problem" role="status">
      <code>
        {props.text.slice(0, problem.at)}
        <mark>{props.text.slice(problem.at, problem.end) || " "}</mark>
        {props.text.slice(problem.end)}
      </code>
      {say(problem.words, problem.values)}
    </div>
  );
}

function Buttons({ text, setText }: { text: string; setText: (text: string) => void }) {
  const say = useSay();
  return (
    <>
      {text && (
        <ActionIcon size="xs" {...tip(say(W.clear))} onClick={() => setText("")}>
          <Icon name="close" />
        </ActionIcon>
      )}
      <Popup
        text={<Icon name="help" />}
        label={say(W.help)}
        tip={say(W.help)}
        button={(props) => <ActionIcon size="xs" {...props} />}
        align="start"
        panelClass="runs-help"
        panelWidth={440}
      >
        {() => (
          <>
            <p>{say(W.introduction)}</p>
            <dl>
              {EXAMPLES.map(([example, words]) => (
                <div key={example}>
                  <dt>
                    <button type="button" className="linklike" onClick={() => setText(example)}>
                      <code>{example}</code>
                    </button>
                  </dt>
                  <dd>{say(words)}</dd>
                </div>
              ))}
            </dl>
            <p>{say(W.end)}</p>
          </>
        )}
      </Popup>
    </>
  );
}
