import { type RefObject, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { ParametersView, ViewRequest } from "../api/messages";
import { type Rule, rulesOf } from "../forms/rules";
import { Skeleton } from "../forms/Skeleton";
import { useAnswer } from "../forms/useAnswer";
import type { Settings } from "../forms/useSettings";
import { number } from "../ui/format";
import { useSaid } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { ParameterTable } from "./ParameterTable";
import { RuleList } from "./RuleList";

const W = {
  title: ["Parameters", "参数"],
  totals: [
    "{count} in {tensors} tensors, {trained} trained",
    "{tensors} 个张量，共 {count}，其中可训练 {trained}",
  ],
  none: ["This network has no parameters yet.", "该网络还没有参数。"],
} satisfies Record<string, Words>;

/** All parameters of the network, and the rules that set some of them apart. */
export function Parameters({ settings, view }: { settings: Settings; view: ViewRequest }) {
  const say = useSay();
  const said = useSaid();
  const { value, busy, refused } = useAnswer<ParametersView>("parameters", view);
  const box = useRef<HTMLElement>(null);
  useHeld(box);
  const [lit, setLit] = useState<number | null>(null);
  const written = settings.at("parameters");
  const rules = useMemo(() => rulesOf(written), [written]);
  const put = (next: readonly Rule[]) => settings.put("parameters", next.length ? next : undefined);
  if (refused) return <p className="form-fault">{said(refused)}</p>;
  if (!value) return <Skeleton rows={8} />;
  const { parameters } = value;
  const own = parameters.filter((one) => !one.tied);
  const sum = (some: typeof own) => number(some.reduce((all, one) => all + one.count, 0));
  return (
    <section className="train-parameters" ref={box}>
      <h2>
        {say(W.title)}{" "}
        <span className="faint">
          {own.length > 0 &&
            say(W.totals, {
              count: sum(own),
              tensors: number(own.length),
              trained: sum(own.filter((one) => one.trained)),
            })}
        </span>
      </h2>
      <RuleList
        busy={busy || settings.sheet.get().waiting > 0}
        settings={settings}
        rules={rules}
        parameters={parameters}
        lit={lit}
        onLight={setLit}
        onPut={put}
      />
      {parameters.length ? (
        <ParameterTable
          settings={settings}
          rules={rules}
          parameters={parameters}
          lit={lit}
          onLight={setLit}
          onPut={put}
        />
      ) : (
        <p className="faint">{say(W.none)}</p>
      )}
    </section>
  );
}

/** What is clicked in the table stays below the pointer while rules above it come and go. */
function useHeld(box: RefObject<HTMLElement | null>): void {
  const height = useRef(0);
  useLayoutEffect(() => {
    const rules = box.current?.querySelector<HTMLElement>(".train-rules")?.offsetHeight ?? 0;
    const by = height.current ? rules - height.current : 0;
    height.current = rules;
    if (by && box.current?.querySelector("table")?.contains(document.activeElement))
      box.current.closest(".forms-main")?.scrollBy(0, by);
  });
}
