import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";

import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Annotation, Compartment, EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { Problem } from "../api/messages";
import { useSaid } from "../ui/said";
import { useLanguage } from "../ui/words";
import { completion, hovering } from "./assist";
import { diagnostics } from "./diagnostics";
import { replacement } from "./lines";
import { LOOK, phrases } from "./look";
import type { Schema } from "./schema";
import { yaml } from "./yaml";

interface Props {
  label: string;
  text: string;
  problems: readonly Problem[];
  schema: Schema | null;
  /** go to this line; a new object goes there again */
  target: { line: number } | null;
  onWrite: (text: string) => void;
  onSave: () => void;
  onTrain: () => void;
}

/** Marks a change that comes from the file, not from the person. */
const fromFile = Annotation.define<boolean>();

/** The text of a document in CodeMirror. */
export function Editor(props: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(props);
  latest.current = props;
  const language = useLanguage();
  const said = useSaid();
  const spoken = useRef(new Compartment());
  useEffect(() => {
    const { current } = latest;
    const extensions = [
      setup(latest),
      spoken.current.of(phrases()),
      EditorView.contentAttributes.of({ "aria-label": current.label }),
    ];
    const made = new EditorView({
      parent: place.current as HTMLDivElement,
      state: EditorState.create({ doc: current.text, extensions }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the phrases are those of the language
  useEffect(() => {
    view.current?.dispatch({ effects: spoken.current.reconfigure(phrases()) });
  }, [language]);
  useEffect(() => {
    const [now, shown] = [props.text, view.current?.state.doc.toString() ?? ""];
    if (view.current && now !== shown)
      view.current.dispatch({ changes: replacement(shown, now), annotations: fromFile.of(true) });
  }, [props.text]);
  useEffect(() => {
    if (!view.current) return;
    view.current.dispatch(
      setDiagnostics(view.current.state, diagnostics(view.current.state.doc, props.problems, said)),
    );
  }, [props.problems, said]);
  useEffect(() => {
    if (!view.current || !props.target) return;
    const { doc } = view.current.state;
    const line = doc.line(Math.min(Math.max(1, props.target.line), doc.lines));
    view.current.dispatch({
      selection: { anchor: line.from + (line.text.search(/\S/) + 1 || 1) - 1 },
      effects: EditorView.scrollIntoView(line.from, { y: "center" }),
    });
    view.current.focus();
  }, [props.target]);
  return <div ref={place} className="edit-text" />;
}

/** Everything that does not change while the editor lives. */
function setup(latest: { current: Props }) {
  const run = (action: (props: Props) => void) => () => {
    action(latest.current);
    return true;
  };
  return [
    keymap.of([
      { key: "Mod-s", run: run((props) => props.onSave()), preventDefault: true },
      { key: "Mod-Enter", run: run((props) => props.onTrain()), preventDefault: true },
    ]),
    lineNumbers(),
    foldGutter(),
    history(),
    drawSelection(),
    indentUnit.of("  "),
    EditorState.tabSize.of(2),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    search({ top: true }),
    yaml,
    lintGutter(),
    completion(() => latest.current.schema),
    hovering(() => latest.current.schema),
    LOOK,
    // Tab indents; Escape and then Tab, or Ctrl-M, leaves the editor: CodeMirror's own way for the keyboard.
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...lintKeymap,
      indentWithTab,
      ...defaultKeymap,
    ]),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged || update.transactions.every((one) => one.annotation(fromFile))) return;
      latest.current.onWrite(update.state.doc.toString());
    }),
  ];
}
