import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { get, RefusedError } from "../api/client";
import { useLive } from "../api/live";
import type { Difference, DocumentText, Run } from "../api/messages";
import { labelIn } from "../runs/labels";
import { notify } from "../ui/notices";
import { useParam } from "../ui/route";
import { Said, useSaid } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { filtered, flat, quoted, typed } from "./settings";

const W = {
  settings: ["Settings", "设置"],
  filter: ["Filter settings", "筛选设置"],
  filterEnvironment: ["Filter environment", "筛选环境"],
  name: ["Name", "名称"],
  value: ["Value", "值"],
  none: ["No settings were recorded.", "没有记录任何设置。"],
  noMatch: ["No setting matches.", "没有匹配的设置。"],
  document: ["Document", "文档"],
  environment: ["Environment", "环境"],
  command: ["Command", "命令"],
  host: ["Host", "主机"],
  versus: ["What differs from another run", "与另一运行的差异"],
  choose: ["Choose a run", "选择一个运行"],
  same: ["Nothing differs.", "没有差异。"],
  copy: ["Copy", "复制"],
  copied: ["Copied.", "已复制。"],
} satisfies Record<string, Words>;

/** An answer of the server, or the sentence in which it refused. */
type Answer<T> = { value: T } | { refused: string } | null;

function useAnswer<T>(path: string | null, query: Record<string, string>): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>(null);
  const key = JSON.stringify(query);
  useEffect(() => {
    setAnswer(null);
    if (path === null) return;
    const abort = new AbortController();
    get<T>(path, JSON.parse(key), abort.signal).then(
      (value) => setAnswer({ value }),
      (error) => abort.signal.aborted || setAnswer({ refused: sentence(error) }),
    );
    return () => abort.abort();
  }, [path, key]);
  return answer;
}

function sentence(error: unknown): string {
  return error instanceof RefusedError ? error.message : String(error);
}

/** How a run was made: its settings, document, command and environment, and what differs from another run. */
export function SettingsView({ run }: { run: Run }) {
  const say = useSay();
  const whole = useAnswer<Run>("run", { run: run.id });
  const environment = whole && "value" in whole ? whole.value.environment : run.environment;
  return (
    <div className="run-settings">
      <div>
        <Listed title={say(W.settings)} value={run.settings} filter="setting" label={say(W.filter)} />
        {run.own && <Versus run={run} />}
      </div>
      <div>
        {run.command.length > 0 && (
          <Block title={say(W.command)} text={typed(run.command)} tip={quoted(run.command)} />
        )}
        {run.document && <Document run={run} />}
        {Object.keys(environment).length > 0 && (
          <Listed
            title={say(W.environment)}
            value={{ host: run.host, ...environment }}
            filter="env"
            label={say(W.filterEnvironment)}
          />
        )}
      </div>
    </div>
  );
}

function Section({ title, children, tools }: { title: string; children: ReactNode; tools?: ReactNode }) {
  return (
    <section className="panel run-section">
      <div className="run-bar">
        <h2>{title}</h2>
        {tools}
      </div>
      {children}
    </section>
  );
}

/** A table of names and values with a filter that stands in the address. */
function Listed(props: { title: string; value: unknown; filter: string; label: string }) {
  const { title, value, filter, label } = props;
  const say = useSay();
  const [text, setText] = useParam(filter, "");
  const all = useMemo(() => flat(value).filter(([name]) => name !== ""), [value]);
  const shown = useMemo(() => filtered(all, text), [all, text]);
  const field = (
    <TextInput
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      ml="auto"
    />
  );
  return (
    <Section title={title} tools={field}>
      {shown.length === 0 && <p className="faint run-pad">{say(all.length ? W.noMatch : W.none)}</p>}
      {shown.length > 0 && (
        <table className="run-flat">
          <thead>
            <tr>
              <th scope="col">{say(W.name)}</th>
              <th scope="col">{say(W.value)}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(([name, shownValue]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td className="mono">{shownValue}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

function Block({ title, text, tip }: { title: string; text: string; tip?: string }) {
  const say = useSay();
  const copy = () => navigator.clipboard.writeText(text).then(() => notify(say(W.copied)));
  return (
    <Section
      title={title}
      tools={
        <Button onClick={copy} ml="auto">
          {say(W.copy)}
        </Button>
      }
    >
      <pre className="run-text" title={tip}>
        {text}
      </pre>
    </Section>
  );
}

function Document({ run }: { run: Run }) {
  const say = useSay();
  const said = useSaid();
  const answer = useAnswer<DocumentText>("document", { run: run.id });
  if (answer === null) return null;
  return (
    <Block title={say(W.document)} text={"value" in answer ? answer.value.text : said(answer.refused)} />
  );
}

/** The difference to a run that is chosen, in words. */
function Versus({ run }: { run: Run }) {
  const say = useSay();
  const runs = useLive((live) => live.runs);
  const [other, setOther] = useParam("versus", "");
  const answer = useAnswer<Difference>(other ? "diff" : null, { a: `run:${other}`, b: `run:${run.id}` });
  const data = [...(runs?.values() ?? [])]
    .filter((one) => one.own && one.id !== run.id)
    .map((one) => ({ value: one.id, label: labelIn(runs)(one) }));
  const tools = (
    <NativeSelect
      aria-label={say(W.choose)}
      data={[{ value: "", label: say(W.choose) }, ...data]}
      value={other}
      onChange={(event) => setOther(event.currentTarget.value)}
      maw={260}
      ml="auto"
    />
  );
  return (
    <Section title={say(W.versus)} tools={tools}>
      {answer && "refused" in answer && (
        <p className="run-pad">
          <Said text={answer.refused} />
        </p>
      )}
      {answer && "value" in answer && (
        <ul className="run-lines">
          {answer.value.lines.map((line) => (
            <li key={line}>
              <Said text={line} />
            </li>
          ))}
          {answer.value.lines.length === 0 && <li className="faint">{say(W.same)}</li>}
        </ul>
      )}
    </Section>
  );
}
