import { useEffect, useState } from "react";
import { get, send } from "../api/client";
import type { Import, ImportRequest, LocalFiles } from "../api/messages";
import { tellError } from "../ui/notices";
import { address, go, setParams, useRoute } from "../ui/route";
import { TabList } from "../ui/TabList";
import { useSay, type Words } from "../ui/words";
import { Dialog } from "./Dialog";
import { FromFile } from "./FromFile";
import { FromVision } from "./FromVision";
import { Report } from "./Report";

const W = {
  title: ["Import a network", "导入网络"],
  from: ["Where from", "来源"],
  vision: ["torchvision", "torchvision"],
  file: ["Python file", "Python 文件"],
} satisfies Record<string, Words>;

type Source = "vision" | "file";

/** Stands in the address while it is open, `new` or an import by its id: so a reload finds it again. */
export const PARAM = "import";
export const NEW = "new";

const NOTHING: LocalFiles = { python: [], weights: [], limits: { seconds: 0, memory: 0, network: true } };

/** What an import needs beside where the network comes from. */
export type Begin = (wanted: Partial<ImportRequest>) => Promise<void>;

export default function ImportDialog() {
  const say = useSay();
  const { params } = useRoute();
  const id = params.get(PARAM) ?? "";
  const close = () => setParams({ [PARAM]: null });
  return (
    <Dialog title={say(W.title)} onClose={close}>
      {id === NEW ? <Choice /> : <Report key={id} id={id} onClose={close} />}
    </Dialog>
  );
}

function Choice() {
  const say = useSay();
  const [source, setSource] = useState<Source>("vision");
  const [files, setFiles] = useState(NOTHING);
  useEffect(() => {
    const abort = new AbortController();
    get<LocalFiles>("import/files", {}, abort.signal).then(setFiles, tellError);
    return () => abort.abort();
  }, []);
  return (
    <>
      <TabList<Source>
        name="bring"
        label={say(W.from)}
        tab={source}
        tabs={[
          ["vision", say(W.vision)],
          ["file", say(W.file)],
        ]}
        onOpen={setSource}
      />
      <div id="bring-view" role="tabpanel" aria-labelledby={`bring-tab-${source}`} className="bring-view">
        {source === "vision" ? (
          <FromVision files={files} begin={begin} />
        ) : (
          <FromFile files={files} begin={begin} />
        )}
      </div>
    </>
  );
}

const EMPTY: ImportRequest = {
  model: "",
  file: null,
  name: "",
  arguments: "",
  input: "",
  weights: "",
  trust: false,
  network: false,
  path: "",
};

const begin: Begin = async (wanted) => {
  try {
    const { id } = await send<Import>("POST", "import", { ...EMPTY, ...wanted });
    setParams({ [PARAM]: id });
  } catch (error) {
    tellError(error);
  }
};

/** The document on the canvas, with the report still above it. */
export function show(told: Import): void {
  const params = new URLSearchParams(location.search);
  if (params.get("file") === told.path) return;
  go(address("/edit", { file: told.path, view: "draw", [PARAM]: told.id }), true);
}
