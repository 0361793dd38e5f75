import { useEffect, useMemo, useState } from "react";
import { send } from "../api/client";
import type { Fits, PartForm } from "../api/messages";
import { tellError } from "../ui/notices";
import { Said } from "../ui/said";
import { useSay, type Words } from "../ui/words";
import { addPart, type Bench } from "./bench";
import { type Choice, Chooser } from "./Chooser";
import { hueOfPart } from "./face";
import { type Adding, useDesk } from "./state";
import { parseTyped, partOf } from "./typed";
import { PART } from "./useDropping";

const W = {
  add: ["Add a layer", "添加层"],
  wait: ["The layers are loading…", "正在加载层列表…"],
  type: ["Name, and values: conv2d 6 5 padding=2", "名称和参数：conv2d 6 5 padding=2"],
  behind: ["behind {source}", "接在 {source} 之后"],
  before: ["before {node}", "接在 {node} 之前"],
  between: ["between {source} and {node}", "插入 {source} 与 {node} 之间"],
  output: ["the output", "输出"],
  mine: ["module of this document", "本文档的模块"],
  again: ["once more, shared weights", "再次调用，共享权重"],
  values: ["values in order: {names}", "参数顺序：{names}"],
} satisfies Record<string, Words>;

interface Offer extends Choice {
  form: Pick<PartForm, "name" | "fields" | "summary">;
  /** a part that is written as it is */
  part?: unknown;
}

/** The search for what to add; with only what fits where a wire was dropped. */
export function AddBox({ bench, adding }: { bench: Bench; adding: Adding }) {
  const say = useSay();
  const fits = useFits(bench, adding);
  const offers = useOffers(bench, fits);
  const close = () => {
    useDesk.setState({ adding: null });
    bench.board?.focus({ preventScroll: true });
  };
  const made = (offer: Offer, typed: string) => offer.part ?? partOf(offer.form, parseTyped(typed).values);
  return (
    <Chooser<Offer>
      label={say(W.add)}
      placeholder={say(W.type)}
      none={bench.catalog.list.length ? undefined : say(W.wait)}
      items={offers}
      at={adding.screen}
      head={<Where adding={adding} />}
      foot={(offer) => <About offer={offer} />}
      nameOf={(typed) => parseTyped(typed).name}
      drag={(offer, event) => event.dataTransfer.setData(PART, JSON.stringify(made(offer, "")))}
      onChoose={(offer, typed) => {
        close();
        addPart(bench, made(offer, typed), adding);
      }}
      onClose={close}
    />
  );
}

/** What runs on the tensor that comes there, or gives what is taken there; null: not known, so everything is offered. */
function useFits({ drawing, path, level }: Bench, { source, feeds }: Adding): Fits | null {
  const [fits, setFits] = useState<Fits | null>(null);
  const { text } = drawing;
  const { name, instance } = level;
  useEffect(() => {
    if (!source && !feeds.length) return;
    const abort = new AbortController();
    const body = { text, path, level: name, instance, source, feeds };
    send<Fits>("POST", "fits", body, {}, abort.signal).then(setFits, (error) => {
      if (!abort.signal.aborted) tellError(error);
    });
    return () => abort.abort();
  }, [text, path, name, instance, source, feeds]);
  return fits;
}

function useOffers({ drawing, level, catalog }: Bench, fits: Fits | null): Offer[] {
  const say = useSay();
  return useMemo(() => {
    const likely = new Map(fits?.likely.map((name, place) => [name, place]));
    const names = fits?.names.length ? new Set([...fits.names, ...fits.likely]) : null;
    const own = drawing.levels
      .filter((one) => one.name && one.name !== level.name)
      .map(({ name }): Offer => offer(name, { name, fields: [], summary: "" }, say(W.mine), "module"));
    const parts = catalog.list
      .filter((part) => !names || names.has(part.name))
      .map(
        (part): Offer => ({
          ...offer(part.name, part, part.heading ?? "", hueOfPart(part)),
          words: part.words ?? "",
          also: part.also,
          rare: part.kind === "operation",
          common: likely.size ? likely.has(part.name) : part.common,
        }),
      )
      .sort((a, b) => rank(a, likely) - rank(b, likely));
    const again = level.nodes
      .filter((node) => node.parameters > 0 && node.kind !== "use" && node.kind !== "tensor")
      .map(
        ({ name }): Offer => ({
          ...offer(`use ${name}`, { name, fields: [], summary: "" }, say(W.again), "use"),
          part: { use: name },
        }),
      );
    return [...parts.filter((one) => one.common), ...own, ...parts.filter((one) => !one.common), ...again];
  }, [drawing, level, catalog, fits, say]);
}

const rank = (one: Offer, likely: ReadonlyMap<string, number>) => likely.get(one.name) ?? likely.size;

function offer(name: string, form: Offer["form"], detail: string, hue: string): Offer {
  return { id: name.replace(/\s/g, "-"), name, form, detail, hue };
}

function Where({ adding: { source, feeds } }: { adding: Adding }) {
  const say = useSay();
  if (!source && !feeds.length) return null;
  const node = feeds.map(([name]) => name || say(W.output)).join(", ");
  const words = source && node ? W.between : source ? W.behind : W.before;
  return <p className="draw-where">{say(words, { source, node })}</p>;
}

/** What the part does, and which values can be written behind its name. */
function About({ offer }: { offer: Offer | undefined }) {
  const say = useSay();
  const names = offer?.form.fields.filter((field) => !field.inferred).map((field) => field.name);
  return (
    <div className="draw-about">
      <div>{offer && <Said text={offer.form.summary} />}</div>
      <div className="faint">
        {names?.length ? say(W.values, { names: names.slice(0, 5).join(", ") }) : ""}
      </div>
    </div>
  );
}
