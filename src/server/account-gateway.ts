import { mkdirSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { defaultWait } from "../gateway/configuration/gateway-config.ts";
import { openUpstreamSettings, withWellKnown } from "../gateway/configuration/upstream-settings.ts";
import type { PullLedger } from "../gateway/forward/pull-ledger.ts";
import type { StateLayout } from "../store/state-layout.ts";
import { openAccess } from "./client-access.ts";
import { enterPull } from "./enter-pull.ts";
import { openLocalGatewayStorage } from "./gateway-storage.ts";
import type { Hub } from "./hub.ts";
import { takeProcessLock } from "./process-lock.ts";
import { openPullGateway } from "./pull-gateway.ts";
import type { PortHandlers } from "./route-request.ts";
import { stateBusy } from "./state-directory.ts";

export interface AccountGatewayOptions {
  state: StateLayout;
  hub: Hub;
  pulls: PullLedger;
  variables: Readonly<Record<string, string | undefined>>;
  onNote(message: string): void;
  onDefect(error: unknown): void;
}

export interface AccountGateway {
  handlers: PortHandlers["gateway"];
  close(): Promise<void>;
}

/** Answers pulls from the gateway's part of the state directory. Throws CONFIG_STATE_BUSY where another one uses it. */
export async function openAccountGateway(options: AccountGatewayOptions): Promise<AccountGateway> {
  const { state, hub, pulls, variables, onNote, onDefect } = options;
  const simulated = ["docker.io", "public.ecr.aws"].flatMap((name) => {
    const url = hub.baseUrl(name);
    return url === `https://${name}` ? [] : [{ name, url }];
  });
  const configs = withWellKnown(simulated);
  const upstreams = await openUpstreamSettings(configs, { variables, directory: state.root, now: Date.now, onNote });
  const storage = openLocked(state, onDefect);
  const gateway = openPullGateway({
    ...{ configs, upstreams, storage, access: openAccess, waitMaximum: defaultWait, now: Date.now },
    sleep: (milliseconds) => setTimeout(milliseconds),
    observer: {
      onExchange: (exchange) => enterPull(pulls, exchange),
      onBudget: (upstream, { identity, remaining }) => onNote(`${identity} has ${remaining} pulls left at ${upstream}`),
      onLoginRefused: (upstream, identity) => onNote(`${upstream} refuses the login of ${identity}`),
      ...{ onNote, onDefect },
    },
  });
  const { serves, takes, handle } = gateway;
  return {
    handlers: {
      ...{ serves, takes },
      handle: (host, request, response) => handle(serves(host) ? host : undefined, request, response),
    },
    async close() {
      await gateway.close();
      await storage.close();
    },
  };
}

function openLocked(state: StateLayout, onDefect: (error: unknown) => void) {
  mkdirSync(state.gateway.root, { recursive: true, mode: 0o700 });
  const lock = takeProcessLock(state.gateway.lock);
  if (lock === undefined) throw stateBusy(state.gateway.lock, state.root);
  const storage = openLocalGatewayStorage(state.gateway, { now: Date.now, onDefect });
  return {
    ...storage,
    async close() {
      await storage.close();
      lock.release();
    },
  };
}
