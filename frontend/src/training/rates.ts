import type { RateCurve } from "../api/messages";

export interface Rates {
  name: string;
  steps: number[];
  rates: number[];
}

/** The points that can be drawn: a rate that is no finite number leaves its point out. */
export function usable({ name, steps, rates }: RateCurve): Rates {
  const kept = steps.map((_, place) => place).filter((place) => Number.isFinite(rates[place]));
  return {
    name,
    steps: kept.map((place) => steps[place] as number),
    rates: kept.map((place) => rates[place] as number),
  };
}

/** The rate at a step: on the straight line between the points beside it. */
export function rateAt({ steps, rates }: Rates, step: number): number {
  const next = steps.findIndex((one) => one >= step);
  if (next < 0) return rates.at(-1) ?? Number.NaN;
  const [from, to] = [steps[next - 1], steps[next]];
  if (from === undefined || to === undefined || to === step) return rates[next] ?? Number.NaN;
  const share = (step - from) / (to - from);
  return (rates[next - 1] ?? 0) * (1 - share) + (rates[next] ?? 0) * share;
}
