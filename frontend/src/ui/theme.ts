import { createTheme, type MantineColorsTuple } from "@mantine/core";

const torch: MantineColorsTuple = [
  "#fff4e6",
  "#ffe8cc",
  "#ffd8a8",
  "#ffc078",
  "#ffa94d",
  "#ff922b",
  "#f76707",
  "#e8590c",
  "#cc440b",
  "#bf3f0b",
];

/** The dark surfaces have the tint of the page. */
const dark: MantineColorsTuple = [
  "#d7dbe2",
  "#b8bfca",
  "#9aa3b2",
  "#6b7484",
  "#3d4450",
  "#333945",
  "#262b33",
  "#1a1d23",
  "#16181d",
  "#101216",
];

const small = { defaultProps: { size: "xs" } };

/** Dense and quiet: small controls, one colour for what acts, greys for the rest. */
export const theme = createTheme({
  primaryColor: "torch",
  primaryShade: 8,
  colors: { torch, dark },
  defaultRadius: "sm",
  fontFamily:
    "Inter, system-ui, -apple-system, 'Segoe UI', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'JetBrains Mono', 'Cascadia Code', Menlo, Consolas, monospace",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  spacing: { xs: "6px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  components: {
    Button: { defaultProps: { size: "compact-sm", variant: "default" } },
    ActionIcon: { defaultProps: { size: "sm", variant: "subtle", color: "gray" } },
    TextInput: small,
    NativeSelect: small,
    Checkbox: small,
    Badge: { defaultProps: { size: "sm", variant: "light", radius: "sm", tt: "none", fw: 600 } },
  },
});
