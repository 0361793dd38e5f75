import "./data.css";
import { useMemo } from "react";
import { FormsPage, type PageProps } from "../forms/FormsPage";
import { useSay, type Words } from "../ui/words";
import { DataForms } from "./DataForms";
import { DataLook } from "./DataLook";
import { Dropping } from "./Dropping";

const W = { forms: ["Settings of the data", "数据设置"] } satisfies Record<string, Words>;

/** What a document learns from: its source and what is done with it, beside what that gives. */
export default function DataPage(props: PageProps) {
  const say = useSay();
  const { path } = props.document;
  return (
    <FormsPage {...props} label={say(W.forms)} forms={(settings) => <DataForms settings={settings} />}>
      {(settings) => (
        <Dropping settings={settings}>
          <Look text={settings.drawing.text} path={path} />
        </Dropping>
      )}
    </FormsPage>
  );
}

function Look({ text, path }: { text: string; path: string }) {
  const view = useMemo(() => ({ text, path }), [text, path]);
  return <DataLook view={view} />;
}
