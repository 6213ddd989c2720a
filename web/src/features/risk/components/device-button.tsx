type Props = { noun: string; device: number; onOpen: (device: number) => void };

/** The row's button: its target is stretched over the row, so that a click anywhere opens the device. */
export function DeviceButton({ noun, device, onOpen }: Props) {
  return (
    <button
      type="button"
      aria-haspopup="dialog"
      onClick={() => onOpen(device)}
      className="row-target rounded font-semibold text-accent hover:underline"
    >
      <span className="sr-only">Open {noun} </span>
      {device}
    </button>
  );
}
