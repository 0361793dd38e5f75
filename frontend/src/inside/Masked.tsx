import type { Explanation } from "../api/messages";
import { Segments } from "../ui/Segments";
import { useSay, type Words } from "../ui/words";
import "./Masked.css";

const W = {
  what: ["What lies over the picture", "图片上叠加的内容"],
  said: ["Predicted", "预测"],
  truth: ["True", "真实"],
  none: ["Picture", "图片"],
  classes: ["Colours of the classes", "类别颜色"],
} satisfies Record<string, Words>;

/** Which mask is drawn over a picture. */
export type Mask = "said" | "truth" | "none";

/** A choice of masks; without a known truth there is none to choose. */
export function MaskChoice({
  mask,
  known = true,
  onMask,
}: {
  mask: Mask;
  known?: boolean;
  onMask: (mask: Mask) => void;
}) {
  const say = useSay();
  const masks: Mask[] = known ? ["said", "truth", "none"] : ["said", "none"];
  return (
    <Segments<Mask>
      label={say(W.what)}
      value={mask}
      onChange={onMask}
      data={masks.map((value) => ({ value, label: say(W[value]) }))}
    />
  );
}

type Masks = Pick<Explanation, "said" | "truth">;

/** A picture with one of its masks over it. */
export function Masked({ picture, masks, mask }: { picture: string; masks: Masks; mask: Mask }) {
  const over = mask === "none" ? "" : (masks[mask]?.mask ?? "");
  return (
    <span className="masked">
      <img src={picture} alt="" />
      {over && <img className="masked-over" src={over} alt="" />}
    </span>
  );
}

/** Which colour is which class; what is not painted is left out. */
export function MaskLegend({ legend }: { legend: Explanation["legend"] }) {
  const say = useSay();
  const painted = legend.filter(([, colour]) => colour !== "transparent");
  return (
    <ul className="masked-legend" aria-label={say(W.classes)}>
      {painted.map(([name, colour]) => (
        <li key={name}>
          <i style={{ background: colour }} />
          {name}
        </li>
      ))}
    </ul>
  );
}
