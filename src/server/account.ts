import { randomUUID } from "node:crypto";
import { type AwsApi, createAwsApi } from "../aws-api/aws-api.ts";
import { isAwsRequest, servedAwsHost } from "../aws-api/identify-service.ts";
import type { Principal } from "../aws-api/service.ts";
import type { DockerHubAccount } from "../docker-hub/account-tier.ts";
import { createGateway } from "../gateway/gateway.ts";
import { openMemoryPullLedger } from "../gateway/memory-pull-ledger.ts";
import type { PullLedger } from "../gateway/pull-ledger.ts";
import { type CloudFormation, openCloudFormation } from "../services/cloudformation/cloudformation.ts";
import { cloudFormationOperations } from "../services/cloudformation/operations.ts";
import type { StackEvent } from "../services/cloudformation/stack.ts";
import { type CodeBuild, openCodeBuild } from "../services/codebuild/codebuild.ts";
import type { BuildObserver } from "../services/codebuild/collaborators.ts";
import { codeBuildOperations } from "../services/codebuild/operations.ts";
import { createEcr, parseRegistryHost } from "../services/ecr/ecr.ts";
import type { EcrPushEvent } from "../services/ecr/ecr-store.ts";
import { openEcsStore } from "../services/ecs/ecs-store.ts";
import { ecsOperations } from "../services/ecs/operations.ts";
import { createAuthorizer } from "../services/iam/authorize.ts";
import { createDecisionLog, type DecisionLog } from "../services/iam/decision-log.ts";
import { createIamId } from "../services/iam/iam-id.ts";
import { type IamStore, openIamStore } from "../services/iam/iam-store.ts";
import { iamOperations } from "../services/iam/operations.ts";
import { findRolePolicies, findRoleRecord } from "../services/iam/role.ts";
import { trusts } from "../services/iam/trust-policy.ts";
import { openLogsStore } from "../services/logs/logs-store.ts";
import { logsOperations } from "../services/logs/operations.ts";
import { createS3 } from "../services/s3/s3.ts";
import { secretsManagerOperations } from "../services/secretsmanager/operations.ts";
import { stsOperations } from "../services/sts/operations.ts";
import { openSts } from "../services/sts/sts.ts";
import { openFileContentStore } from "../store/file-content-store.ts";
import { holdContent } from "../store/held-content.ts";
import { openSecretBox } from "../store/secret-box.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { openBuildEnvironments } from "./build-environments.ts";
import { openBuildLogs } from "./build-logs.ts";
import { openCertificateAuthority } from "./certificate-authority.ts";
import { openHub } from "./hub.ts";
import { type OnePort, openOnePort } from "./one-port.ts";
import { resourceProviders } from "./resource-providers/resource-providers.ts";
import type { StateDirectory } from "./state-directory.ts";

export interface AccountOptions {
  state: StateDirectory;
  account: string;
  region: string;
  port: number;
  /** Take the next free port where this one is busy. */
  nextFree: boolean;
  environment: "auto" | "host" | "container";
  engine: "auto" | "docker" | "podman";
  hub: { kind: "live" } | { kind: "simulated"; remaining?: number; accounts: readonly DockerHubAccount[] };
  /** PATH of the caller, to look for engines in. */
  path: string;
  /** Parent of the builds' private directories. */
  temporaryDirectory: string;
  buildObserver: BuildObserver;
  onStackEvent(event: StackEvent): void;
  onDefect(error: unknown): void;
}

/** A local AWS account with its server: all parts, wired. */
export interface Account {
  id: string;
  region: string;
  port: OnePort;
  bundleFile: string;
  api: AwsApi;
  root: Principal;
  cloudFormation: CloudFormation;
  codeBuild: CodeBuild;
  iam: IamStore;
  decisions: DecisionLog;
  pulls: PullLedger;
  pushes: readonly EcrPushEvent[];
  /** True where a role may do this; asked without leaving a trace in the decisions. */
  mayRole(roleName: string, action: string, resource: string): boolean;
  /** Ends builds and connections; the state stays. */
  close(): Promise<void>;
}

