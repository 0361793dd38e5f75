import { useState } from "react";
import { at, type Schema } from "../experiment/schema";
import { useSchema } from "../experiment/useSchema";
import { Field } from "../forms/Field";
import { PartSetting } from "../forms/PartSetting";
import { PlainFields } from "../forms/PlainFields";
import { partOf, written } from "../forms/parts";
import { below, faultsAt } from "../forms/places";
import { plainFields } from "../forms/plain";
import { Section } from "../forms/Section";
import type { Settings } from "../forms/useSettings";
import { useSay, type Words } from "../ui/words";
import { FoldedSection } from "./FoldedSection";
import { plainField } from "./plainField";

const W = {
  loss: ["Loss", "损失函数"],
  optimizer: ["Optimizer", "优化器"],
  schedule: ["Schedule of the learning rate", "学习率调度"],
  warmup: ["Warm-up", "预热"],
  training: ["Training", "训练"],
  more: ["More ({count})", "更多（{count}）"],
  less: ["Less", "收起"],
  clip: ["Gradient clipping", "梯度裁剪"],
  early_stop: ["Early stopping", "早停"],
  checkpoint: ["Checkpoints", "检查点"],
  record: ["Recording", "记录"],
} satisfies Record<string, Words>;

const EXTRAS = ["every", "monitor", "warmup"];
const FIRST = ["epochs", "device", "precision", "ema", "accumulate"];
const GROUPS = ["clip", "early_stop", "checkpoint", "record"] as const;

/** Everything that decides how it is trained. */
export function TrainingForms({ settings }: { settings: Settings }) {
  const say = useSay();
  const schema = useSchema(false);
  const fallback = String(schema?.properties?.optimizer?.default ?? "");
  return (
    <>
      <Section title={say(W.loss)}>
        <PartSetting settings={settings} place="loss" kinds={["loss"]} />
      </Section>
      <Section title={say(W.optimizer)}>
        <PartSetting
          settings={settings}
          place="optimizer"
          kinds={["optimizer"]}
          fallback={fallback}
          optional
        />
      </Section>
      <Section title={say(W.schedule)}>
        <PartSetting settings={settings} place="schedule" kinds={["scheduler"]} extras={EXTRAS} optional>
          <Beside settings={settings} schema={schema} />
        </PartSetting>
      </Section>
      <Section title={say(W.training)}>
        <PlainFields settings={settings} schema={schema} place="" names={["name", "seed", "task"]} />
        <Train settings={settings} schema={schema} />
      </Section>
      {GROUPS.map((name) => (
        <FoldedSection key={name} settings={settings} title={say(W[name])} place={`train.${name}`}>
          <PlainFields
            settings={settings}
            schema={schema}
            place={`train.${name}`}
            names={Object.keys(propertiesOf(schema, ["train", name]))}
          />
        </FoldedSection>
      ))}
    </>
  );
}

function propertiesOf(schema: Schema | null, place: string[]): Record<string, Schema> {
  return schema ? Object.assign({}, ...at(schema, place).map((one) => one.properties ?? {})) : {};
}

function Train({ settings, schema }: { settings: Settings; schema: Schema | null }) {
  const say = useSay();
  const [open, setOpen] = useState(false);
  const rest = Object.keys(propertiesOf(schema, ["train"])).filter(
    (name) => !FIRST.includes(name) && !(GROUPS as readonly string[]).includes(name),
  );
  const written = rest.filter((name) => settings.at(below("train", name)) !== undefined);
  const hidden = rest.length - written.length;
  return (
    <>
      <PlainFields
        settings={settings}
        schema={schema}
        place="train"
        names={[...FIRST, ...(open ? rest : written)]}
      />
      {hidden > 0 && (
        <button type="button" className="form-more" aria-expanded={open} onClick={() => setOpen(!open)}>
          {say(open ? W.less : W.more, { count: hidden })}
        </button>
      )}
    </>
  );
}

/** What stands beside the scheduler's name: when it steps, what it watches, and its warm-up. */
function Beside({ settings, schema }: { settings: Settings; schema: Schema | null }) {
  const say = useSay();
  const value = settings.at("schedule") ?? undefined;
  if (value === undefined) return null;
  const part = partOf(value, EXTRAS);
  const names =
    part.name === "ReduceLROnPlateau" || "monitor" in part.beside ? ["every", "monitor"] : ["every"];
  // a bare name has no room for a word beside it: the whole schedule is written
  const put = (name: string, next: unknown) => {
    const { [name]: _, ...rest } = part.beside;
    settings.put(
      "schedule",
      written({ ...part, beside: next === undefined ? rest : { ...rest, [name]: next } }),
    );
  };
  const warmup = plainField("warmup", "part:warmup");
  return (
    <div className="form-fields">
      {[...plainFields(schema, ["schedule"], names), warmup].map((field) => (
        <Field
          key={field.name}
          field={field}
          value={part.beside[field.name] ?? undefined}
          faults={faultsAt(settings.faults, below("schedule", field.name), true)}
          {...(field === warmup ? { label: say(W.warmup) } : {})}
          onChange={(next) => put(field.name, next)}
        />
      ))}
    </div>
  );
}
