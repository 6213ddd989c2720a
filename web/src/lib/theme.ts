/** Light or dark: the system's choice until the reader makes another, which is remembered. See public/theme.js. */
import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark";

const KEY = "pacewatch.theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

const systemTheme = (): Theme => (system.matches ? "dark" : "light");
const theme = (): Theme => (document.documentElement.dataset.theme === "dark" ? "dark" : "light");

system.addEventListener("change", () => {
  if (!remembered()) apply(systemTheme());
});

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, theme);
}

export function toggleTheme(): void {
  const next: Theme = theme() === "dark" ? "light" : "dark";
  remember(next === systemTheme() ? null : next);
  apply(next);
}

function apply(next: Theme): void {
  document.documentElement.dataset.theme = next;
  for (const listener of listeners) listener();
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** Storage can be switched off; then the choice lasts as long as the page. */
function remember(choice: Theme | null): void {
  try {
    if (choice) localStorage.setItem(KEY, choice);
    else localStorage.removeItem(KEY);
  } catch {}
}
