import type { Bin } from "../api/messages";
import { number } from "../ui/format";
import { useSay, type Words } from "../ui/words";
import { RIGHT, WRONG } from "./ConfusionPaint";

const W = {
  title: ["Calibration", "校准"],
  error: ["expected calibration error {value} %", "期望校准误差 (ECE) {value} %"],
  confidence: ["certainty", "置信度"],
  accuracy: ["share that is right", "正确率"],
  bin: [
    "Where it was {low}–{high} % sure ({count} samples): on average {confidence} %, right in {accuracy} %",
    "置信度 {low}–{high} %（{count} 个样本）：平均置信度 {confidence} %，正确率 {accuracy} %",
  ],
  sure: ["It is surer than it is right.", "网络过于自信：置信度高于正确率。"],
  modest: ["It is right more often than it thinks.", "网络偏保守：正确率高于置信度。"],
  fits: ["Its certainties can be taken at their word.", "置信度与正确率相符。"],
  how: [
    "Bars should end at the line: of all that it is 80 % sure of, 80 % should be right.",
    "柱顶应落在对角线上：置信度为 80 % 的预测中应有 80 % 正确。",
  ],
} satisfies Record<string, Words>;

const [LEFT, TOP, SIDE, BELOW] = [40, 8, 210, 48];
const FINE = 0.02;

/** How far certainties can be believed: accuracy over certainty, and how many samples each bar is made of. */
export function Calibration({ bins, error }: { bins: readonly Bin[]; error: Bin["confidence"] }) {
  const say = useSay();
  const most = Math.max(1, ...bins.map(({ samples }) => samples));
  return (
    <section className="panel predictions-part" aria-label={say(W.title)}>
      <div className="predictions-head">
        <h2>{say(W.title)}</h2>
        {typeof error === "number" && (
          <span className="faint">{say(W.error, { value: number(100 * error, 3) })}</span>
        )}
      </div>
      <p className="predictions-small">
        {say(verdictOf(bins, error))} <span className="faint">{say(W.how)}</span>
      </p>
      <svg
        className="calibration"
        viewBox={`0 0 ${LEFT + SIDE + 10} ${TOP + SIDE + BELOW}`}
        role="img"
        aria-label={say(W.title)}
      >
        {[0, 0.5, 1].map((share) => (
          <g key={share} className="calibration-axis">
            <line x1={LEFT} x2={LEFT + SIDE} y1={yOf(share)} y2={yOf(share)} />
            <text x={LEFT - 5} y={yOf(share) + 3.5} textAnchor="end">
              {share * 100}
            </text>
            <text x={LEFT + share * SIDE} y={TOP + SIDE + 13} textAnchor="middle">
              {share * 100}
            </text>
          </g>
        ))}
        {bins.map((bin) => (
          <Bar key={bin.low} bin={bin} most={most} />
        ))}
        <line className="calibration-ideal" x1={LEFT} x2={LEFT + SIDE} y1={yOf(0)} y2={yOf(1)} />
        <text className="calibration-name" x={LEFT + SIDE / 2} y={TOP + SIDE + BELOW - 3} textAnchor="middle">
          {say(W.confidence)}, %
        </text>
        <text
          className="calibration-name"
          transform={`translate(9 ${TOP + SIDE / 2}) rotate(-90)`}
          textAnchor="middle"
        >
          {say(W.accuracy)}, %
        </text>
      </svg>
    </section>
  );
}

const yOf = (share: number) => TOP + (1 - share) * SIDE;

/** What is right is blue, pale above its certainty; what is missing to its certainty is orange. */
function Bar({ bin, most }: { bin: Bin; most: number }) {
  const say = useSay();
  const { low, high, samples } = bin;
  if (!samples || typeof bin.accuracy !== "number" || typeof bin.confidence !== "number") return null;
  const [x, width] = [LEFT + low * SIDE + 0.5, (high - low) * SIDE - 1];
  const [right, sure] = [bin.accuracy, bin.confidence];
  const both = Math.min(right, sure);
  const percent = (share: number) => number(100 * share, 3);
  const words = say(W.bin, {
    low: percent(low),
    high: percent(high),
    count: number(samples),
    confidence: percent(sure),
    accuracy: percent(right),
  });
  return (
    <g data-tip={words}>
      <title>{words}</title>
      <rect x={x} y={TOP} width={width} height={SIDE} fill="transparent" />
      <rect x={x} y={yOf(both)} width={width} height={both * SIDE} fill={RIGHT} opacity={0.85} />
      <rect
        x={x + 0.5}
        y={yOf(Math.max(right, sure))}
        width={width - 1}
        height={Math.abs(right - sure) * SIDE}
        fill={sure > right ? WRONG : RIGHT}
        fillOpacity={0.25}
        stroke={sure > right ? WRONG : RIGHT}
      />
      <rect
        className="calibration-count"
        x={x}
        y={TOP + SIDE + 19}
        width={width}
        height={Math.max(1, (10 * samples) / most)}
      />
    </g>
  );
}

/** In one sentence, which way the certainties are wrong. */
export function verdictOf(bins: readonly Bin[], error: Bin["confidence"]): Words {
  if (typeof error === "number" && error < FINE) return W.fits;
  const more = bins.reduce(
    (sum, { samples, confidence, accuracy }) => sum + samples * (Number(confidence) - Number(accuracy)),
    0,
  );
  return more > 0 ? W.sure : W.modest;
}
