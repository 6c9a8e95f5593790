import { randomUUID } from "node:crypto";
import { availableParallelism, totalmem } from "node:os";
import { type AwsApi, createAwsApi, type OperationSource, type OperationTable } from "../aws-api/aws-api.ts";
import { servedAwsHost } from "../aws-api/aws-host.ts";
import type { Principal } from "../aws-api/service.ts";
import { isAwsRequest } from "../aws-api/signature.ts";
import type { DockerClient } from "../containers/docker-client.ts";
import type { DockerHubAccount } from "../docker-hub/account-tier.ts";
import { createForwardingGateway } from "../gateway/forward/forwarding-gateway.ts";
import { openMemoryPullLedger } from "../gateway/forward/memory-pull-ledger.ts";
import type { PullLedger } from "../gateway/forward/pull-ledger.ts";
import { type CloudFormation, openCloudFormation } from "../services/cloudformation/cloudformation.ts";
import type { StackEvent } from "../services/cloudformation/stack.ts";
import { openLocalCaches } from "../services/codebuild/cache/local-caches.ts";
import { type CodeBuild, openCodeBuild } from "../services/codebuild/codebuild.ts";
import type { BuildObserver } from "../services/codebuild/collaborators.ts";
import { codeBuildOperations } from "../services/codebuild/operations.ts";
import type { Ecr } from "../services/ecr/ecr.ts";
import type { EcrPushEvent } from "../services/ecr/ecr-store.ts";
import { parseRegistryHost } from "../services/ecr/registry-host.ts";
import { createIam, type Iam } from "../services/iam/iam.ts";
import { createLogs } from "../services/logs/logs.ts";
import { createS3 } from "../services/s3/s3.ts";
import { stsOperations } from "../services/sts/operations.ts";
import { openSts, type Sts } from "../services/sts/sts.ts";
import { openFileContentStore } from "../store/file-content-store.ts";
import { holdContent } from "../store/held-content.ts";
import { openSecretBox, type SecretBox } from "../store/secret-box.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { isStorageFull } from "../store/storage-full.ts";
import type { Store } from "../store/store.ts";
import type { AccountGateway } from "./account-gateway.ts";
import { answerText } from "./answer-text.ts";
import { authorizeCodeBuild } from "./authorize-codebuild.ts";
import { openBuildEnvironments } from "./build-environments.ts";
import { openBuildLogs } from "./build-logs.ts";
import { type CertificateAuthority, openCertificateAuthority } from "./certificate-authority.ts";
import { concurrentBuildsOf } from "./concurrent-builds.ts";
import { openEcrUpstreams, readSecret } from "./ecr-upstreams.ts";
import { type Hub, openHub } from "./hub.ts";
import { loadOnce } from "./load-once.ts";
import { type OnePort, openOnePort } from "./one-port.ts";
import type { ProjectFile } from "./project-file.ts";
import { resourceProviders } from "./resource-providers/resource-providers.ts";
import { findSourceDirectory, type SourceStandIn } from "./source-stand-in.ts";
import type { StateDirectory } from "./state-directory.ts";
import { dynamicReferences, findStoredParameter, readTemplateUrl } from "./template-inputs.ts";

export interface AccountOptions {
  state: StateDirectory;
  /** False for an account that is discarded in the end: it need not outlive a loss of power. */
  durable: boolean;
  account: string;
  region: string;
  port: number;
  /** Take the next free port where this one is busy. */
  nextFree: boolean;
  environment: "auto" | "host" | "container";
  engine: "auto" | "docker" | "podman";
  hub: { kind: "live" } | { kind: "simulated"; remaining?: number; accounts: readonly DockerHubAccount[] };
  /** Pulls go through the pull-through gateway of the state directory, in place of being passed on. */
  gateway: boolean;
  /** Of the caller, where the gateway looks for accounts. */
  variables: Readonly<Record<string, string | undefined>>;
  /** PATH of the caller, to look for engines in. */
  path: string;
  /** The docker clients on that path, and in the system's directories. */
  dockerClients(): Promise<readonly DockerClient[]>;
  projectFile: ProjectFile;
  /** What stands in for repositories. */
  sources?: readonly SourceStandIn[];
  /** Parent of the builds' private directories. */
  temporaryDirectory: string;
  buildObserver: BuildObserver;
  onStackEvent(event: StackEvent): void;
  onNote(message: string): void;
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
  iam: Iam;
  pulls: PullLedger;
  pushes: readonly EcrPushEvent[];
  /** For the build that the caller is about to start. */
  startEngineAhead(): void;
  /** Ends builds and connections; the state stays. */
  close(): Promise<void>;
}

/** The records of an account and the parts that nothing else is needed for. */
interface Ground {
  store: Store;
  box: SecretBox;
  iam: Iam;
  sts: Sts;
  root: Principal;
  now(): Date;
  newUuid(): string;
}

