/** Events of the stream in words. What a new type says is not known here, so it is shown by its name. */
import type { Profile } from "@/lib/fleet/profile";
import { capital, count, counted, percent } from "@/lib/format";
import { type LiveEvent, listIn, numberIn, recordIn, textIn } from "@/lib/live/event";

export type Tone = "plain" | "good" | "bad";
export type Words = { text: string; tone: Tone };

type Teller = (event: LiveEvent, profile: Profile) => string;

const number = (event: LiveEvent, name: string): number => numberIn(event, name) ?? 0;
const device = (event: LiveEvent, profile: Profile): string =>
  `${profile.device_noun} ${numberIn(event, "device_id") ?? event.subject}`;
const model = (event: LiveEvent): string => `model ${textIn(event, "version") || event.subject}`;
const because = (reason: string): string => (reason ? `: ${reason}` : "");

function levels(event: LiveEvent): string {
  const told = Object.entries(recordIn(event, "levels")).filter(([level]) => level !== "normal");
  const parts = told.flatMap(([level, n]) =>
    typeof n === "number" && n > 0 ? [`${count(n)} ${level}`] : [],
  );
  return parts.length > 0 ? parts.join(", ") : "all normal";
}

function reason(event: LiveEvent): string {
  const [first] = listIn(event, "factors");
  return typeof first === "string" ? because(first) : "";
}

const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);
const isFleetWide = (event: LiveEvent): boolean =>
  event.type === "connectivity.changed" && event.summary.fleet_wide === true;

function correction(event: LiveEvent): string {
  if (!textIn(event, "corrects")) return "";
  return event.summary.withdrawn === true ? "withdrawn, " : "corrected, ";
}

const TELL: Record<string, Teller> = {
  "telemetry.accepted": (event, profile) =>
    `${counted(number(event, "rows"), "reading")} from ${counted(number(event, "devices"), profile.device_noun)}` +
    (textIn(event, "mode") === "backfill" ? ", history" : ""),
  "risk.scored": (event) => `${counted(number(event, "scored"), "reading")} scored: ${levels(event)}`,
  "alert.raised": (event, profile) =>
    `alert, ${device(event, profile)} at ${percent(numberIn(event, "risk"))}${reason(event)}`,
  "alert.cleared": (event, profile) =>
    `alert over, ${device(event, profile)} back at ${percent(numberIn(event, "risk"))}`,
  "outcome.recorded": (event, profile) =>
    `${device(event, profile)}: ${correction(event)}${textIn(event, "kind").replaceAll("_", " ")}${textIn(event, "mode") && ` (${textIn(event, "mode")})`}`,
  "connectivity.changed": (event, profile) => {
    const counts = recordIn(event, "counts");
    const silent = ["late", "disconnected"].map((state) => `${count(numberOf(counts[state]))} ${state}`);
    const changed = counted(number(event, "changed"), profile.device_noun);
    const wide = isFleetWide(event) ? "silence across the fleet, look at the gateway: " : "";
    return `${wide}${changed} changed connection, now ${silent.join(", ")}`;
  },
  "labels.matured": (event) => `${counted(number(event, "moved"), "label")} settled`,
  "training.requested": (event) => `training requested${because(textIn(event, "reason"))}`,
  "training.progressed": (event) =>
    `training, ${textIn(event, "stage").replaceAll("_", " ")}, ${number(event, "percent")}%`,
  "training.failed": (event) => `training failed${because(textIn(event, "message"))}`,
  "model.candidate": (event) => `${model(event)} trained, waits for the gate`,
  "model.rejected": (event) => `${model(event)} rejected${because(textIn(event, "reason"))}`,
  "model.activated": (event) => `${model(event)} is active`,
  "model.deleted": (event) => `${model(event)} deleted`,
  "notification.sent": (event) => `mail sent to ${textIn(event, "recipient")}`,
  "notification.failed": (event) =>
    `mail to ${textIn(event, "recipient")} refused${because(textIn(event, "reason"))}`,
  "pipeline.reported": (event) =>
    `pipeline ${textIn(event, "pipeline")}, ${textIn(event, "stage")}: ${textIn(event, "status")}`,
};

const BAD = new Set(["alert.raised", "training.failed", "notification.failed", "model.rejected"]);
const GOOD = new Set(["alert.cleared", "model.activated"]);

export function inWords(event: LiveEvent, profile: Profile): Words {
  const failure =
    event.type === "outcome.recorded" && textIn(event, "kind") === "failure" && !event.summary.withdrawn;
  const tone =
    BAD.has(event.type) || failure || isFleetWide(event) ? "bad" : GOOD.has(event.type) ? "good" : "plain";
  return { text: capital(TELL[event.type]?.(event, profile) ?? event.type.replaceAll(".", " ")), tone };
}
