// Real clients behind the one port's proxy, with the variables that a build gets and nothing else.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { type CertificateAuthority, openCertificateAuthority } from "../../src/server/certificate-authority.ts";
import { type OnePort, openOnePort } from "../../src/server/one-port.ts";
import { proxyVariables } from "../../src/server/proxy-variables.ts";
import type { PortHandlers } from "../../src/server/route-request.ts";

const run = promisify(execFile);
let home: string;
let authority: CertificateAuthority;
let port: OnePort;
let environment: Record<string, string>;

before(async () => {
  home = mkdtempSync(join(tmpdir(), "chubo-proxy-"));
  authority = await openCertificateAuthority(join(home, "ca"), { now: () => new Date() });
  port = await openOnePort({ host: "127.0.0.1", port: 0, authority, handlers, now: () => new Date() });
  environment = {
    PATH: `/usr/bin:/bin:${process.env.PATH}`,
    HOME: home,
    ...proxyVariables({ proxyUrl: port.url, bundleFile: authority.bundleFile }),
  };
});

after(async () => {
  await port.close();
  rmSync(home, { recursive: true, force: true });
});

const config = Buffer.from(
  JSON.stringify({ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [] } }),
);
const digestOf = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: digestOf(config), size: config.length },
    layers: [],
  }),
);

const handlers: PortHandlers = {
  aws: {
    handles: ({ headers }) => headers.authorization?.startsWith("AWS4-HMAC-SHA256") ?? false,
    servedHost: (host) => host.endsWith(".amazonaws.com"),
    async handle(request, response) {
      for await (const _ of request);
      response.setHeader("content-type", "text/xml").end(callerIdentity(request.headers.host ?? ""));
    },
  },
  registry: { servesHost: () => false, handle: async (_, response) => void response.writeHead(404).end() },
  gateway: { serves: (host) => host === "registry-1.docker.io", handle: answerAsDockerHub },
  internal: { handle: async (_, response) => void response.writeHead(404).end() },
};

function callerIdentity(host: string): string {
  const result = `<Arn>arn:aws:iam::123456789012:user/${host}</Arn><UserId>U</UserId><Account>123456789012</Account>`;
  return `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${result}</GetCallerIdentityResult></GetCallerIdentityResponse>`;
}

async function answerAsDockerHub(_: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === "/v2/") return void response.end("{}");
  if (request.url?.endsWith(`/blobs/${digestOf(config)}`)) return void response.end(config);
  if (request.url?.startsWith("/v2/library/httpd/manifests/")) {
    response.setHeader("content-type", "application/vnd.oci.image.manifest.v1+json");
    return void response.setHeader("docker-content-digest", digestOf(manifest)).end(manifest);
  }
  response.writeHead(404).end();
}

test("curl reaches a served host under its real name", async () => {
  const { stdout } = await run("curl", ["-sS", "--fail", "https://registry-1.docker.io/v2/"], { env: environment });
  assert.equal(stdout, "{}");
});

test("curl without the authority's certificate refuses", async () => {
  const env = { ...environment, CURL_CA_BUNDLE: "/etc/ssl/certs/ca-certificates.crt" };
  await assert.rejects(run("curl", ["-sS", "https://registry-1.docker.io/v2/"], { env }), { code: 60 });
});

test("skopeo inspects an image of the real Docker Hub's name", async () => {
  const { stdout } = await run("skopeo", ["inspect", "--no-tags", "docker://httpd:2.4"], { env: environment });
  assert.equal(JSON.parse(stdout).Name, "docker.io/library/httpd");
  assert.equal(JSON.parse(stdout).Digest, digestOf(manifest));
});

test("the AWS CLI reaches a service under its real name", async () => {
  const env = { ...environment, AWS_ACCESS_KEY_ID: "AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" };
  const { stdout } = await run("aws", ["sts", "get-caller-identity", "--region", "eu-west-1"], { env });
  assert.equal(JSON.parse(stdout).Arn, "arn:aws:iam::123456789012:user/sts.eu-west-1.amazonaws.com");
});

test("Python's own HTTP client reaches a served host", async () => {
  const program = "import urllib.request as r; print(r.urlopen('https://registry-1.docker.io/v2/').read().decode())";
  const { stdout } = await run("python3", ["-c", program], { env: environment });
  assert.equal(stdout.trim(), "{}");
});

test("Node's fetch reaches a served host", async () => {
  const program = "fetch('https://registry-1.docker.io/v2/').then((r) => r.text()).then(console.log)";
  const { stdout } = await run(process.execPath, ["-e", program], { env: environment });
  assert.equal(stdout.trim(), "{}");
});

test("curl's requests for plain HTTP hosts and its tunnels are passed on and counted", async () => {
  const origin = createServer((request, response) => void response.end(`origin ${request.url}`));
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  const to = (origin.address() as AddressInfo).port;
  const env = { ...environment, no_proxy: "", NO_PROXY: "" };
  try {
    for (const [tunnelled, kind] of [
      [[], "forward"],
      [["--proxytunnel"], "tunnel"],
    ] as const) {
      const { stdout } = await run("curl", ["-sS", ...tunnelled, `http://127.0.0.1:${to}/a?b`], { env });
      assert.equal(stdout, "origin /a?b");
      const record = port.tunnels().find((one) => one.port === to && one.kind === kind);
      assert.ok(record && record.bytesDown >= stdout.length, `${kind} is counted`);
    }
  } finally {
    await new Promise((resolve) => origin.close(resolve));
  }
});

test("OpenSSL finds nothing wrong with the certificates by its strict rules", async () => {
  const address = port.url.replace("http://", "");
  const host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
  const client = ["s_client", "-proxy", address, "-connect", `${host}:443`, "-servername", host, "-x509_strict"];
  const checks = ["-verify_return_error", "-verify_hostname", host, "-CAfile", authority.caFile, "-no-CApath"];
  const opened = run("openssl", [...client, ...checks], { env: environment });
  opened.child.stdin?.end();
  assert.match((await opened).stdout, /Verification: OK/);
});

test("processes that start at once in one directory end with one authority", async () => {
  const directory = join(home, "shared");
  const module = join(import.meta.dirname, "..", "..", "src", "server", "certificate-authority.ts");
  const program = `const { openCertificateAuthority } = await import(${JSON.stringify(module)});
    console.log((await openCertificateAuthority(${JSON.stringify(directory)}, { now: () => new Date() })).caPem.trim())`;
  const args = ["--input-type=module", "-e", program];
  const all = await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, args)));
  assert.deepEqual(
    new Set(all.map(({ stdout }) => stdout)),
    new Set([readFileSync(join(directory, "ca.pem"), "utf8")]),
  );
});
