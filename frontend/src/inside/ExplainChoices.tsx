import { Button } from "@mantine/core";
import type { Explanation } from "../api/messages";
import { useSay, type Words } from "../ui/words";
import { GROUPS, METHODS, type Method, methodOf } from "./ExplainMethods";
import { isPixel } from "./ExplainRegion";
import type { Wish } from "./ExplainWish";

const W = {
  input: ["Which input is looked at", "查看哪个输入"],
  of: ["Input {name}", "输入 {name}"],
  method: ["Method", "方法"],
  layer: ["Layer", "层"],
  best: ["chosen: {name}", "自动：{name}"],
  whole: ["Whole picture", "整张图片"],
  region: ["Of the marked part: {region}", "所选区域：{region}"],
  pixel: ["Of the pixel {region}", "所选像素：{region}"],
  places: [
    "Click a pixel of the picture or drag over a part of it to ask why just that is what it is.",
    "点击图片上的一个像素，或拖动选择一个区域，可查看该处判断的依据。",
  ],
} satisfies Record<string, Words>;

interface Props {
  found: Explanation | null;
  wish: Wish;
  onChange: (values: Partial<Wish>) => void;
}

/** Which input, by which method, at which layer, of which part. */
export function Choices({ found, wish, onChange }: Props) {
  const say = useSay();
  const method = methodOf(wish.method);
  const inputs = found?.inputs ?? [];
  return (
    <div className="explain-choices">
      {inputs.length > 0 && (
        <select
          className="explain-select"
          aria-label={say(W.input)}
          value={wish.input || found?.input}
          onChange={(event) => onChange({ input: event.currentTarget.value, layer: "", region: null })}
        >
          {inputs.map((name) => (
            <option key={name} value={name}>
              {say(W.of, { name })}
            </option>
          ))}
        </select>
      )}
      <select
        className="explain-select"
        aria-label={say(W.method)}
        value={method.name}
        onChange={(event) => onChange({ method: event.currentTarget.value })}
      >
        {(Object.keys(GROUPS) as Method["group"][]).map((group) => (
          <optgroup key={group} label={say(GROUPS[group])}>
            {METHODS.filter((each) => each.group === group).map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      {method.layered && (found?.layers.length ?? 0) > 0 && (
        <select
          className="explain-select"
          aria-label={say(W.layer)}
          value={wish.layer}
          onChange={(event) => onChange({ layer: event.currentTarget.value })}
        >
          <option value="">{say(W.best, { name: found?.layers[0]?.name ?? "" })}</option>
          {found?.layers.map(({ name, type, output }) => (
            <option key={name} value={name}>
              {`${name} · ${type} · ${output}`}
            </option>
          ))}
        </select>
      )}
      {wish.region && (
        <span className="explain-part">
          {isPixel(wish.region)
            ? say(W.pixel, { region: wish.region.slice(0, 2).join(", ") })
            : say(W.region, { region: wish.region.join(", ") })}{" "}
          <Button size="compact-xs" onClick={() => onChange({ region: null })}>
            {say(W.whole)}
          </Button>
        </span>
      )}
      {found?.places && !wish.region && <p className="explain-part">{say(W.places)}</p>}
      <p className="faint">{say(method.words)}</p>
    </div>
  );
}
