/** Turns an openapi-fetch result into plain data or a thrown error, as queries need it. */
import { ApiError, type Problem, retryAfterS, Unreachable } from "./problem";

type Result<T> = { data?: T; error?: unknown; response: Response };

/** The 200 JSON body of an operation, for naming a response by its path. */
export type Ok<Operation> = Operation extends {
  responses: { 200: { content: { "application/json": infer Body } } };
}
  ? Body
  : never;

/** A list may also be a text, of its CSV, which is only answered to who asks for it. */
export async function unwrap<T>(request: Promise<Result<T>>): Promise<Exclude<T, string>> {
  const { data, error, response } = await send(request);
  if (response.ok && data !== undefined) return data as Exclude<T, string>;
  throw new ApiError(response.status, asProblem(error), retryAfterS(response));
}

/** As `unwrap`, for responses without a body. */
export async function unwrapEmpty(request: Promise<Result<unknown>>): Promise<void> {
  const { error, response } = await send(request);
  if (!response.ok) throw new ApiError(response.status, asProblem(error), retryAfterS(response));
}

async function send<T>(request: Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    if (error instanceof TypeError) throw new Unreachable(error);
    throw error;
  }
}

function asProblem(body: unknown): Partial<Problem> | undefined {
  return typeof body === "object" && body !== null ? body : undefined;
}
