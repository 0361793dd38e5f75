import { lazy, Suspense } from "react";
import type { FindingView, Fix, Run } from "../api/messages";
import { Popup } from "../ui/Popup";
import { useSay, type Words } from "../ui/words";
import { newDocument, type Trying, useRunTrying, useTextTrying } from "./DoctorAsking";
import "./Doctor.css";

const DoctorPanel = lazy(() => import("./DoctorPanel"));

type Severity = FindingView["severity"];

const W = {
  doctor: ["Doctor", "诊断"],
  alarm: ["{count} alarm", "{count} 个警报"],
  alarms: ["{count} alarms", "{count} 个警报"],
  warning: ["{count} warning", "{count} 个警告"],
  warnings: ["{count} warnings", "{count} 个警告"],
  note: ["{count} note", "{count} 条提示"],
  notes: ["{count} notes", "{count} 条提示"],
  none: ["nothing found", "未发现问题"],
  looked: ["{count} rules looked at it", "已检查 {count} 条规则"],
  newDocument: ["new document: {label}", "新文档：{label}"],
  newTip: [
    "Makes a new document from the run's with this change, and opens it.",
    "以此运行的文档为基础新建一份文档，应用此修改并打开。",
  ],
} satisfies Record<string, Words>;

export const SIGNS: Record<Severity, string> = { alarm: "▲", warning: "△", note: "○" };
const SEVERITIES: readonly Severity[] = ["alarm", "warning", "note"];
const MANY = { alarm: W.alarms, warning: W.warnings, note: W.notes };

interface MarkProps {
  trying: Trying;
  /** whose curves can be shown */
  run?: string;
  onFix: (fix: Fix) => Promise<void> | void;
  fixWords?: Words;
  fixTip?: Words;
  readOnly: string | undefined;
}

/** How many findings there are, in a quiet mark that opens them. */
function Mark({ trying, ...rest }: MarkProps) {
  const say = useSay();
  const { diagnosis } = trying;
  if (!diagnosis || (!diagnosis.checked && !diagnosis.findings.length)) return null;
  const counts = SEVERITIES.flatMap((severity) => {
    const count = diagnosis.findings.filter((one) => one.severity === severity).length;
    return count ? [{ severity, text: say(count === 1 ? W[severity] : MANY[severity], { count }) }] : [];
  });
  const words = counts.map(({ text }) => text).join(", ") || say(W.none);
  const looked = say(W.looked, { count: diagnosis.checked });
  return (
    <Popup
      label={`${say(W.doctor)}: ${words}`}
      tip={looked}
      align="start"
      panelClass="bare"
      panelWidth={520}
      button={(button) => <button {...button} className="doctor-mark" />}
      text={
        counts.length ? (
          counts.map(({ severity, text }) => (
            <span key={severity} className={`doctor-${severity}`}>
              <i aria-hidden>{SIGNS[severity]}</i> {text}
            </span>
          ))
        ) : (
          <span>
            <i aria-hidden>✓</i> {say(W.none)}
          </span>
        )
      }
    >
      {(close) => (
        <Suspense fallback={null}>
          <DoctorPanel diagnosis={diagnosis} trying={trying} looked={looked} close={close} {...rest} />
        </Suspense>
      )}
    </Popup>
  );
}

/** What the doctor says of a run, while it trains and after. */
export function RunDoctor({ run, readOnly }: { run: Run; readOnly: string | undefined }) {
  return (
    <Mark
      trying={useRunTrying(run)}
      run={run.id}
      onFix={(fix) => newDocument(run, fix)}
      fixWords={W.newDocument}
      fixTip={W.newTip}
      readOnly={readOnly}
    />
  );
}

interface TextProps {
  path: string;
  text: string;
  onFix: MarkProps["onFix"];
  readOnly: string | undefined;
}

/** What the doctor says of a document before it is trained. */
export function TextDoctor({ path, text, onFix, readOnly }: TextProps) {
  return <Mark trying={useTextTrying(path, text)} onFix={onFix} readOnly={readOnly} />;
}
