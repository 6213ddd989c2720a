/** What went wrong with a request, in words for people: one error type for the whole dashboard. */
import type { components } from "./gateway";

export type Problem = components["schemas"]["Problem"];

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterS: number | null;

  constructor(status: number, problem: Partial<Problem> | undefined, retryAfterS: number | null = null) {
    super(problem?.detail ?? problem?.title ?? `The server answered ${status}.`);
    this.name = "ApiError";
    this.status = status;
    this.code = problem?.code ?? "unknown";
    this.retryAfterS = retryAfterS;
  }
}

/** The server said nothing at all: no network, no server, or a proxy without one behind it. */
export class Unreachable extends Error {
  constructor(cause?: unknown) {
    super("The server cannot be reached.", { cause });
    this.name = "Unreachable";
  }
}

export function retryAfterS(response: Response): number | null {
  const seconds = Number(response.headers.get("Retry-After") ?? "");
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

/** A sentence to show. */
export function inWords(error: unknown): string {
  if (error instanceof ApiError && error.status === 403) return "Your role does not allow this.";
  if (error instanceof ApiError && error.status >= 500)
    return "The server has a problem; try again in a moment.";
  if (error instanceof Error) return sentence(error.message);
  return "Something went wrong.";
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
