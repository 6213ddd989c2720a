import { Logo } from "@/components/ui/logo";
import { LoginForm } from "@/features/auth/components/login-form";
import { ThemeToggle } from "../theme-toggle";

export function LoginPage() {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex justify-end p-4">
        <ThemeToggle />
      </header>
      <main className="mx-auto flex w-full max-w-[24rem] flex-1 flex-col justify-center px-5 pb-[14vh]">
        <div className="mb-6 flex items-center gap-3">
          <Logo size={40} />
          <div>
            <h1 className="text-xl font-semibold tracking-tight">Pacewatch</h1>
            <p className="text-[0.8125rem] text-muted">Which devices are likely to fail, and why</p>
          </div>
        </div>
        <div className="rounded-lg border border-line bg-surface p-5 shadow-lift">
          <LoginForm />
        </div>
      </main>
    </div>
  );
}
