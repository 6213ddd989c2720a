type Props = { noun: string; device: number; name: string; onOpen: (device: number) => void };

/** The button of a row: its target covers the row, so that a click anywhere in the row opens the device. */
export function DeviceButton({ noun, device, name, onOpen }: Props) {
  return (
    <button
      type="button"
      aria-haspopup="dialog"
      onClick={() => onOpen(device)}
      className="row-target rounded font-semibold text-accent hover:underline"
    >
      <span className="sr-only">Open {noun} </span>
      {name}
    </button>
  );
}
