/** The state of the live stream in the page, and its reducer. */
import { type LiveEvent, numberIn } from "./event";

export const MAX_EVENTS = 60;

export type Connection = "connecting" | "live" | "waiting";

/** Where a stream continues: after this event of this epoch. */
export type Position = { epoch: string; after: number };

export type LiveState = {
  connection: Connection;
  /** Newest first. */
  events: readonly LiveEvent[];
  lastSeq: number | null;
  /** What the numbers belong to: another text after a backup was restored. */
  epoch: string | null;
  /** Readings accepted since the page was opened. */
  readings: number;
};

export type Action =
  | { type: "recent"; events: readonly LiveEvent[]; lastSeq: number; epoch: string }
  | { type: "event"; event: LiveEvent }
  | { type: "connection"; connection: Connection };

export const INITIAL: LiveState = {
  connection: "connecting",
  events: [],
  lastSeq: null,
  epoch: null,
  readings: 0,
};

export function reduce(state: LiveState, action: Action): LiveState {
  if (action.type === "connection") return { ...state, connection: action.connection };
  if (action.type === "recent")
    return {
      ...state,
      events: action.events.slice(0, MAX_EVENTS),
      lastSeq: action.lastSeq,
      epoch: action.epoch,
    };
  return withEvent(state, action.event);
}

/** Whether a stream that continues at `position` does not continue what the page has: a backup was restored. */
export const isRestarted = (state: LiveState, position: Position): boolean =>
  position.epoch !== state.epoch || position.after < (state.lastSeq ?? 0);

/** An event with a known sequence number is a repeat after a resume, and changes nothing. */
function withEvent(state: LiveState, event: LiveEvent): LiveState {
  if (state.lastSeq !== null && event.seq <= state.lastSeq) return state;
  const accepted = event.type === "telemetry.accepted" ? (numberIn(event, "rows") ?? 0) : 0;
  return {
    ...state,
    events: [event, ...state.events].slice(0, MAX_EVENTS),
    lastSeq: event.seq,
    readings: state.readings + accepted,
  };
}
