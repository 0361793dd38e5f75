import "./ui/styles";
import "./ui/page.css";
import "./ui/controls.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { connect } from "./api/live";
import { renewWhenUpdated } from "./ui/renewing";
import { forgetToken } from "./ui/route";
import { Shell } from "./ui/Shell";
import { language, setLanguage } from "./ui/words";

forgetToken();
setLanguage(language());
connect();
renewWhenUpdated();
createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <Shell />
  </StrictMode>,
);
