import { useState } from "react";
import type { Items } from "../api/messages";
import { useNamed } from "../media/named";
import { MediaShelf } from "../media/Pictures";
import { number } from "../ui/format";
import { Slider } from "../ui/Slider";
import { useSay, type Words } from "../ui/words";
import "../media/media.css";

const W = {
  when: ["Which recording", "选择记录"],
  step: ["step {step}", "第 {step} 步"],
} satisfies Record<string, Words>;

/** Feature maps of the probe batch at the end of each epoch; the newest unless another is chosen. */
export function RecordedMaps({ run, items }: { run: string; items: readonly Items[] }) {
  const say = useSay();
  const named = useNamed([run]);
  const steps = [...new Set(items.flatMap((item) => item.steps))].sort((a, b) => a - b);
  const [chosen, setChosen] = useState<number | null>(null);
  const at = chosen === null ? steps.length - 1 : Math.min(chosen, steps.length - 1);
  const step = steps[at] ?? 0;
  return (
    <>
      {steps.length > 1 && (
        <div className="layer-when">
          <Slider
            aria-label={say(W.when)}
            min={0}
            max={steps.length - 1}
            step={1}
            value={at}
            onChange={(next) => setChosen(next === steps.length - 1 ? null : next)}
          />
          {say(W.step, { step: number(step) })}
        </div>
      )}
      {items.map((item) => (
        <MediaShelf
          key={item.tag}
          shelf={{ tag: item.tag, kind: "image", holders: [{ run, items: item }] }}
          step={step}
          named={named}
        />
      ))}
    </>
  );
}