/** Opens an account: the only place that plugs the parts together. */
export async function openAccount(options: AccountOptions): Promise<Account> {
  const { state, account, region, onDefect } = options;
  const now = () => new Date();
  const newRequestId = () => randomUUID();
  const authority = openCertificateAuthority(state.ca, { now });
  const hub = openHub(options.hub);
  const store = openSqliteStore(state.database);
  const box = openSecretBox(state.secretKey);
  const content = holdContent(store, openFileContentStore(state));
  const iam = openIamStore(store);
  const decisions = createDecisionLog();
  const findPolicies = (roleName: string) => findRolePolicies(iam, roleName);
  const authorizer = createAuthorizer({ findRolePolicies: findPolicies, decisions, now });
  const sts = openSts({ account, now, roles: { findRole: (arn) => assumable(iam, arn), trusts } });
  const root: Principal = { arn: `arn:aws:iam::${account}:root`, account, userId: account };

  const pushes: EcrPushEvent[] = [];
  const ecr = createEcr({
    ...{ store, content, account, region, authorizer, now, newRequestId, onDefect },
    secretBox: box,
    isLive: sts.isLive,
    onPush: (event) => void pushes.push(event),
  });
  const pulls = openMemoryPullLedger();
  const logs = openLogsStore(store);
  // Services that call others get the API that is made of them all.
  const services: Record<string, object> = {};
  const api = createAwsApi({ services, credentials: sts, authorizer, account, region, now, newRequestId, onDefect });
  const call = <Output>(service: string, operation: string, input: object) =>
    api.call<Output>(service, operation, input, root);
  const environments = openBuildEnvironments(options);
  const codeBuild = openCodeBuild({
    ...{ store, region, account, onDefect },
    secretBox: box,
    collaborators: {
      roles: {
        assume: (roleArn, sessionName) =>
          sts.assumeServiceRole({
            roleArn,
            sessionName,
            service: "codebuild.amazonaws.com",
            durationSeconds: 36 * 3600,
          }),
        revoke: sts.revoke,
      },
      call: api.call,
      openLog: openBuildLogs({ logs, authorizer, account, region, now, newRequestId }),
      openEnvironment: (request) => environments.open(request),
      observer: options.buildObserver,
      now,
      random: Math.random,
      newUuid: newRequestId,
    },
  });
  const cloudFormation = openCloudFormation({
    ...{ store, box, account, region, now, onDefect },
    providers: resourceProviders(call),
    newUuid: newRequestId,
    onEvent: options.onStackEvent,
  });
  Object.assign(services, {
    sts: stsOperations(sts),
    iam: iamOperations({ iam, createId: createIamId, now }),
    secretsmanager: secretsManagerOperations({
      store,
      box,
      now,
      newUuid: newRequestId,
      newSuffix: () => randomUUID().slice(0, 6),
    }),
    s3: createS3({ store, content, now, newId: newRequestId }).operations,
    ecr: ecr.operations,
    ecs: ecsOperations({ ecs: openEcsStore(store), now }),
    logs: logsOperations({ logs, now }),
    codebuild: codeBuildOperations(codeBuild, now),
    cloudformation: cloudFormationOperations(cloudFormation, now),
  });

  const { baseUrl, close: closeHub } = await hub;
  const gateway = createGateway({ baseUrl, ledger: pulls, now: Date.now });
  const port = await openOnePort({
    host: "127.0.0.1",
    port: options.port,
    nextFree: options.nextFree,
    authority: await authority,
    now,
    onDefect: (error) => onDefect(error),
    handlers: {
      aws: {
        handles: isAwsRequest,
        servedHost: (host) => services[servedAwsHost(host) ?? ""] !== undefined,
        handle: api.handle,
      },
      registry: {
        servesHost: (host) => parseRegistryHost(host)?.registryId === account,
        handle: ecr.handleRegistryRequest,
      },
      gateway,
      internal: {
        async handle(_request, response) {
          response.writeHead(404, { "content-type": "text/plain" }).end("The console is not built yet.\n");
        },
      },
    },
  }).catch(async (error: unknown) => {
    await closeHub();
    store.close();
    throw error;
  });
  const { bundleFile } = await authority;
  environments.connect({ proxyUrl: port.url, bundleFile });
  return {
    ...{ id: account, region, port, bundleFile, api, root, cloudFormation, codeBuild, iam, decisions, pulls, pushes },
    mayRole: (roleName, action, resource) => mayRole(iam, { account, region, now }, roleName, action, resource),
    async close() {
      await codeBuild.shutdown();
      await port.close();
      gateway.close();
      await closeHub();
      store.close();
    },
  };
}

function assumable(iam: IamStore, arn: string) {
  const role = findRoleRecord(iam, arn);
  if (role === undefined) return undefined;
  const { roleId, roleName, maxSessionDuration, assumeRolePolicyDocument } = role;
  return { arn: role.arn, roleId, name: roleName, maxSessionDuration, trustPolicy: assumeRolePolicyDocument };
}

function mayRole(
  iam: IamStore,
  { account, region, now }: { account: string; region: string; now(): Date },
  roleName: string,
  action: string,
  resource: string,
): boolean {
  const asked = createAuthorizer({
    findRolePolicies: (name) => findRolePolicies(iam, name),
    decisions: createDecisionLog(),
    now,
  });
  const [service = "", operation = ""] = action.split(":");
  const roleId = findRoleRecord(iam, roleName)?.roleId ?? "";
  const principal = {
    arn: `arn:aws:sts::${account}:assumed-role/${roleName}/asked`,
    account,
    userId: `${roleId}:asked`,
    roleName,
  };
  const context = { service, operation, requestId: "", region, account, principal };
  return asked.authorize(context, [{ action, resource }]) === undefined;
}
