import { type FormEvent, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { useLogIn } from "../api/login";
import { asksForCode, LoginProblem } from "./login-problem";
import { useRetryCountdown } from "./use-retry-countdown";

const FIELD =
  "mt-1 block w-full rounded-md border border-edge bg-surface px-3 py-2 text-base text-ink placeholder:text-muted sm:text-sm";

export function LoginForm() {
  const login = useLogIn();
  const waitS = useRetryCountdown(login.error);
  const password = useRef<HTMLInputElement>(null);
  const [shown, setShown] = useState(false);
  const [codeAsked, setCodeAsked] = useState(false);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    const credentials = { username: text("username"), password: text("password"), code: text("code") };
    login.mutate(credentials, {
      onError: (error) => {
        if (asksForCode(error)) setCodeAsked(true);
        else password.current?.select();
      },
    });
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4" aria-label="Log in">
      <label className="text-[0.8125rem] font-medium">
        E-mail address
        <input name="username" type="email" autoComplete="username" required className={FIELD} />
      </label>
      <div>
        <label className="text-[0.8125rem] font-medium" htmlFor="password">
          Password
        </label>
        <div className="relative">
          <input
            id="password"
            ref={password}
            name="password"
            type={shown ? "text" : "password"}
            autoComplete="current-password"
            required
            className={`${FIELD} pr-16`}
          />
          <button
            type="button"
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
            className="absolute inset-y-1 right-1 rounded px-2.5 text-xs font-medium text-muted hover:text-ink"
          >
            {shown ? "Hide" : "Show"}
          </button>
        </div>
      </div>
      {codeAsked && (
        <label className="text-[0.8125rem] font-medium">
          Code of your authenticator app
          <input
            // biome-ignore lint/a11y/noAutofocus: it appears because the form was sent, and is all that is missing
            autoFocus
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={20}
            required
            className={FIELD}
          />
        </label>
      )}
      <LoginProblem error={login.error} />
      <Button type="submit" look="primary" disabled={login.isPending || waitS > 0} className="min-h-10">
        {login.isPending ? "Logging in…" : waitS > 0 ? `Try again in ${waitS} s` : "Log in"}
      </Button>
    </form>
  );
}