/** Milliseconds between the sweeps of images that a lifecycle policy expires. */
const expiryInterval = 3600 * 1000;

/** Opens an account: the only place that plugs the parts together. */
export async function openAccount(options: AccountOptions): Promise<Account> {
  const ground = openGround(options);
  const environments = openBuildEnvironments(options);
  const [authority, hub] = await Promise.all([
    openCertificateAuthority(options.state.ca, { now: ground.now }),
    openHub(options.hub),
  ]);
  const pulls = openMemoryPullLedger();
  const gateway = await openGateway(options, hub, pulls);
  const parts = openServices(options, ground, { openEnvironment: environments.open, hub, pulls });
  const stopExpiry = startExpiry(parts.ecr, options.onDefect);
  const close = async () => {
    stopExpiry();
    await gateway.close();
    await hub.close();
    ground.store.close();
  };
  let port: OnePort;
  try {
    port = await openPort(options, { ...parts, authority, gateway, now: ground.now });
  } catch (error) {
    await close();
    throw error;
  }
  const prepare = () => void prepareForDocker(options, parts.api, authority).catch(options.onDefect);
  environments.connect({ proxyUrl: port.url, bundleFile: authority.bundleFile, prepare });
  const { api, cloudFormation, codeBuild, pushes } = parts;
  const { account: id, region } = options;
  const { root, iam } = ground;
  return {
    ...{ id, region, port, bundleFile: authority.bundleFile, api, root, cloudFormation, codeBuild, iam, pulls, pushes },
    startEngineAhead: environments.startEngineAhead,
    async close() {
      await codeBuild.shutdown();
      await environments.close();
      await port.close();
      await cloudFormation.whenIdle();
      await close();
    },
  };
}

/** By default a pull is passed on as it is, so that a run shows who pulls as whom and what a limit does to it. */
async function openGateway(options: AccountOptions, hub: Hub, pulls: PullLedger): Promise<AccountGateway> {
  if (!options.gateway) {
    const handlers = createForwardingGateway({ baseUrl: hub.baseUrl, ledger: pulls, now: Date.now });
    return { handlers, close: async () => handlers.close() };
  }
  const { openAccountGateway } = await import("./account-gateway.ts");
  return openAccountGateway({ ...options, hub, pulls });
}

/** TLS, a certificate, and the two services that a login to ECR calls. */
async function prepareForDocker(
  { account, region }: AccountOptions,
  api: AwsApi,
  authority: CertificateAuthority,
): Promise<void> {
  await authority.secureContextFor(`${account}.dkr.ecr.${region}.amazonaws.com`);
  await api.prepare(["ecr", "sts"]);
}

function startExpiry(ecr: () => Promise<Ecr>, onDefect: (error: unknown) => void): () => void {
  const expire = () => ecr().then(({ expireImages }) => expireImages());
  const timer = setInterval(() => void expire().catch(onDefect), expiryInterval);
  timer.unref();
  return () => clearInterval(timer);
}

function openGround({ state, durable, account }: AccountOptions): Ground {
  const now = () => new Date();
  const store = openSqliteStore(state.database, { durable });
  const iam = createIam({ store, now });
  return {
    ...{ store, iam, now },
    box: openSecretBox(state.secretKey),
    sts: openSts({ account, now, roles: iam.roles }),
    root: { arn: `arn:aws:iam::${account}:root`, account, userId: account },
    newUuid: randomUUID,
  };
}

interface Services {
  api: AwsApi;
  ecr(): Promise<Ecr>;
  cloudFormation: CloudFormation;
  codeBuild: CodeBuild;
  pushes: EcrPushEvent[];
  names: readonly string[];
}

interface Surroundings {
  openEnvironment: ReturnType<typeof openBuildEnvironments>["open"];
  hub: Hub;
  pulls: PullLedger;
}

