import { useSchema } from "../experiment/useSchema";
import { PartList } from "../forms/PartList";
import { PartSetting } from "../forms/PartSetting";
import { PlainFields } from "../forms/PlainFields";
import { Section } from "../forms/Section";
import type { Settings } from "../forms/useSettings";
import { useSay, type Words } from "../ui/words";
import { Found } from "./Found";
import { NormalizeForm } from "./NormalizeForm";
import { UploadBox } from "./UploadBox";

const W = {
  source: ["Source", "数据来源"],
  split: ["Splits", "划分"],
  prepare: ["Preparation", "预处理"],
  prepareHelp: ["of every split, once", "所有划分，一次性"],
  augment: ["Augmentation", "数据增强"],
  augmentHelp: ["of the training split, random in each epoch", "仅训练集，每轮随机"],
  normalize: ["Normalisation", "归一化"],
  batches: ["Batches", "批次与加载"],
} satisfies Record<string, Words>;

const BATCHES = ["batch_size", "shuffle", "drop_last", "limit", "loading", "workers"];

/** Everything of `data:` as forms. */
export function DataForms({ settings }: { settings: Settings }) {
  const say = useSay();
  const schema = useSchema(false);
  return (
    <>
      <Section title={say(W.source)}>
        <PartSetting settings={settings} place="data.source" kinds={["source"]} />
        <Found settings={settings} />
        <UploadBox settings={settings} />
      </Section>
      <Section title={say(W.split)}>
        <PlainFields
          settings={settings}
          schema={schema}
          place="data.split"
          names={["train", "valid", "test"]}
        />
      </Section>
      <Section title={say(W.prepare)} aside={<span className="faint">{say(W.prepareHelp)}</span>}>
        <PartList settings={settings} place="data.prepare" kinds={["transform"]} />
      </Section>
      <Section title={say(W.augment)} aside={<span className="faint">{say(W.augmentHelp)}</span>}>
        <PartList settings={settings} place="data.augment" kinds={["transform"]} />
      </Section>
      <Section title={say(W.normalize)}>
        <NormalizeForm settings={settings} schema={schema} />
      </Section>
      <Section title={say(W.batches)}>
        <PlainFields settings={settings} schema={schema} place="data" names={BATCHES} />
      </Section>
    </>
  );
}
