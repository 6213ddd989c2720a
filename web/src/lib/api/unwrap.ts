/** From openapi-fetch's answer to plain data or a thrown error, which is what queries want. */
import { ApiError, type Problem, retryAfterS, Unreachable } from "./problem";

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The 200 JSON body of an operation, for naming a response by its path. */
export type Ok<Operation> = Operation extends {
  responses: { 200: { content: { "application/json": infer Body } } };
}
  ? Body
  : never;

export async function unwrap<T>(request: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await reached(request);
  if (response.ok && data !== undefined) return data;
  throw new ApiError(response.status, asProblem(error), retryAfterS(response));
}

/** As `unwrap`, for answers without a body. */
export async function unwrapNothing(request: Promise<Answer<unknown>>): Promise<void> {
  const { error, response } = await reached(request);
  if (!response.ok) throw new ApiError(response.status, asProblem(error), retryAfterS(response));
}

async function reached<T>(request: Promise<Answer<T>>): Promise<Answer<T>> {
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
