import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { useSay, type Words } from "./words";

const W = {
  title: ["This part of the page has failed.", "页面的这一部分出错了。"],
  what: [
    "Trainings go on, and what you wrote is kept in this browser. Reload the page; after an update of Torchwork that is needed once.",
    "训练仍在继续，您输入的内容已保存在此浏览器中。请重新加载页面；Torchwork 更新后需要这样做一次。",
  ],
  reload: ["Reload", "重新加载"],
} satisfies Record<string, Words>;

interface Props {
  /** another place of the page: what failed elsewhere need not fail here */
  place: string;
  children: ReactNode;
}

/** Where a part of the page fails, it says so in its place, and everything around it stays. */
export class Fault extends Component<Props, { error: unknown; place: string }> {
  override state = { error: null, place: this.props.place };

  static getDerivedStateFromError(error: unknown) {
    return { error: error ?? "?" };
  }

  static getDerivedStateFromProps(props: Props, state: { place: string }) {
    return props.place === state.place ? null : { place: props.place, error: null };
  }

  override render() {
    return this.state.error === null ? this.props.children : <Told error={this.state.error} />;
  }
}

function Told({ error }: { error: unknown }) {
  const say = useSay();
  return (
    <div className="page-fault" role="alert">
      <h2>{say(W.title)}</h2>
      <p>{say(W.what)}</p>
      <p className="faint mono">{error instanceof Error ? error.message : String(error)}</p>
      <Button variant="filled" onClick={() => location.reload()}>
        {say(W.reload)}
      </Button>
    </div>
  );
}
