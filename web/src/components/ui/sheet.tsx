/** A panel from the side, on radix: focus stays inside, Escape closes, and focus goes back where it was. */
import { Dialog } from "radix-ui";
import { type ReactNode, useRef } from "react";
import { Icon } from "./icon";

type Props = {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description: string;
  children: ReactNode;
};

export function Sheet({ open, onClose, title, description, children }: Props) {
  const opener = useRef<Element | null>(null);
  // radix gives focus back to its own trigger only; this panel is opened from many places, and a live list may have
  // dropped the one it was opened from.
  function giveBack(event: Event) {
    event.preventDefault();
    const there = opener.current?.isConnected ? opener.current : document.querySelector("main");
    if (there instanceof HTMLElement) there.focus({ preventScroll: true });
  }
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fade-in fixed inset-0 z-40 bg-[var(--scrim)]" />
        <Dialog.Content
          onOpenAutoFocus={() => {
            opener.current = document.activeElement;
          }}
          onCloseAutoFocus={giveBack}
          className="slide-in fixed inset-y-0 right-0 z-50 flex w-full max-w-[36rem] flex-col border-l border-line bg-surface shadow-2xl focus:outline-none"
        >
          <header className="flex items-start justify-between gap-4 border-b border-line px-5 py-4">
            <div className="min-w-0">
              <Dialog.Title className="text-lg font-semibold">{title}</Dialog.Title>
              <Dialog.Description className="text-[0.8125rem] text-muted">{description}</Dialog.Description>
            </div>
            <Dialog.Close
              className="rounded-md p-2 text-muted hover:bg-sunken hover:text-ink"
              aria-label="Close"
            >
              <Icon name="close" />
            </Dialog.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
