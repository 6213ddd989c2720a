import { Icon } from "@/components/ui/icon";
import { ApiError, errorMessage, Unreachable } from "@/lib/api/problem";

export function LoginProblem({ error }: { error: unknown }) {
  if (!error) return null;
  return (
    <p role="alert" className="flex gap-2 rounded-md bg-high-soft px-3 py-2 text-[0.8125rem] text-high">
      <Icon name="warning" className="mt-0.5 shrink-0" />
      {loginProblem(error)}
    </p>
  );
}

export function loginProblem(error: unknown): string {
  if (error instanceof Unreachable)
    return "The server cannot be reached. Check the connection and try again.";
  if (asksForCode(error)) return error.code === "code_required" ? CODE_REQUIRED : CODE_WRONG;
  if (error instanceof ApiError && error.status === 401)
    return "The e-mail address or the password is wrong.";
  if (error instanceof ApiError && error.status === 429) return tooManyAttempts(error.retryAfterS);
  return errorMessage(error);
}

/** The password is right, and the account has a second factor. */
export const asksForCode = (error: unknown): error is ApiError =>
  error instanceof ApiError && (error.code === "code_required" || error.code === "wrong_code");

const CODE_REQUIRED = "Type the code that your authenticator app shows.";
const CODE_WRONG = "The code is wrong or was used already; wait for the next one.";

const tooManyAttempts = (seconds: number | null): string =>
  seconds === null
    ? "Too many attempts; wait a moment."
    : `Too many attempts for this account; wait ${seconds} s.`;
