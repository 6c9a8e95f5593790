import type { AccountOptions } from "./account.ts";

/** What stands behind the gateway. */
export interface Hub {
  baseUrl(host: string): string;
  close(): Promise<void>;
}

/** The address that builds seem to come from: one of TEST-NET-3, which nobody has. */
const sharedAddress = "203.0.113.10";

/** The real registries, or the simulator of Docker Hub and ECR Public; the gateway treats both alike. */
export async function openHub(options: AccountOptions["hub"]): Promise<Hub> {
  if (options.kind === "live") return { baseUrl: (host) => `https://${host}`, close: async () => undefined };
  const { startDockerHubSimulator } = await import("../docker-hub/simulator.ts");
  const { remaining, accounts } = options;
  const simulator = await startDockerHubSimulator({
    accounts,
    ...(remaining === undefined ? {} : { remaining }),
    clientAddress: sharedAddress,
    now: Date.now,
  });
  return { baseUrl: () => simulator.url, close: simulator.stop };
}
