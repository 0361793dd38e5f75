import { Checkbox } from "@mantine/core";
import type { ImportLimits, ImportRequest } from "../api/messages";
import { bytes, duration } from "../ui/format";
import { Said } from "../ui/said";
import { inRow, useSay, type Words } from "../ui/words";

const W = {
  runs: [
    "I trust {file}: this runs the file on this machine, with my rights.",
    "我信任 {file}：导入会在本机以我的权限运行该文件。",
  ],
  files: [
    "It can read and change whatever I can: my files are not closed to it.",
    "它能读写我能读写的一切：我的文件对它并不设防。",
  ],
  most: [
    "It is ended after {time}, or when a process of it takes more than {memory} of memory.",
    "运行超过 {time}，或单个进程占用内存超过 {memory} 时会被终止。",
  ],
  time: [
    "It is ended after {time}; its memory is not limited on this system.",
    "运行超过 {time} 会被终止；此系统上不限制其内存。",
  ],
  closed: ["The network is closed to it.", "它无法使用网络。"],
  open: [
    "It can use the network: this system does not let Torchwork close it.",
    "它可以使用网络：此系统不允许 Torchwork 断开网络。",
  ],
  allow: ["Let it use the network, to load weights for example", "允许它使用网络，例如用于下载权重"],
} satisfies Record<string, Words>;

export type Trusted = Pick<ImportRequest, "trust" | "network">;
export const UNTRUSTED: Trusted = { trust: false, network: false };

interface TrustProps {
  file: string;
  does: string;
  limits: ImportLimits;
  value: Trusted;
  onChange: (trusted: Trusted) => void;
}

/** Asks whether a file may run, and says what it could do: what this machine limits, and what it does not. */
export function Trust({ file, does, limits, value, onChange }: TrustProps) {
  const say = useSay();
  const most = { time: duration(limits.seconds), memory: bytes(limits.memory) };
  return (
    <div className="bring-trust">
      <Checkbox
        label={say(W.runs, { file })}
        checked={value.trust}
        onChange={(event) => onChange({ ...value, trust: event.currentTarget.checked })}
      />
      <p className="faint">
        <Said text={does} />
      </p>
      <p className="faint">
        {inRow([say(W.files), say(limits.memory ? W.most : W.time, most)])}{" "}
        {limits.network ? <b>{say(W.open)}</b> : !value.network && say(W.closed)}
      </p>
      {!limits.network && (
        <Checkbox
          className="bring-network"
          size="xs"
          label={say(W.allow)}
          checked={value.network}
          onChange={(event) => onChange({ ...value, network: event.currentTarget.checked })}
        />
      )}
    </div>
  );
}
