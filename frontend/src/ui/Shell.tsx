import { MantineProvider } from "@mantine/core";
import { lazy, Suspense, useSyncExternalStore } from "react";
import { NotesConflict } from "../run/NotesConflict";
import { RunPage } from "../run/RunPage";
import { RunsPage } from "../runs/RunsPage";
import { StartPage } from "../start/StartPage";
import { Fault } from "./Fault";
import { Header } from "./Header";
import { kept } from "./kept";
import { Notices } from "./notices";
import { useRoute } from "./route";
import { Tips } from "./Tips";
import { theme } from "./theme";
import { useLanguage } from "./words";

export type Scheme = "light" | "dark" | "auto";
export const scheme = kept<Scheme>("scheme", "auto");
const darkSystem = window.matchMedia("(prefers-color-scheme: dark)");

// The editor is a third of the page's bytes: it comes when somebody edits.
const EditPage = lazy(() => import("../experiment/EditPage").then((part) => ({ default: part.EditPage })));

/** Light or dark, as it is now. */
export function useScheme(): "light" | "dark" {
  const wanted = useSyncExternalStore(scheme.subscribe, scheme.get);
  const dark = useSyncExternalStore(
    (changed) => {
      darkSystem.addEventListener("change", changed);
      return () => darkSystem.removeEventListener("change", changed);
    },
    () => darkSystem.matches,
  );
  return wanted === "auto" ? (dark ? "dark" : "light") : wanted;
}

function Page() {
  const { path } = useRoute();
  switch (path) {
    case "/":
      return <StartPage />;
    case "/run":
      return <RunPage />;
    case "/edit":
      return <EditPage />;
    default:
      return <RunsPage />;
  }
}

export function Shell() {
  useLanguage();
  const { path, params } = useRoute();
  return (
    <MantineProvider theme={theme} forceColorScheme={useScheme()}>
      <Header />
      <main>
        <Fault place={`${path} ${params.get("view") ?? ""} ${params.get("file") ?? ""}`}>
          <Suspense fallback={null}>
            <Page />
          </Suspense>
        </Fault>
      </main>
      <NotesConflict />
      <Notices />
      <Tips />
    </MantineProvider>
  );
}
