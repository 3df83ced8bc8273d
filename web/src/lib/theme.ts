import { storedSetting } from "./stored";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

/** The chosen appearance of this browser. */
export const theme = storedSetting<Theme>("theme", themes, "system");

/** Puts the choice on the document and keeps it there. */
export function applyTheme(): void {
  const apply = () => {
    const choice = theme.snapshot();
    if (choice === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
  };
  apply();
  theme.subscribe(apply);
}
