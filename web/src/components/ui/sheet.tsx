/** A side panel on radix: focus stays inside, Escape closes it, and focus returns to the element that opened it. */
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
  // radix returns focus only to its own trigger. This panel is opened from many elements, and a live list may have
  // removed the one that opened it.
  function returnFocus(event: Event) {
    event.preventDefault();
    const target = opener.current?.isConnected ? opener.current : document.querySelector("main");
    if (target instanceof HTMLElement) target.focus({ preventScroll: true });
  }
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fade-in fixed inset-0 z-40 bg-[var(--scrim)]" />
        <Dialog.Content
          onOpenAutoFocus={() => {
            opener.current = document.activeElement;
          }}
          onCloseAutoFocus={returnFocus}
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
