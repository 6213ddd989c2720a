import { useQuery } from "@tanstack/react-query";
import { Logo } from "@/components/ui/logo";
import { UserMenu } from "@/features/auth/components/user-menu";
import { ConnectionState } from "@/features/live/components/connection-state";
import { profileQuery } from "@/lib/fleet/profile";
import { FleetClock } from "./fleet-clock";
import { ThemeToggle } from "./theme-toggle";

export function Header() {
  const { data: profile } = useQuery(profileQuery());
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-surface">
      <div className="mx-auto flex max-w-[100rem] flex-wrap items-center gap-x-4 gap-y-2 px-3 py-2.5 sm:px-5">
        <div className="flex items-center gap-2.5">
          <Logo />
          <span className="text-base font-semibold tracking-tight">Pacewatch</span>
          {profile && (
            <span className="border-l border-line pl-2.5 text-[0.8125rem] text-muted">
              {profile.name} fleet
            </span>
          )}
        </div>
        <div className="order-last flex w-full items-center justify-between gap-4 sm:order-none sm:ml-auto sm:w-auto">
          <FleetClock />
          <ConnectionState />
        </div>
        <div className="ml-auto flex items-center gap-2 sm:ml-0">
          <ThemeToggle />
          <UserMenu />
        </div>
      </div>
    </header>
  );
}
