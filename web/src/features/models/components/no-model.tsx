import { Empty } from "@/components/ui/states";
import { useProfile } from "@/lib/fleet/profile";
import { counted } from "@/lib/format";

export function NoModel() {
  const { label } = useProfile();
  return (
    <Empty title="No model yet">
      <p>
        Readings are stored, and nothing is scored. A label is known {counted(label.horizon_days, "day")}{" "}
        after its reading; once enough have matured, a training run starts, and its model becomes active here
        if it passes the gate.
      </p>
    </Empty>
  );
}
