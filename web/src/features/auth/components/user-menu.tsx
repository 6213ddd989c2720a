import { useQuery } from "@tanstack/react-query";
import { DropdownMenu } from "radix-ui";
import { Icon } from "@/components/ui/icon";
import { meQuery } from "@/lib/session/me";
import { useLogOut } from "../api/logout";

export function UserMenu() {
  const { data: me } = useQuery(meQuery());
  const logout = useLogOut();
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        aria-label={me ? `Account of ${me.email}` : "Account"}
        className="flex h-8 items-center gap-1.5 rounded-md border border-line px-1.5 text-muted hover:border-edge hover:text-ink"
      >
        <span
          aria-hidden="true"
          className="grid size-5 place-items-center rounded-full bg-accent-soft text-[0.6875rem] font-semibold text-accent uppercase"
        >
          {me?.email.charAt(0) ?? "·"}
        </span>
        <Icon name="down" size={12} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="fade-in z-50 min-w-56 rounded-lg border border-line bg-surface p-1 shadow-xl"
        >
          <DropdownMenu.Label className="px-3 py-2">
            <span className="block truncate font-medium text-ink">{me?.email ?? "Unknown account"}</span>
            <span className="block text-xs text-muted">{me?.role}</span>
          </DropdownMenu.Label>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.Item
            onSelect={() => logout.mutate()}
            className="cursor-pointer rounded px-3 py-2 outline-none data-[highlighted]:bg-sunken"
          >
            Log out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
