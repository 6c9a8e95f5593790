import { proxyVariables } from "../server/proxy-variables.ts";

export interface UpPlace {
  /** `http://127.0.0.1:4566` */
  url: string;
  account: string;
  region: string;
  /** PEM file of the system's roots and the port's own CA. */
  bundleFile: string;
}

/**
 * What to paste into a shell so that programs use the server; comments begin with `#`. Everything but AWS_ENDPOINT_URL
 * is for the real host names, which docker, podman and skopeo know no other way around.
 */
export function formatUpInstructions({ url, account, region, bundleFile }: UpPlace): string[] {
  const registry = `${account}.dkr.ecr.${region}.amazonaws.com`;
  const variables = proxyVariables({ proxyUrl: url, bundleFile });
  const wanted = ["HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "AWS_CA_BUNDLE"];
  const proxy = wanted.map((name): [string, string] => [name, variables[name] as string]);
  const assignments = proxy.map(([name, value]) => `${name}=${quoteForShell(value)}`);
  const forDaemon = proxy.filter(([name]) => !name.startsWith("AWS_"));
  const login = (client: string) =>
    `aws ecr get-login-password | ${client} login --username AWS --password-stdin ${registry}`;
  return [
    "# credentials, for all of AWS's tools:",
    `export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    "",
    "# aws 2.13, 1.29, boto3 1.28 or later, and SDKs need no more than this:",
    `export AWS_ENDPOINT_URL=${url}`,
    "",
    "# older ones, podman and skopeo use the real host names, through the proxy:",
    ...assignments.map((assignment) => `export ${assignment}`),
    login("podman"),
    login("skopeo"),
    "",
    "# docker does so where its daemon has the proxy: /etc/systemd/system/docker.service.d/chubo.conf with these lines,",
    "# then systemctl daemon-reload && systemctl restart docker",
    "    [Service]",
    ...forDaemon.map(([name, value]) => `    Environment=${quoteForSystemd(`${name}=${value}`)}`),
    login("docker"),
    "",
    "# docker with its daemon as it is: this address in place of the registry's name",
    `aws ecr get-login-password | docker login --username AWS --password-stdin ${new URL(url).host}`,
  ];
}

function quoteForShell(text: string): string {
  return /^[\w./:,@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Environment= : `%` begins a specifier. */
function quoteForSystemd(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&").replaceAll("%", "%%")}"`;
}
