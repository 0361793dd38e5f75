import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { language } from "../ui/words";

const CHINESE = {
  Find: "查找",
  Replace: "替换",
  next: "下一个",
  previous: "上一个",
  all: "全选",
  "match case": "区分大小写",
  regexp: "正则表达式",
  "by word": "全字匹配",
  replace: "替换",
  "replace all": "全部替换",
  close: "关闭",
  "current match": "当前匹配",
  "on line": "位于行",
  "replaced match on line $": "已替换第 $ 行的匹配",
  "replaced $ matches": "已替换 $ 处匹配",
  Diagnostics: "问题",
  "No diagnostics": "没有问题",
  Completions: "补全",
  "Fold line": "折叠",
  "Unfold line": "展开",
  "Go to line": "转到行",
  go: "转到",
};

/** What CodeMirror itself says, in the person's language. */
export function phrases() {
  return EditorState.phrases.of(language() === "zh" ? CHINESE : {});
}

const COLORS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "light-dark(#0b5fad, #7cc0ff)" },
  { tag: [tags.string, tags.content], color: "inherit" },
  { tag: tags.special(tags.string), color: "light-dark(#9a4a00, #ffb875)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--faint)", fontStyle: "italic" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "light-dark(#0a7d5a, #5fd3ae)" },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: "var(--faint)" },
  { tag: tags.invalid, color: "var(--mantine-color-red-text)" },
]);

const PANEL = {
  backgroundColor: "var(--paper)",
  color: "inherit",
  border: "1px solid var(--line)",
  borderRadius: "6px",
  boxShadow: "var(--mantine-shadow-md)",
};

const FRAME = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", backgroundColor: "var(--paper)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mantine-font-family-monospace)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--mantine-color-text)" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--paper)", color: "var(--faint)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "light-dark(#00000008, #ffffff0a)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "light-dark(#cfe4fb, #26476b)",
  },
  ".cm-selectionMatch": { backgroundColor: "light-dark(#e9f2d0, #3b4a1c)" },
  ".cm-tooltip": PANEL,
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "inherit",
    maxHeight: "260px",
    minWidth: "220px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 8px", display: "flex", gap: "16px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "light-dark(#dbeafd, #26476b)",
    color: "inherit",
  },
  ".cm-completionDetail": { color: "var(--faint)", fontStyle: "normal", marginLeft: "auto" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-tooltip.cm-completionInfo": { padding: "0", maxWidth: "380px" },
  ".cm-panels": { backgroundColor: "var(--ground)", color: "inherit", border: "none" },
  ".cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-textfield": { ...PANEL, boxShadow: "none", padding: "2px 6px" },
  ".cm-button": { ...PANEL, boxShadow: "none", backgroundImage: "none", padding: "2px 8px" },
  ".cm-searchMatch": { backgroundColor: "light-dark(#fff0b3, #5c4a00)" },
  ".cm-searchMatch.cm-searchMatch-selected": { backgroundColor: "light-dark(#ffcf4d, #8f6b00)" },
  ".cm-diagnostic": { whiteSpace: "pre-wrap", padding: "4px 10px" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--ground)", border: "none", color: "var(--faint)" },
});

/** The editor in the page's colours, light and dark. */
export const LOOK = [FRAME, syntaxHighlighting(COLORS)];
