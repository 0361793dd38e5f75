import { ActionIcon, Button, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { number } from "../ui/format";
import { Icon } from "../ui/Icon";
import { Slider } from "../ui/Slider";
import { tip } from "../ui/tips";
import { useSay } from "../ui/words";
import { placeOf } from "./steps";
import { W } from "./words";

interface Props {
  steps: readonly number[];
  step: number;
  latest: boolean;
  /** null: always the latest */
  onStep: (step: number | null) => void;
  search: string;
  onSearch: (text: string) => void;
}

const PACE = 350;

/** One step for everything that was recorded. */
export function StepBar({ steps, step, latest, onStep, search, onSearch }: Props) {
  const say = useSay();
  const place = placeOf(steps, step);
  const [playing, setPlaying] = usePlaying(steps, place, onStep);
  useArrows(steps, place, onStep);
  const go = (to: number) => onStep(steps[Math.min(steps.length - 1, Math.max(0, to))] ?? null);
  return (
    <div className="media-bar" role="toolbar">
      <TextInput
        type="search"
        aria-label={say(W.search)}
        placeholder={say(W.search)}
        value={search}
        onChange={(event) => onSearch(event.currentTarget.value)}
      />
      {steps.length > 1 && (
        <>
          <ActionIcon {...tip(say(playing ? W.pause : W.play))} onClick={() => setPlaying(!playing)}>
            <Icon name={playing ? "pause" : "play"} />
          </ActionIcon>
          <ActionIcon {...tip(say(W.before), "←")} onClick={() => go(place - 1)}>
            <Icon name="before" />
          </ActionIcon>
          <Slider
            className="media-slider"
            aria-label={say(W.step)}
            title={say(W.stepHelp)}
            min={0}
            max={steps.length - 1}
            value={place}
            onChange={go}
          />
          <ActionIcon {...tip(say(W.after), "→")} onClick={() => go(place + 1)}>
            <Icon name="after" />
          </ActionIcon>
          <output title={say(W.stepHelp)}>
            {say(W.step)} {number(steps[place])}
          </output>
          <Button disabled={latest} onClick={() => onStep(null)}>
            {say(W.latest)}
          </Button>
        </>
      )}
    </div>
  );
}

/** Goes through the steps, and from the last one to the first. */
function usePlaying(steps: readonly number[], place: number, onStep: (step: number | null) => void) {
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => onStep(steps[(place + 1) % steps.length] ?? null), PACE);
    return () => clearTimeout(timer);
  });
  return [playing, setPlaying] as const;
}

const OWN = "input, textarea, select, audio, dialog, [role=slider], [role=tablist], [contenteditable]";

/** Arrows go to the next step from anywhere but where they have another use. */
function useArrows(steps: readonly number[], place: number, onStep: (step: number) => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!direction || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const next = steps[place + direction];
      if (next === undefined || (event.target as Element).closest?.(OWN)) return;
      event.preventDefault();
      onStep(next);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
}
