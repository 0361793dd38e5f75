import type { Fault } from "../api/messages";
import { Said } from "../ui/said";
import { useForms } from "./context";

/** What is wrong with a field, with its ways out. */
export function FaultLines({ faults }: { faults: readonly Fault[] }) {
  const { edit, readOnly } = useForms();
  return faults.map((fault, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: two faults may read the same
    <p key={at} className="form-fault" role="alert">
      <Said text={fault.message} />
      {fault.fixes.length === 0 && fault.fix && (
        <span>
          {" "}
          → <Said text={fault.fix} />
        </span>
      )}
      {fault.fixes.map((fix) => (
        <button
          key={fix.label}
          type="button"
          className="form-fix"
          disabled={readOnly !== undefined}
          onClick={() => edit(fix.edits)}
        >
          <Said text={fix.label} />
        </button>
      ))}
    </p>
  ));
}
