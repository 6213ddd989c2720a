/** Describes live events in one sentence each. An event of an unknown type is shown by its name. */
import type { Profile } from "@/lib/fleet/profile";
import { capitalise, count, counted, fleetDateTime, percent, secondsOf } from "@/lib/format";
import { type LiveEvent, listIn, numberIn, recordIn, textIn } from "@/lib/live/event";

export type Tone = "plain" | "good" | "bad";
export type Description = { text: string; tone: Tone };

type Describe = (event: LiveEvent, profile: Profile) => string;

const number = (event: LiveEvent, name: string): number => numberIn(event, name) ?? 0;
const device = (event: LiveEvent, profile: Profile): string =>
  `${profile.device_noun} ${numberIn(event, "device_id") ?? event.subject}`;
const model = (event: LiveEvent): string => `model ${textIn(event, "version") || event.subject}`;
const afterColon = (text: string): string => (text ? `: ${text}` : "");

function levels(event: LiveEvent): string {
  const notNormal = Object.entries(recordIn(event, "levels")).filter(([level]) => level !== "normal");
  const parts = notNormal.flatMap(([level, n]) =>
    typeof n === "number" && n > 0 ? [`${count(n)} ${level}`] : [],
  );
  const withLevel = Object.values(recordIn(event, "levels")).reduce<number>((sum, n) => sum + numberOf(n), 0);
  const without = number(event, "scored") - withLevel;
  if (without > 0) parts.push(`${count(without)} without a level yet`);
  return parts.length > 0 ? parts.join(", ") : "all normal";
}

function firstFactor(event: LiveEvent): string {
  const [first] = listIn(event, "factors");
  return typeof first === "string" ? afterColon(first) : "";
}

const cause = (event: LiveEvent): string =>
  textIn(event, "decided_by") === "limit" ? "a hard limit" : percent(numberIn(event, "risk"));
const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);
const isFleetWide = (event: LiveEvent): boolean =>
  event.type === "connectivity.changed" && event.summary.fleet_wide === true;

function correction(event: LiveEvent): string {
  if (!textIn(event, "corrects")) return "";
  return event.summary.withdrawn === true ? "withdrawn, " : "corrected, ";
}

/** Our own silence, which is no device's. */
function downtime(event: LiveEvent): string {
  const [from, to] = [textIn(event, "downtime_began_at"), textIn(event, "downtime_ended_at")];
  if (!from || !to) return "";
  return `Pacewatch received nothing from ${fleetDateTime(secondsOf(from))} to ${fleetDateTime(secondsOf(to))}: `;
}

const DESCRIPTIONS: Record<string, Describe> = {
  "telemetry.accepted": (event, profile) =>
    `${counted(number(event, "rows"), "reading")} from ${counted(number(event, "devices"), profile.device_noun)}` +
    (textIn(event, "mode") === "backfill" ? ", history" : ""),
  "risk.scored": (event) => `${counted(number(event, "scored"), "reading")} scored: ${levels(event)}`,
  "alert.raised": (event, profile) =>
    `alert, ${device(event, profile)} at ${cause(event)}${firstFactor(event)}`,
  "alert.cleared": (event, profile) =>
    `alert over, ${device(event, profile)} back at ${percent(numberIn(event, "risk"))}`,
  "outcome.recorded": (event, profile) =>
    `${device(event, profile)}: ${correction(event)}${textIn(event, "kind").replaceAll("_", " ")}${textIn(event, "mode") && ` (${textIn(event, "mode")})`}`,
  "device.registered": (event) => `register: ${counted(number(event, "entries_count"), "value")} recorded`,
  "connectivity.changed": (event, profile) => {
    const counts = recordIn(event, "counts");
    const silent = ["late", "disconnected"].map((state) => `${count(numberOf(counts[state]))} ${state}`);
    const changed = counted(number(event, "changed"), profile.device_noun);
    if (number(event, "changed") === 0) return `${downtime(event)}no device changed connectivity`;
    const wide = isFleetWide(event) ? "silence across the fleet, check the gateway: " : "";
    return `${downtime(event)}${wide}${changed} changed connectivity, now ${silent.join(", ")}`;
  },
  "labels.matured": (event) => `${counted(number(event, "moved"), "label")} settled`,
  "training.requested": (event) => `training requested${afterColon(textIn(event, "reason"))}`,
  "training.progressed": (event) =>
    `training, ${textIn(event, "stage").replaceAll("_", " ")}, ${number(event, "percent")}%`,
  "training.failed": (event) => `training failed${afterColon(textIn(event, "message"))}`,
  "model.candidate": (event) => `${model(event)} trained, waiting for the gate`,
  "model.rejected": (event) => `${model(event)} not promoted${afterColon(textIn(event, "reason"))}`,
  "model.activated": (event) => `${model(event)} is active`,
  "model.deleted": (event) => `${model(event)} deleted`,
  "notification.sent": (event) => `mail sent to ${textIn(event, "recipient")}`,
  "notification.failed": (event) =>
    `mail to ${textIn(event, "recipient")} failed${afterColon(textIn(event, "reason"))}`,
  "pipeline.reported": (event) =>
    `pipeline ${textIn(event, "pipeline")}, ${textIn(event, "stage")}: ${textIn(event, "status")}`,
};

const BAD = new Set(["alert.raised", "training.failed", "notification.failed", "model.rejected"]);
const GOOD = new Set(["alert.cleared", "model.activated"]);

export function describeEvent(event: LiveEvent, profile: Profile): Description {
  const failure =
    event.type === "outcome.recorded" && textIn(event, "kind") === "failure" && !event.summary.withdrawn;
  const tone =
    BAD.has(event.type) || failure || isFleetWide(event) ? "bad" : GOOD.has(event.type) ? "good" : "plain";
  return {
    text: capitalise(DESCRIPTIONS[event.type]?.(event, profile) ?? event.type.replaceAll(".", " ")),
    tone,
  };
}
