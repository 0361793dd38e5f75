import { Button } from "@mantine/core";
import { lazy, Suspense } from "react";
import { setParams, useRoute } from "../ui/route";
import { useSay, type Words } from "../ui/words";
import { useReadOnly } from "../ui/writable";

const W = {
  import: ["Import…", "导入…"],
  tip: [
    "A torchvision model, a Python file, or an exported script",
    "torchvision 模型、Python 文件或导出的脚本",
  ],
} satisfies Record<string, Words>;

const ImportDialog = lazy(() => import("./ImportDialog"));

/** Opens the dialog that brings a network in. */
export function ImportButton() {
  const say = useSay();
  const readOnly = useReadOnly();
  return (
    <Button
      data-tip={readOnly ?? say(W.tip)}
      disabled={readOnly !== undefined}
      onClick={() => setParams({ import: "new" })}
    >
      {say(W.import)}
    </Button>
  );
}

/** The dialog, while the address says that it is open. */
export function ImportPlace() {
  const { params } = useRoute();
  if (!params.get("import")) return null;
  return (
    <Suspense fallback={null}>
      <ImportDialog />
    </Suspense>
  );
}
