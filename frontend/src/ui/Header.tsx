import { ActionIcon } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { dismissTrouble, useLive } from "../api/live";
import { JobsMenu } from "../jobs/JobsMenu";
import { Icon } from "./Icon";
import { Link } from "./Link";
import { useRoute } from "./route";
import { Segments } from "./Segments";
import { scheme, useScheme } from "./Shell";
import { Said } from "./said";
import { tip } from "./tips";
import { type Language, setLanguage, useLanguage, useSay, type Words } from "./words";

const W = {
  start: ["Start", "开始"],
  runs: ["Runs", "运行"],
  edit: ["Edit", "编辑"],
  connected: ["Connected to the server", "已连接到服务器"],
  connecting: ["Connecting…", "正在连接…"],
  lost: [
    "The server does not answer. Trainings go on; the page reconnects by itself.",
    "服务器没有响应。训练仍在继续，页面会自动重新连接。",
  ],
  light: ["Light", "浅色"],
  dark: ["Dark", "深色"],
  language: ["Language", "语言"],
  close: ["Close", "关闭"],
  main: ["Main", "主导航"],
} satisfies Record<string, Words>;

const PLACES = [
  ["/", W.start],
  ["/runs", W.runs],
  ["/edit", W.edit],
] as const;

export function Header() {
  const say = useSay();
  const { path } = useRoute();
  const session = useLive((live) => live.session);
  return (
    <>
      <header>
        <Link href="/" className="brand" aria-label="Torchwork">
          <img src="/favicon.svg" alt="" width={20} height={20} />
          Torchwork
        </Link>
        <nav aria-label={say(W.main)}>
          {PLACES.map(([to, words]) => (
            <Link
              key={to}
              href={to}
              aria-current={path === to ? "page" : path === "/run" && to === "/runs" ? "true" : undefined}
            >
              {say(words)}
            </Link>
          ))}
        </nav>
        <span className="folder" title={session?.folder}>
          {session?.name}
        </span>
        <div className="header-tools">
          <JobsMenu />
          <Connection />
          <LanguageSwitch />
          <SchemeSwitch />
        </div>
      </header>
      <Troubles />
    </>
  );
}

function Connection() {
  const say = useSay();
  const connection = useLive((live) => live.connection);
  const words = { open: W.connected, connecting: W.connecting, lost: W.lost }[connection];
  return <span className={`lamp ${connection}`} role="img" {...tip(say(words))} />;
}

function LanguageSwitch() {
  const say = useSay();
  return (
    <Segments<Language>
      label={say(W.language)}
      value={useLanguage()}
      onChange={setLanguage}
      data={[
        { value: "en", label: "EN" },
        { value: "zh", label: "中文" },
      ]}
    />
  );
}

function SchemeSwitch() {
  const say = useSay();
  useSyncExternalStore(scheme.subscribe, scheme.get);
  const now = useScheme();
  const other = now === "dark" ? "light" : "dark";
  return (
    <ActionIcon {...tip(say(W[other]))} onClick={() => scheme.set(other)}>
      <Icon name={now === "dark" ? "sun" : "moon"} />
    </ActionIcon>
  );
}

/** What went wrong with runs that are watched. */
function Troubles() {
  const say = useSay();
  const troubles = useLive((live) => live.troubles);
  const runs = useLive((live) => live.runs);
  // of a run that is gone the page itself says so
  const told = troubles.filter(({ run }) => run === null || runs === null || runs.has(run));
  const connection = useLive((live) => live.connection);
  return (
    <>
      {connection === "lost" && (
        <div className="trouble" role="alert">
          {say(W.lost)}
        </div>
      )}
      {told.map((trouble) => (
        <div className="trouble" role="alert" key={trouble.id}>
          <Said text={trouble.message} />
          <button type="button" className="linklike" onClick={() => dismissTrouble(trouble.id)}>
            {say(W.close)}
          </button>
        </div>
      ))}
    </>
  );
}
