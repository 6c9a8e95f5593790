import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateRepositoryCommand, ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { stateLayout } from "../../src/store/state-layout.ts";
import { type ServerProcess, startServer } from "../server-process.ts";
import type { RegistryPlace } from "./registry-client.ts";

export interface BenchRegistry {
  place: RegistryPlace;
  /** Nothing can be pushed to it: it pulls what Distribution has. */
  isGateway?: boolean;
  server: ServerProcess;
  /** Takes a blob's file away behind the registry's back. */
  removeContent(digest: string): void;
}

const repository = "bench/app";
const region = "us-east-1";

/** CNCF Distribution with Debian's configuration, but for the place of its files, the port and the missing login. */
export async function startDistribution(program: string, directory: string): Promise<BenchRegistry> {
  const root = join(directory, "distribution");
  mkdirSync(root);
  const file = join(root, "config.yml");
  // The address comes by its variable, since the port is not known yet.
  writeFileSync(
    file,
    `version: 0.1
storage:
  cache: {blobdescriptor: inmemory}
  filesystem: {rootdirectory: ${join(root, "content")}}
  delete: {enabled: true}
http: {headers: {X-Content-Type-Options: [nosniff]}}
health: {storagedriver: {enabled: true, interval: 10s, threshold: 3}}
`,
  );
  const words = ["env", "REGISTRY_HTTP_ADDR=127.0.0.1:{port}", program, "serve", file];
  const server = await startServer(words, { path: "/v2/" });
  const blobs = join(root, "content", "docker", "registry", "v2", "blobs", "sha256");
  const place = { origin: server.origin, repository, headers: {} };
  return { place, server, removeContent: (digest) => rmSync(join(blobs, ...pathOf(digest), "data")) };
}

/** `chubo up`, pulled from with the token of a role's session, so that each request is decided by the role's policies. */
export async function startChubo(
  program: string,
  state: string,
  flags: readonly string[] = [],
): Promise<BenchRegistry> {
  const words = [process.execPath, ...flags, program, "up", "--state", state, "--port", "{port}"];
  const server = await startServer(words, { path: "/v2/" });
  const authorization = await logIn(server.origin);
  const blobs = join(stateLayout(state).content, "sha256");
  const place = { origin: server.origin, repository, headers: { authorization } };
  return { place, server, removeContent: (digest) => rmSync(join(blobs, ...pathOf(digest))) };
}

/** `chubo gateway` over the other registry, which takes the part of Docker Hub. */
export async function startGateway(program: string, state: string, upstream: RegistryPlace): Promise<BenchRegistry> {
  const words = [process.execPath, program, "gateway", "--state", state, "--listen", "127.0.0.1:{port}"];
  const server = await startServer([...words, "--upstream", `docker.io=${upstream.origin}`], { path: "/healthz" });
  const place = { origin: server.origin, repository: `docker.io/${upstream.repository}`, headers: {} };
  const removeContent = () => {
    throw new Error("nothing is pushed to a gateway");
  };
  return { place, server, removeContent, isGateway: true };
}

function pathOf(digest: string): [string, string] {
  const hex = digest.slice("sha256:".length);
  return [hex.slice(0, 2), hex];
}

async function logIn(endpoint: string): Promise<string> {
  const root = { endpoint, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  const iam = new IAMClient(root);
  const statement = { Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" };
  const role = await iam.send(
    new CreateRoleCommand({
      RoleName: "bench",
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
    }),
  );
  const PolicyArn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser";
  await iam.send(new AttachRolePolicyCommand({ RoleName: "bench", PolicyArn }));
  const assume = new AssumeRoleCommand({ RoleArn: role.Role?.Arn, RoleSessionName: "bench" });
  const { Credentials: credentials } = await new STSClient(root).send(assume);
  await new ECRClient(root).send(new CreateRepositoryCommand({ repositoryName: repository }));
  const ecr = new ECRClient({
    ...root,
    credentials: {
      accessKeyId: credentials?.AccessKeyId ?? "",
      secretAccessKey: credentials?.SecretAccessKey ?? "",
      sessionToken: credentials?.SessionToken ?? "",
    },
  });
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  return `Basic ${authorizationData?.[0]?.authorizationToken}`;
}