function openServices(
  options: AccountOptions,
  ground: Ground,
  { openEnvironment, hub, pulls }: Surroundings,
): Services {
  const { account, region, state, onDefect } = options;
  const { store, box, iam, sts, root, now, newUuid } = ground;
  const { authorizer } = iam;
  const files = openFileContentStore(state, { durable: options.durable, sweepsAtOpen: false });
  const content = holdContent(store, files, now);
  const pushes: EcrPushEvent[] = [];
  const ecr = loadOnce(async () =>
    (await import("../services/ecr/ecr.ts")).createEcr({
      ...{ store, content, account, region, authorizer, now, onDefect },
      secretBox: box,
      newRequestId: newUuid,
      upstreams: openEcrUpstreams({ hub, pulls, readSecret: (arn) => readSecret(api, root, arn) }),
      isLive: sts.isLive,
      onPush: (event) => void pushes.push(event),
    }),
  );
  const logs = createLogs({ store, now });
  // Services that call others get the API that is made of them all.
  const services: Record<string, OperationSource> = {};
  const api = createAwsApi({
    ...{ services, credentials: sts, authorizer, account, region, now, onDefect, isStorageFull },
    newRequestId: newUuid,
  });
  const codeBuild = openCodeBuild({
    ...{ store, region, account, onDefect },
    secretBox: box,
    concurrentBuilds: concurrentBuildsOf({ processors: availableParallelism(), memory: totalmem() }),
    collaborators: {
      roles: { assume: (roleArn, sessionName) => assumeForBuild(sts, roleArn, sessionName), revoke: sts.revoke },
      call: api.call,
      openLog: openBuildLogs({ logs, authorizer, account, region, newRequestId: newUuid }),
      ...{ openEnvironment, localCaches: openProjectCaches(state) },
      authorize: authorizeCodeBuild(options, ground),
      sources: {
        findDirectory: (source) => findSourceDirectory(options.sources ?? [], source),
        ...{ path: options.path, temporaryDirectory: options.temporaryDirectory },
      },
      observer: options.buildObserver,
      random: Math.random,
      ...{ now, newUuid },
    },
  });
  const cloudFormation = openCloudFormation({
    ...{ store, now, newUuid, onDefect },
    secretBox: box,
    // With the permissions of whoever makes the stack, as on AWS.
    providersFor: ({ principal, region }) =>
      resourceProviders((service, operation, input) => api.call(service, operation, input, principal, region)),
    onEvent: options.onStackEvent,
    dynamicReferences: (caller) => dynamicReferences(api, caller),
    findStoredParameter: (name, caller) => findStoredParameter(api, name, caller),
    readTemplateUrl: (url, caller) => readTemplateUrl(api, url, caller),
  });
  Object.assign(services, {
    sts: stsOperations(sts),
    iam: iam.operations,
    s3: createS3({ store, content, now, newId: newUuid }).operations,
    logs: logs.operations,
    codebuild: codeBuildOperations(codeBuild, now),
    cloudformation: cloudFormation.operations,
    // The ones that many a run does without are loaded with their first call.
    ecr: async () => (await ecr()).operations,
    ecs: loadOnce(async () => (await import("../services/ecs/ecs.ts")).createEcs({ store, now }).operations),
    secretsmanager: loadOnce(() => loadSecretsManager(ground)),
    ssm: loadOnce(async () => (await import("../services/ssm/operations.ts")).ssmOperations({ store, box, now })),
  } satisfies Record<string, OperationSource>);
  return { api, ecr, cloudFormation, codeBuild, pushes, names: Object.keys(services) };
}

async function loadSecretsManager({ store, box, now, newUuid }: Ground): Promise<OperationTable> {
  const { secretsManagerOperations } = await import("../services/secretsmanager/operations.ts");
  return secretsManagerOperations({ store, box, now, newUuid, newSuffix: () => newUuid().slice(0, 6) });
}

/** Bytes of a project's local cache; one that has grown larger is removed. */
const mostLocalCache = 10 * 1024 ** 3;

function openProjectCaches({ buildCaches: directory }: StateDirectory) {
  return openLocalCaches({ directory, mostBytes: mostLocalCache });
}

/** As long as a build may last at the most. */
const buildSessionSeconds = 36 * 3600;

function assumeForBuild(sts: Sts, roleArn: string, sessionName: string) {
  const service = "codebuild.amazonaws.com";
  return sts.assumeServiceRole({ roleArn, sessionName, service, durationSeconds: buildSessionSeconds });
}

const consoleRefusal =
  "there is no console yet. This port is an AWS endpoint (aws --endpoint-url), a container registry (/v2/) and an HTTPS " +
  "proxy for builds; `chubo up` prints how to use each, and builds, logs and stacks can be read with the aws command.";

interface PortParts extends Services {
  authority: Awaited<ReturnType<typeof openCertificateAuthority>>;
  gateway: AccountGateway;
  now(): Date;
}

function openPort(options: AccountOptions, { api, ecr, names, authority, gateway, now }: PortParts): Promise<OnePort> {
  const { account, port, nextFree, onDefect } = options;
  return openOnePort({
    ...{ host: "127.0.0.1", port, nextFree, authority, now },
    onDefect: (error) => onDefect(error),
    handlers: {
      aws: {
        handles: isAwsRequest,
        servedHost: (host) => servedAwsHost(host, names) !== undefined,
        handle: api.handle,
      },
      registry: {
        servesHost: (host) => parseRegistryHost(host)?.registryId === account,
        handle: async (request, response) => (await ecr()).handleRegistryRequest(request, response),
      },
      gateway: gateway.handlers,
      internal: {
        async handle(request, response) {
          request.resume();
          answerText(response, 404, consoleRefusal);
        },
      },
    },
  });
}
