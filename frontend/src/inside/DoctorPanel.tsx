import { Button } from "@mantine/core";
import { useState } from "react";
import type { Diagnosis, FindingView, Fix } from "../api/messages";
import { number } from "../ui/format";
import { Link } from "../ui/Link";
import { tellError } from "../ui/notices";
import { address } from "../ui/route";
import { useSaid } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { SIGNS } from "./Doctor";
import type { Trying } from "./DoctorAsking";

const W = {
  alarm: ["Alarm: it cannot go well like this", "警报：这样训练不会成功"],
  warning: ["Warning: it goes worse than it could", "警告：效果不如应有的水平"],
  note: ["Worth knowing", "值得了解"],
  healthy: ["Nothing found.", "未发现问题。"],
  step: ["from step {step} on", "从第 {step} 步开始"],
  curves: ["Curves:", "曲线："],
  layers: ["Layers:", "层："],
  source: ["Rule: {rule}. Source: {source}", "规则：{rule}。来源：{source}"],
  rule: ["Rule: {rule}", "规则：{rule}"],
  one: ["1 rule could not look", "1 条规则无法检查"],
  skipped: ["{count} rules could not look", "{count} 条规则无法检查"],
  tryIt: ["Try it on a few samples", "用少量样本试一试"],
  tryTip: [
    "Half a minute at most: can it learn a few samples by heart, do its inputs arrive, do samples stay apart?",
    "最多半分钟：能否记住少量样本，输入是否起作用，样本之间是否互不影响？",
  ],
} satisfies Record<string, Words>;

interface Props {
  diagnosis: Diagnosis;
  trying: Pick<Trying, "busy" | "ask">;
  looked: string;
  run?: string;
  onFix: (fix: Fix) => Promise<void> | void;
  fixWords?: Words;
  fixTip?: Words;
  readOnly: string | undefined;
  close: () => void;
}

/** Each finding with its numbers, what to do, and a button that does it. */
export default function DoctorPanel({ diagnosis, trying, looked, close, ...rest }: Props) {
  const say = useSay();
  const said = useSaid();
  const { findings, skipped } = diagnosis;
  return (
    <div className="doctor-panel">
      {findings.length === 0 && <p className="doctor-healthy">✓ {say(W.healthy)}</p>}
      {findings.length > 0 && (
        <ul className="doctor-findings">
          {findings.map((finding) => (
            <li key={`${finding.rule} ${finding.sentence}`}>
              <Finding finding={finding} close={close} {...rest} />
            </li>
          ))}
        </ul>
      )}
      <footer className="faint">
        {trying.ask && (
          <Button
            className="doctor-try"
            size="compact-sm"
            variant="default"
            loading={trying.busy}
            data-tip={say(W.tryTip)}
            onClick={trying.ask}
          >
            {say(W.tryIt)}
          </Button>
        )}
        {looked}
        {skipped.length > 0 && (
          <details>
            <summary>{say(skipped.length === 1 ? W.one : W.skipped, { count: skipped.length })}</summary>
            <ul className="doctor-skipped">
              {skipped.map((why) => (
                <li key={why}>{said(why)}</li>
              ))}
            </ul>
          </details>
        )}
      </footer>
    </div>
  );
}

type FindingProps = { finding: FindingView } & Pick<
  Props,
  "run" | "onFix" | "fixWords" | "fixTip" | "readOnly" | "close"
>;

function Finding({ finding, run, onFix, fixWords, fixTip, readOnly, close }: FindingProps) {
  const say = useSay();
  const said = useSaid();
  const [busy, setBusy] = useState(false);
  const { rule, severity, sentence, because, advice, source, step } = finding;
  const mend = async (fix: Fix) => {
    setBusy(true);
    try {
      await onFix(fix);
      close();
    } catch (error) {
      tellError(error);
    }
    setBusy(false);
  };
  return (
    <article>
      <h3>
        <span
          className={`doctor-${severity}`}
          role="img"
          aria-label={say(W[severity])}
          data-tip={say(W[severity])}
        >
          {SIGNS[severity]}
        </span>{" "}
        {said(sentence)}
      </h3>
      <p className="faint">
        {[said(because), step !== null && step > 0 && say(W.step, { step: number(step) })]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <p>{said(advice)}</p>
      <Shown finding={finding} run={run} close={close} />
      <div className="doctor-ways">
        {finding.fixes.map((fix) => (
          <Button
            key={fix.label}
            size="compact-sm"
            loading={busy}
            disabled={readOnly !== undefined}
            data-tip={readOnly ?? (fixTip && say(fixTip))}
            onClick={() => void mend(fix)}
          >
            {fixWords ? say(fixWords, { label: said(fix.label) }) : said(fix.label)}
          </Button>
        ))}
      </div>
      <p className="faint doctor-source">
        {source
          ? say(W.source, { rule: said(rule), source: said(source) })
          : say(W.rule, { rule: said(rule) })}
      </p>
    </article>
  );
}

/** The curves that show it, and the layers that it is about. */
function Shown({
  finding,
  run,
  close,
}: Pick<FindingProps, "finding" | "close"> & { run: string | undefined }) {
  const say = useSay();
  const { layers, tags } = finding;
  return (
    <>
      {layers.length > 0 && (
        <p className="doctor-list">
          <span className="faint">{say(W.layers)}</span> <span className="mono">{layers.join(", ")}</span>
        </p>
      )}
      {run !== undefined && tags.length > 0 && (
        <p className="doctor-list">
          <span className="faint">{say(W.curves)}</span>
          {tags.map((tag) => (
            <span key={tag}>
              {" "}
              <Link href={placeOf(run, tag)} onClick={close}>
                {tag}
              </Link>
            </span>
          ))}
        </p>
      )}
    </>
  );
}

const HISTOGRAMS = /^(weights|gradients|outputs)\//;

/** Where a tag is drawn. */
export function placeOf(run: string, tag: string): string {
  return address("/run", HISTOGRAMS.test(tag) ? { run, tab: "distributions", tag } : { run, tag });
}
