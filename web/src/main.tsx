import "./index.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "@/app/app";
import { followSignIn } from "@/app/current-session";
import { startLanguage } from "@/lib/i18n";
import { findSession } from "@/lib/signed-in";
import { applyTheme } from "@/lib/theme";
import { browserVaults, provideVaults } from "@/session/account";

applyTheme();
provideVaults(browserVaults);
followSignIn();
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
await Promise.all([startLanguage(), findSession()]);
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
