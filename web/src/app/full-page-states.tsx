/** Full pages shown while the session is unknown, and when the server is unreachable. */
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Logo } from "@/components/ui/logo";
import { refresh } from "@/lib/session/session";

export function OpeningPage() {
  return (
    <main className="grid min-h-dvh place-items-center">
      <p role="status" className="flex animate-pulse items-center gap-3 text-muted">
        <Logo /> Opening Pacewatch…
      </p>
    </main>
  );
}

export function UnreachablePage() {
  const [busy, setBusy] = useState(false);
  async function retry() {
    setBusy(true);
    await refresh();
    setBusy(false);
  }
  return (
    <main className="grid min-h-dvh place-items-center px-6">
      <div role="alert" className="max-w-sm">
        <Logo size={36} />
        <h1 className="mt-4 text-xl font-semibold">The server cannot be reached</h1>
        <p className="mt-1 mb-4 text-muted">
          Pacewatch retries every few seconds and continues automatically.
        </p>
        <Button look="primary" onClick={retry} disabled={busy}>
          {busy ? "Trying…" : "Try now"}
        </Button>
      </div>
    </main>
  );
}
