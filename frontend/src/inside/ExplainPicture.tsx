import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import type { Explanation } from "../api/messages";
import { useSay, type Words } from "../ui/words";
import { nudged, type Region, regionOf, type Size } from "./ExplainRegion";

const W = {
  heat: ["Where the network looked for {name}", "网络判断为 {name} 时关注的位置"],
  said: ["The class of each pixel as predicted", "预测的各像素类别"],
  truth: ["The true class of each pixel", "各像素的真实类别"],
  plain: ["The picture as the network gets it", "网络看到的图片"],
  region: [
    "Click a pixel, or drag over a part, to ask for it; with arrows move it, with Shift and arrows change its size, Escape takes the whole.",
    "点击选择像素，或在图片上拖动选择区域；方向键移动，Shift+方向键调整大小，Esc 恢复整张图片。",
  ],
} satisfies Record<string, Words>;

/** What lies over the picture: what mattered, or the classes of its pixels. */
export type Over = "heat" | "said" | "truth";

interface Props {
  picture: string;
  found: Explanation | null;
  /** what is explained, in words */
  name: string;
  over: Over;
  opacity: number;
  busy: boolean;
  region: Region | null;
  onRegion: (region: Region | null) => void;
}

/** A picture with what mattered painted over it; of a segmentation a part of it can be dragged. */
export function ExplainPicture({ picture, found, name, over, opacity, busy, region, onRegion }: Props) {
  const say = useSay();
  const [natural, setNatural] = useState<Size>([1, 1]);
  const size: Size = found?.size[0] ? found.size : natural;
  const dragging = useDragging(size, onRegion);
  const shown = dragging.region ?? region;
  const mask = over === "heat" ? "" : found?.[over]?.mask;
  const layers = (
    <>
      <img
        src={found?.picture || picture}
        alt={say(W.plain)}
        draggable={false}
        onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
          setNatural([naturalWidth, naturalHeight])
        }
      />
      {mask && (
        <img
          className="explain-mask"
          src={mask}
          alt={say(W[over === "said" ? "said" : "truth"])}
          draggable={false}
        />
      )}
      {found?.heat && over === "heat" && (
        <img
          className="explain-heat"
          src={found.heat}
          alt={say(W.heat, { name })}
          draggable={false}
          style={{ opacity }}
        />
      )}
      {shown && <span className="explain-region" style={boxOf(shown, size)} />}
    </>
  );
  const look = busy ? "explain-picture busy" : "explain-picture";
  if (!found?.places) return <div className={look}>{layers}</div>;
  const press = (event: KeyboardEvent) => {
    const next = event.key === "Escape" ? null : nudged(region, event.key, event.shiftKey, size);
    if (next === region) return;
    event.preventDefault();
    onRegion(next);
  };
  return (
    <div
      className={`${look} places`}
      role="application"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows move the part that is asked for
      tabIndex={0}
      aria-label={say(W.region)}
      data-tip={say(W.region)}
      onKeyDown={press}
      {...dragging.listeners}
    >
      {layers}
    </div>
  );
}

function boxOf([x1, y1, x2, y2]: Region, [width, height]: Size) {
  const part = (value: number, whole: number) => `${(100 * value) / whole}%`;
  return {
    left: part(x1, width),
    top: part(y1, height),
    width: part(x2 - x1, width),
    height: part(y2 - y1, height),
  };
}

function useDragging(size: Size, onRegion: (region: Region | null) => void) {
  const from = useRef<[number, number] | null>(null);
  const [region, setRegion] = useState<Region | null>(null);
  const at = ({ currentTarget, clientX, clientY }: PointerEvent): [number, number] => {
    const { left, top, width, height } = currentTarget.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height];
  };
  const end = (event: PointerEvent) => {
    if (from.current) onRegion(regionOf(from.current, at(event), size));
    from.current = null;
    setRegion(null);
  };
  const listeners = {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      from.current = at(event);
    },
    onPointerMove: (event: PointerEvent) => {
      if (from.current) setRegion(regionOf(from.current, at(event), size));
    },
    onPointerUp: end,
    onPointerCancel: () => {
      from.current = null;
      setRegion(null);
    },
  };
  return { region, listeners };
}
