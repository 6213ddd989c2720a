import { describe, expect, it } from "vitest";
import { ApiError, Unreachable } from "@/lib/api/problem";
import { loginProblem } from "./login-problem";

describe("a failed login", () => {
  it("is explained with what to do", () => {
    expect(loginProblem(new ApiError(401, undefined))).toContain("is wrong");
    expect(loginProblem(new ApiError(401, { code: "code_required" }))).toContain("authenticator app");
    expect(loginProblem(new ApiError(401, { code: "wrong_code" }))).toContain("next one");
    expect(loginProblem(new ApiError(429, undefined, 12))).toContain("wait 12 s");
    expect(loginProblem(new ApiError(429, undefined))).toContain("wait a moment");
    expect(loginProblem(new Unreachable())).toContain("cannot be reached");
    expect(loginProblem(new ApiError(503, undefined))).toContain("try again in a moment");
  });
});
