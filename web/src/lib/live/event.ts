/** An event of the live stream, and type-safe access to its summary, whose content depends on the event type. */
import type { components } from "@/lib/api/gateway";

export type LiveEvent = components["schemas"]["LiveEvent"];

/** Parses the data of a frame; null if it is not an event. */
export function parseEvent(data: string): LiveEvent | null {
  try {
    const value: unknown = JSON.parse(data);
    return isEvent(value) ? value : null;
  } catch {
    return null;
  }
}

function isEvent(value: unknown): value is LiveEvent {
  return (
    isRecord(value) &&
    typeof value.seq === "number" &&
    typeof value.type === "string" &&
    isRecord(value.summary)
  );
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function numberIn(event: LiveEvent, name: string): number | null {
  const value = event.summary[name];
  return typeof value === "number" ? value : null;
}

export function textIn(event: LiveEvent, name: string): string {
  const value = event.summary[name];
  return typeof value === "string" ? value : "";
}

export function recordIn(event: LiveEvent, name: string): Record<string, unknown> {
  const value = event.summary[name];
  return isRecord(value) ? value : {};
}

export function listIn(event: LiveEvent, name: string): unknown[] {
  const value = event.summary[name];
  return Array.isArray(value) ? value : [];
}
