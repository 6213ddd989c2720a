/** Errors of API requests, and the message that users see for each. */
import { capitalise } from "@/lib/format";
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

/** No response at all: no network, no server, or a proxy without a server behind it. */
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

/** The message to show, as a sentence. */
export function errorMessage(error: unknown): string {
  if (error instanceof ApiError && error.status === 403) return "Your role does not allow this.";
  if (error instanceof ApiError && error.status >= 500)
    return "The server has a problem; try again in a moment.";
  if (error instanceof Error) return sentence(error.message);
  return "Something went wrong.";
}

function sentence(text: string): string {
  return capitalise(/[.!?]$/.test(text) ? text : `${text}.`);
}
