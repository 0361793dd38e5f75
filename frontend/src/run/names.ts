/** A name for a document made from a run or another document that is not taken: lenet-3 gives lenet.yaml, then lenet-2.yaml. */
export function freeName(from: string, taken: readonly string[]): string {
  const stem =
    from
      .replace(/\.ya?ml$/i, "")
      .replace(/-\d+$/, "")
      .trim() || "experiment";
  const safe = stem.replaceAll(/[\\:*?"<>|]/g, "-").replaceAll(/^\.+/g, "");
  const known = new Set(taken);
  if (!known.has(`${safe}.yaml`)) return `${safe}.yaml`;
  for (let count = 2; ; count++) if (!known.has(`${safe}-${count}.yaml`)) return `${safe}-${count}.yaml`;
}
