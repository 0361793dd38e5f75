import type { Schema } from "../experiment/schema";
import { useForms } from "../forms/context";
import { FaultLines } from "../forms/FaultLines";
import { PlainFields } from "../forms/PlainFields";
import { faultsAt } from "../forms/places";
import type { Settings } from "../forms/useSettings";
import { Segments } from "../ui/Segments";
import { useSay, type Words } from "../ui/words";

const W = {
  how: ["How pictures are normalised", "归一化方式"],
  auto: ["measured", "自动测量"],
  none: ["none", "无"],
  own: ["own numbers", "自定义"],
} satisfies Record<string, Words>;

const PLACE = "data.normalize";
/** of ImageNet: what networks that were trained before expect */
const USUAL = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

type How = "auto" | "none" | "own";

/** Mean and standard deviation: measured, none, or a person's own. */
export function NormalizeForm({ settings, schema }: { settings: Settings; schema: Schema | null }) {
  const say = useSay();
  const { readOnly } = useForms();
  const value = settings.at(PLACE);
  const how: How = value === "none" ? "none" : typeof value === "object" && value !== null ? "own" : "auto";
  const choose = (next: How) => {
    if (readOnly === undefined && next !== how)
      settings.put(PLACE, next === "auto" ? undefined : next === "none" ? "none" : USUAL);
  };
  return (
    <>
      <Segments<How>
        label={say(W.how)}
        value={how}
        onChange={choose}
        data={[
          { value: "auto", label: say(W.auto) },
          { value: "none", label: say(W.none) },
          { value: "own", label: say(W.own) },
        ]}
      />
      <FaultLines faults={faultsAt(settings.faults, PLACE)} />
      {how === "own" && (
        <PlainFields settings={settings} schema={schema} place={PLACE} names={["mean", "std"]} />
      )}
    </>
  );
}
