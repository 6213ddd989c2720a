import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { QueryView } from "@/components/ui/query-view";
import { AlertList } from "@/features/alerts/components/alert-list";
import { OpenAlertsCard } from "@/features/alerts/components/open-alerts-card";
import { ConnectivityCard } from "@/features/connectivity/components/connectivity-card";
import { LiveFeed } from "@/features/live/components/live-feed";
import { ModelCard } from "@/features/models/components/model-card";
import { DevicePanel } from "@/features/risk/components/device-panel";
import { LevelsCard } from "@/features/risk/components/levels-card";
import { RiskTable } from "@/features/risk/components/risk-table";
import { ReadingsCard } from "@/features/telemetry/components/readings-card";
import { ReadingsCharts } from "@/features/telemetry/components/readings-charts";
import { ProfileContext, profileQuery } from "@/lib/fleet/profile";
import { Header } from "../header";
import { LiveProvider } from "../live-provider";

export function OverviewPage() {
  const profile = useQuery(profileQuery());
  return (
    <LiveProvider>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-surface focus:p-3"
      >
        Skip to the content
      </a>
      <Header />
      <main id="content" tabIndex={-1} className="outline-none mx-auto max-w-[100rem] px-3 py-4 sm:px-5">
        <h1 className="sr-only">Overview</h1>
        <QueryView what="The device profile" query={profile} lines={8}>
          {(data) => (
            <ProfileContext value={data}>
              <Overview />
            </ProfileContext>
          )}
        </QueryView>
      </main>
    </LiveProvider>
  );
}

function Overview() {
  const { page = 1, device } = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const open = useCallback(
    (next: number) => navigate({ search: (old) => ({ ...old, device: next }), resetScroll: false }),
    [navigate],
  );
  const close = () => navigate({ search: (old) => ({ ...old, device: undefined }), resetScroll: false });
  const turn = (next: number) => navigate({ search: (old) => ({ ...old, page: next }), resetScroll: false });
  return (
    <div className="grid grid-cols-1 gap-3 sm:gap-4 xl:grid-cols-[minmax(0,1fr)_21rem]">
      <div className="flex min-w-0 flex-col gap-3 sm:gap-4">
        <div className="grid grid-cols-1 gap-3 sm:grid-cols-2 sm:gap-4 lg:grid-cols-3">
          <ReadingsCard />
          <LevelsCard />
          <OpenAlertsCard />
        </div>
        <RiskTable page={page} onPage={turn} onOpen={open} />
        <LiveFeed />
      </div>
      <div className="grid min-w-0 grid-cols-1 content-start gap-3 sm:gap-4 md:grid-cols-2 xl:grid-cols-1">
        <ModelCard />
        <ConnectivityCard onOpen={open} />
        <AlertList onOpen={open} />
      </div>
      <DevicePanel device={device} onClose={close}>
        {device !== undefined && <ReadingsCharts device={device} />}
      </DevicePanel>
    </div>
  );
}
