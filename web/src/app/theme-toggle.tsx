import { Icon } from "@/components/ui/icon";
import { toggleTheme, useTheme } from "@/lib/theme";

export function ThemeToggle() {
  const next = useTheme() === "dark" ? "light" : "dark";
  const label = `Switch to the ${next} theme`;
  return (
    <button
      type="button"
      onClick={toggleTheme}
      aria-label={label}
      title={label}
      className="grid size-8 place-items-center rounded-md border border-line text-muted hover:border-edge hover:text-ink"
    >
      <Icon name={next === "dark" ? "moon" : "sun"} size={15} />
    </button>
  );
}
