import { Empty } from "@/components/ui/states";
import { useProfile } from "@/lib/fleet/profile";
import { counted } from "@/lib/format";

export function NoModel() {
  const { label } = useProfile();
  return (
    <Empty title="No model yet">
      <p>
        Readings are stored but not scored. A label is settled {counted(label.horizon_days, "day")} after its
        reading. Once enough labels are settled, a training run starts; its model becomes active if it passes
        the gate.
      </p>
    </Empty>
  );
}
