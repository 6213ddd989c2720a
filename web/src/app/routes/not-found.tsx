import { Link } from "@tanstack/react-router";

export function NotFound() {
  return (
    <main className="mx-auto max-w-md px-6 py-24">
      <h1 className="text-xl font-semibold">This page does not exist</h1>
      <Link to="/" className="mt-2 inline-block text-accent underline">
        Go to the overview
      </Link>
    </main>
  );
}
